/** What a page says of each run. */
import { basename, dirname } from 'node:path';
import type { PageData, PageRun } from '../../page/data.js';
import type { PageResult } from './group.js';
import { hasExactBytes } from './points.js';

/** The runs of a page, in the order of their results. */
export function pageRuns(results: readonly PageResult[], tables: PageData['tables']): PageRun[] {
  const names = groupNames(results);
  return results.map((result, index) => {
    const { folder, commands, summary } = result;
    const title = titleOf(result);
    const group = names[index]!;
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
      exactBytes: hasExactBytes(tables, index),
      commands,
      folder,
      summary: summary as unknown as Readonly<Record<string, unknown>>,
    };
  });
}

/** What the runs of one folder of seeds are called: as short as tells them apart. */
function groupNames(results: readonly PageResult[]): string[] {
  const areOne = new Set(results.map(titleOf)).size === 1;
  const short = results.map((result) => {
    const { variant } = result.summary;
    if (variant === undefined) return titleOf(result);
    return areOne ? variant : `${titleOf(result)}: ${variant}`;
  });
  const above = results.map(({ folder, summary: { seed } }) =>
    basename(folder) === String(seed) ? dirname(folder) : folder,
  );
  return short.map((name, k) => {
    const isTaken = short.some((other, i) => other === name && above[i] !== above[k]);
    return isTaken ? `${name} (${above[k]!})` : name;
  });
}

function titleOf({ summary: { scenario }, folder }: PageResult): string {
  return typeof scenario.title === 'string' ? scenario.title : folder;
}

function nodesOf({ nodes }: Readonly<Record<string, unknown>>): number {
  return typeof nodes === 'number' ? nodes : 0;
}
