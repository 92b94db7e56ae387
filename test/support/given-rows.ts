/**
 * Rows with given numbers, for tests that are worked out on paper: for models with a body and a head, or with classes.
 */
import type { DataSource } from '../../src/data/index.js';
import { sharedFloats } from '../../src/data/source.js';
import { givenQuadratics } from './given-quadratics.js';

/**
 * Row k has numbers x and, last, its target y, for `linear-representation`: of rank 1 and with one number, params (b, w) and
 * ŷ = b·w·x. `own[i]` lists the rows of node i; without it, row i is node i's.
 */
export function givenTargets(rows: ReadonlyArray<readonly number[]>, own?: readonly (readonly number[])[]) {
  const { use, split } = givenQuadratics(
    rows.map((row) => row.slice(0, -1)),
    own,
  );
  const source: DataSource = {
    ...use,
    async load(options, context) {
      const targets = sharedFloats(rows.length);
      targets.set(rows.map((row) => row.at(-1)!));
      return { ...(await use.load(options, context)), targets };
    },
  };
  return { use: source, split };
}

/** Row i, node i's, is of the first of two classes. */
export function givenFirstClass(rows: readonly (readonly number[])[]) {
  const { use, split } = givenQuadratics(rows);
  const source: DataSource = {
    ...use,
    load: async (options, context) => ({ ...(await use.load(options, context)), classes: 2 }),
  };
  return { use: source, split };
}
