/** Rows to choose options by: held out of the training rows, so that no test row decides anything. */
import { UsageError } from '../errors.js';
import { byNumber } from '../numbers.js';
import type { Random } from '../random.js';
import type { Shard } from './dataset.js';

/**
 * The shards with a share of each node's training rows, drawn at random, in place of its test rows. Validation rows stay
 * the algorithm's. Throws UsageError `no-tuning-rows` where no node has a row left for it.
 */
export function shardsForTuning(
  shards: readonly Shard[],
  share: number,
  random: (node: number) => Random,
): Shard[] {
  const tuned = shards.map((shard, node) => {
    const count = Math.min(
      shard.train.length - 1,
      Math.floor(Number((share * shard.train.length).toPrecision(12))),
    );
    const shuffled = random(node).shuffle(shard.train.slice());
    return {
      ...shard,
      train: shuffled.slice(count).sort(byNumber),
      test: shuffled.slice(0, count).sort(byNumber),
    };
  });
  if (tuned.some(({ test }) => test.length > 0)) return tuned;
  throw new UsageError(
    'no-tuning-rows',
    `expected a share of the training rows that is a row at least, got ${share * 100}% of ${shards[0]!.train.length} rows`,
    'data.tuning',
  );
}

/** The rows of all nodes on which models are measured, each once, ascending. */
export function rowsForTuning(shards: readonly Shard[]): Uint32Array {
  return Uint32Array.from(new Set(shards.flatMap(({ test }) => [...test]))).sort(byNumber);
}
