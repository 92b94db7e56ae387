/** What a page says of each run. */
import type { PageRun } from '../../page/data.js';
import type { PageResult } from './group.js';

/** The runs of a page, in the order of their results. */
export function pageRuns(results: readonly PageResult[]): PageRun[] {
  const titles = new Set(results.map(titleOf));
  return results.map((result, index) => {
    const { folder, command, summary } = result;
    const title = titleOf(result);
    const group =
      summary.variant === undefined
        ? title
        : titles.size > 1
          ? `${title}: ${summary.variant}`
          : summary.variant;
    return {
      index,
      label: `${group}, seed ${summary.seed}`,
      group,
      title,
      seed: summary.seed,
      nodes: nodesOf(summary.scenario),
      rounds: summary.rounds,
      events: summary.events,
      end: summary.time_ns,
      sent: summary.traffic.bytes.sent ?? 0,
      command,
      folder,
      summary: summary as unknown as Readonly<Record<string, unknown>>,
    };
  });
}

function titleOf({ summary: { scenario }, folder }: PageResult): string {
  return typeof scenario.title === 'string' ? scenario.title : folder;
}

function nodesOf({ nodes }: Readonly<Record<string, unknown>>): number {
  return typeof nodes === 'number' ? nodes : 0;
}
