/** Which samples of stored data become the training, the test and the public part of a dataset. */
import { UsageError } from '../errors.js';
import { count } from '../options/index.js';
import type { Random } from '../random.js';
import { chooseRows, substream } from './source.js';

/** How many samples are wanted of each part. */
export interface PartSizes {
  /** All that are not public where undefined. */
  readonly train?: number | undefined;
  /** All where undefined. */
  readonly test?: number | undefined;
  /** Public samples, taken from the stored training part; none where undefined. */
  readonly publicRows?: number | undefined;
}

/** Rows of the stored training part (`train`, `publicRows`) and of the stored test part (`test`), each ascending. */
interface Parts {
  readonly train: Uint32Array;
  readonly test: Uint32Array;
  readonly publicRows: Uint32Array;
}

/** The option `publicRows` of every source with classes. */
export const publicRowsOption = () =>
  count(0)
    .optional()
    .describe('public samples that every node has, beside the others; none where it is left out');

/**
 * Draws each part at random, without replacement; `train` and `publicRows` are disjoint. The choice of one part depends on
 * the sizes of no other, save that public rows are drawn from what training leaves. Takes three draws of `random`.
 * Throws UsageError where more is wanted than is `available`.
 */
export function chooseParts(
  id: string,
  sizes: PartSizes,
  available: { readonly train: number; readonly test: number },
  random: Random,
): Parts {
  const streams = { train: substream(random), test: substream(random), publicRows: substream(random) };
  const publicRows = sizes.publicRows ?? 0;
  const train = sizes.train ?? available.train - publicRows;
  const test = sizes.test ?? available.test;
  if (train > available.train) throw tooFew(id, 'train', { available: available.train, wanted: train });
  if (test > available.test) throw tooFew(id, 'test', { available: available.test, wanted: test });
  const left = available.train - (sizes.train ?? 1);
  if (publicRows > left) {
    const beside = sizes.train === undefined ? 'one training sample' : `${train} training samples`;
    throw new UsageError(
      'too-few-samples',
      `expected at most ${left} public samples, which is what "${id}" has beside ${beside}, got ${publicRows}`,
      'data.publicRows',
    );
  }
  const rows = chooseRows(available.train, train, streams.train);
  const taken = new Set(rows);
  const rest = Uint32Array.from({ length: available.train }, (_, row) => row).filter(
    (row) => !taken.has(row),
  );
  return {
    train: rows,
    test: chooseRows(available.test, test, streams.test),
    publicRows: chooseRows(rest.length, publicRows, streams.publicRows).map((k) => rest[k]!),
  };
}

function tooFew(
  id: string,
  part: 'train' | 'test',
  sizes: { available: number; wanted: number },
): UsageError {
  return new UsageError(
    'too-few-samples',
    `expected at most ${sizes.available} ${part} samples, which is what "${id}" has, got ${sizes.wanted}`,
    `data.${part}`,
  );
}
