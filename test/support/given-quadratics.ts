/** Quadratics with given numbers, for tests that are worked out on paper. */
import { z } from 'zod';
import type { DataSource, Shard, Split } from '../../src/data/index.js';
import { sharedFloats, sharedLabels } from '../../src/data/source.js';

/**
 * Data whose row k is the objective a/2 ‖x − b‖² with (a, b_1 … b_d) = rows[k], and the split that assigns the rows to
 * the nodes: `own[i]` lists the rows of node i; without it, row i is node i's.
 */
export function givenQuadratics(rows: readonly (readonly number[])[], own?: readonly (readonly number[])[]) {
  const source: DataSource = {
    id: 'given',
    description: 'given quadratics',
    options: z.strictObject({}),
    async load() {
      const features = sharedFloats(rows.length * rows[0]!.length);
      features.set(rows.flat());
      const labels = sharedLabels(rows.length);
      const shape = [rows[0]!.length];
      return { id: 'given', shape, features, scale: 1, labels, classes: 0, train: rows.length, test: 0 };
    },
  };
  const split: Split = {
    id: 'given',
    description: 'given rows',
    options: z.strictObject({}),
    split: (_options, { nodes }) =>
      Array.from({ length: nodes }, (_, node): Shard => {
        const train = Uint32Array.from(own?.[node] ?? [node]);
        return { train, validation: new Uint32Array(0), test: new Uint32Array(0) };
      }),
  };
  return { use: source, split: { use: split } };
}
