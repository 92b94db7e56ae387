/** What is known of the results that a page is written of, and what writers of its tables give. */
import type { ColumnTable, PageRun } from '../../page/data.js';

/** A result as its folder has it. */
export interface PageResult {
  readonly folder: string;
  readonly commands: PageRun['commands'];
  /** The content of summary.json, as far as the page reads it. */
  readonly summary: {
    readonly seed: number;
    readonly variant?: string;
    readonly time_ns: number;
    readonly rounds: number;
    readonly events: number;
    readonly final: Readonly<Record<string, number | string>>;
    readonly traffic: Readonly<Record<'messages' | 'bytes' | 'parts', Readonly<Record<string, number>>>>;
    readonly scenario: Readonly<Record<string, unknown>>;
    readonly machine: { readonly file?: string };
    readonly spans?: number;
  };
}

/** Makes tables of a result, by their names without the run's index. None where the result has no data for them. */
export type TableGroup = (
  result: PageResult,
) => Readonly<Record<string, ColumnTable>> | Promise<Readonly<Record<string, ColumnTable>>>;
