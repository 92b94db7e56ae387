/** Test rows in the proportions of a node's own training rows. */
import { UsageError } from '../errors.js';
import type { Random } from '../random.js';
import { apportion } from './split.js';

/**
 * As many test rows as can have the proportions of the node's training rows. Let n be the number of its training rows,
 * n_c those of class c, and T_c the test rows of that class. The node gets m = ⌊min over its classes of T_c · n / n_c⌋
 * test rows, m · n_c / n of class c by largest remainder, drawn without replacement; none if the data have no test part.
 *
 * @param counts - n_c by class
 * @param testRows - the test rows by class
 * @throws UsageError if a class of the node has no test row
 */
export function matchedTestRows(
  counts: readonly number[],
  testRows: readonly Uint32Array[],
  { node, random }: { readonly node: number; readonly random: Random },
): Uint32Array {
  if (testRows.every((rows) => rows.length === 0)) return new Uint32Array();
  const size = counts.reduce((sum, count) => sum + count, 0);
  let total = Number.POSITIVE_INFINITY;
  for (const [label, count] of counts.entries()) {
    if (count === 0) continue;
    const available = testRows[label]!.length;
    if (available === 0) {
      throw new UsageError(
        'too-few-samples',
        `expected test samples of class ${label}, since node ${node} has ${count} training samples of it, got none: raise data.test`,
        'data.test',
      );
    }
    total = Math.min(total, Math.floor((available * size) / count));
  }
  const testCounts = apportion(total, counts);
  return Uint32Array.from(
    testCounts.flatMap((count, label) => [...random.shuffle(testRows[label]!.slice()).subarray(0, count)]),
  );
}
