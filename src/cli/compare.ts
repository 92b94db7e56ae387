/** `mycel compare`: results beside each other, with confidence intervals and paired differences. */
import { writeFileSync } from 'node:fs';
import { stringify } from 'csv-stringify/sync';
import { quoted, UsageError } from '../errors.js';
import { orUnwritable } from '../report/output-file.js';
import { estimate } from '../report/statistics.js';
import type { Cell } from '../report/tables.js';
import { collectResults } from './collect.js';
import { comparison, differenceOf, type Group, groupsOf } from './comparison.js';
import { finalOf } from './figures.js';

/** Options of `mycel compare` as commander gives them. */
export interface CompareFlags {
  readonly format: 'terminal' | 'markdown' | 'csv';
  /** The variant that others are compared with. Default: the first. */
  readonly against?: string;
  /** A metric of the whole run that the table is to have. */
  readonly metric?: string;
  readonly out?: string;
}

/** Writes the table of the results in and below the folders. */
export function compareCommand(folders: readonly string[], flags: CompareFlags): void {
  const { format, against, metric, out } = flags;
  const results = collectResults(folders);
  const groups = groupsOf(results);
  if (against !== undefined && !groups.some(({ name }) => name === against)) {
    const names = groups.map(({ name }) => name).join(', ');
    throw new UsageError('unknown-variant', `--against: expected one of ${names}, got ${quoted(against)}`);
  }
  const metrics = metricsOf(groups).map((figure) => figure.metric);
  if (metric !== undefined && !metrics.includes(metric))
    throw new UsageError(
      'unknown-metric',
      `--metric: expected one of ${metrics.join(', ')}, got ${quoted(metric)}`,
    );
  const text =
    format === 'csv'
      ? stringify(rowsOf(groups, against))
      : `${comparison(results, { against, metric, form: format === 'markdown' ? 'markdown' : 'text' })}\n`;
  if (out === undefined) console.log(text.trimEnd());
  else orUnwritable(out, () => writeFileSync(out, text));
}

/** The header and a row for each variant and metric: raw numbers, shares as shares, bytes, nanoseconds. */
function rowsOf(groups: readonly Group[], against: string | undefined): Cell[][] {
  const base = groups.find(({ name }) => name === against) ?? groups[0]!;
  const rows = groups.flatMap((group) =>
    [...FIGURES, ...metricsOf(groups)].map(({ metric, of }) => rowOf(group, base, { metric, of })),
  );
  return [[...HEADER], ...rows.map((row) => HEADER.map((_, column) => row[column]))];
}

const HEADER = [
  ...['variant', 'metric', 'seeds', 'mean', 'ci95', 'against'],
  ...['difference', 'difference_ci95', 'seeds_compared', 'seeds_that_agree'],
] as const;

/** A number of every result. */
interface Figure {
  readonly metric: string;
  readonly of: (result: Group['results'][number]) => number | undefined;
}

const FIGURES: readonly Figure[] = [
  { metric: 'sent_bytes', of: ({ summary }) => summary.traffic.bytes.sent },
  { metric: 'time_ns', of: ({ summary }) => summary.time_ns },
  { metric: 'rounds', of: ({ summary }) => summary.rounds },
  { metric: 'gradient_steps', of: ({ summary }) => summary.work.gradient_steps },
  { metric: 'flops', of: ({ summary }) => summary.work.flops },
  { metric: 'bytes_to_target', of: ({ summary }) => summary.target?.sent_bytes },
  { metric: 'time_to_target_ns', of: ({ summary }) => summary.target?.time_ns },
];

function metricsOf(groups: readonly Group[]): Figure[] {
  const finals = groups.flatMap(({ results }) =>
    results.flatMap(({ summary }) => Object.keys(summary.final)),
  );
  return [...new Set(finals)].map((metric) => ({ metric, of: ({ summary }) => finalOf(summary, metric) }));
}

function rowOf(group: Group, base: Group, { metric, of }: Figure): Cell[] {
  const values = group.results.flatMap((result) => of(result) ?? []);
  if (values.length === 0) return [group.name, metric, 0];
  const { mean, margin } = estimate(values);
  const cells = [group.name, metric, values.length, mean, finite(margin)];
  const difference = group === base ? undefined : differenceOf(group, base, of);
  if (difference === undefined) return cells;
  return [
    ...[...cells, base.name, difference.mean, finite(difference.margin)],
    ...[difference.count, difference.agree],
  ];
}

const finite = (value: number) => (Number.isNaN(value) ? undefined : value);
