/** A probe that measures every number of every node's params, and functions that read them from the samples of a run. */
import { z } from 'zod';
import type { Probe } from '../metrics/index.js';
import { mixedOf } from '../metrics/points.js';
import type { Sample } from '../simulation/result.js';

/** A finished run. */
interface Finished {
  readonly samples: readonly Sample[];
}

/** Metric `x<k>` of node i is coordinate k of its averaged params, or of the first that it evaluates. @public */
export const paramsProbe: Probe<Record<string, never>> = {
  id: 'params',
  description: 'every number of the params',
  options: z.strictObject({}),
  measure: ({ nodes }) =>
    nodes.flatMap(({ id, evaluated }) => {
      const { params } = mixedOf(evaluated)!;
      return Array.from(params, (value, k) => ({ metric: `x${k}`, node: id, value }));
    }),
};

/** Params of all nodes, [nodes][params], by the round in which they were measured; the last of each round. @public */
export function paramsByRound({ samples }: Finished): Map<number, number[][]> {
  const rounds = new Map<number, number[][]>();
  for (const { round, node, metric, value } of samples) {
    if (node === undefined || !/^x\d+$/.test(metric)) continue;
    const nodes = rounds.get(round) ?? [];
    rounds.set(round, nodes);
    nodes[node] ??= [];
    nodes[node][Number(metric.slice(1))] = value;
  }
  return rounds;
}

/** Params of all nodes at the end, [nodes][params]. @public */
export function lastParams(run: Finished): number[][] {
  return [...paramsByRound(run).values()].at(-1)!;
}
