/** For tests of learned mixing: quadratics with validation rows, groups of nodes, and the mixing weights of nodes. */

import type { Split } from '../../src/data/index.js';
import type { PlanSketch } from '../../src/testing/plans.js';
import type { FinishedRun } from '../../src/testing/run.js';
import { givenQuadratics } from './given-quadratics.js';

/** Node i trains and validates on ½(x − targets[i])²: two rows of the same numbers. */
export function validatedQuadratics(targets: readonly number[]) {
  const { use, split } = givenQuadratics(targets.flatMap((target) => Array(2).fill([1, target])));
  const both: Split = {
    ...split.use,
    split: () =>
      targets.map((_, node) => ({
        train: Uint32Array.of(2 * node),
        validation: Uint32Array.of(2 * node + 1),
        test: new Uint32Array(0),
      })),
  };
  return { use, split: { use: both } };
}

/** Three groups of three nodes with two classes each, few rows per node. */
export const GROUPS: PlanSketch = {
  nodes: 9,
  data: {
    use: 'blobs',
    features: 8,
    classes: 6,
    train: 600,
    test: 60,
    validation: '50%',
    split: { use: 'groups', groups: 3, classes: 2, train: 16 },
  },
  model: { use: 'mlp', hidden: [6] },
  topology: 'complete',
};

/** Weight within a node's own group, mean over the nodes of {@link GROUPS}, at a virtual time (default: the end). */
export function ownGroupMass({ topology }: FinishedRun, until = Number.POSITIVE_INFINITY): number {
  const foreign = new Map<string, number>();
  for (const { time, from, to, weight = 0 } of topology) {
    if (time > 0 && time <= until && groupOf(from) !== groupOf(to)) foreign.set(`${from} ${to}`, weight);
  }
  return 1 - [...foreign.values()].reduce((sum, weight) => sum + weight, 0) / 9;
}

/** Links at the end, `[from, to]`, in order of `to`. */
export function lastLinks({ topology }: FinishedRun): Array<[number, number]> {
  const links = new Map<string, [number, number]>();
  for (const { change, from, to } of topology) {
    if (change === 'add') links.set(`${from} ${to}`, [from, to]);
    else links.delete(`${from} ${to}`);
  }
  return [...links.values()].sort((a, b) => a[1] - b[1] || a[0] - b[0]);
}

/** Group of a node of {@link GROUPS}. */
export function groupOf(node: number): number {
  return Math.floor(node / 3);
}

/** Payload bytes of one message type by round. */
export function payload({ result }: FinishedRun, type: string): number[] {
  const rounds: number[] = [];
  for (const row of result.trafficRows()) {
    if (row.type === type)
      rounds[row.round] = (rounds[row.round] ?? 0) + row.sent_bytes - 32 * row.sent_messages;
  }
  return rounds;
}

/** Messages of one type in the whole run. */
export function messages({ result }: FinishedRun, type: string): number {
  return [...result.trafficRows()].reduce((sum, row) => sum + (row.type === type ? row.sent_messages : 0), 0);
}
