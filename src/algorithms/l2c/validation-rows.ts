/** The validation rows of a node, as a method learns from them. */
import { UsageError } from '../../errors.js';
import type { NodeContext } from '../../learning/algorithm.js';
import { type BatchCursor, nextBatches } from '../../learning/batches.js';

/** All validation rows are used up to so many; of more, a batch. */
const ALL_MAX = 512;
const BATCH = 100;

/** Refuses a node without validation rows. Throws a UsageError. */
export function requireValidationRows(node: Pick<NodeContext, 'id' | 'shard'>): void {
  if (node.shard.validation.length > 0) return;
  throw new UsageError(
    'no-validation-rows',
    `expected validation rows on every node (such as validation: 20%), got none of node ${node.id}'s ` +
      `${node.shard.train.length} rows: hold out a larger share, or deal out more rows`,
    'data.validation',
  );
}

/** All of them up to 512, else the next batch of 100, shuffled by the stream `validation`. */
export function validationRows(
  node: Pick<NodeContext, 'shard' | 'random'>,
  cursor: BatchCursor,
): Uint32Array {
  const { validation } = node.shard;
  if (validation.length <= ALL_MAX) return validation;
  return nextBatches(cursor, validation, node.random('validation'), { steps: 1, batch: BATCH });
}
