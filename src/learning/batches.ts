/** Mini-batches from a shard. Each epoch is a new shuffle, and batches wrap around its end, so none is short. */
import { assert } from '../errors.js';
import type { Random } from '../random.js';

/** Where a node is in its shard; plain data. @public */
export interface BatchCursor {
  /** The current epoch's order of the shard's rows. */
  order: Uint32Array;
  next: number;
}

/** A cursor that will shuffle before its first batch. @public */
export function startCursor(): BatchCursor {
  return { order: new Uint32Array(0), next: 0 };
}

/**
 * The rows of the next `steps` batches, uint32 [steps × batch]. Draws a new shuffle each time the shard is used up.
 * @param random the node's stream `batches`
 * @public
 */
export function nextBatches(
  cursor: BatchCursor,
  shard: Uint32Array,
  random: Random,
  size: { steps: number; batch: number },
): Uint32Array {
  assert(shard.length > 0, 'batches need a shard with at least one row');
  const rows = new Uint32Array(size.steps * size.batch);
  for (let i = 0; i < rows.length; i++) {
    if (cursor.next === cursor.order.length) {
      cursor.order = random.shuffle(Uint32Array.from(shard));
      cursor.next = 0;
    }
    rows[i] = cursor.order[cursor.next++]!;
  }
  return rows;
}
