/** Which samples of stored data become the training, the test and the public part of a data set. */
import { UsageError } from '../errors.js';
import { count } from '../options/index.js';
import type { Random } from '../random.js';
import { chooseRows, substream } from './source.js';

/** How many samples each part shall have. */
export interface PartSizes {
  /** Default: all stored training samples that do not become public. */
  readonly train?: number | undefined;
  /** Default: all stored test samples. */
  readonly test?: number | undefined;
  /** Public samples, drawn from the stored training part. Default: 0. */
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
  count(0).optional().describe('public samples, which every node has besides its own; default: none');

/**
 * Draws each part at random, without replacement; `train` and `publicRows` are disjoint. The choice of one part does not
 * depend on the sizes of the others, except that public rows are drawn from the rows that training leaves. Takes three
 * draws of `random`. Throws UsageError if more is requested than is `available`.
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
  if (train > available.train) throw tooFew(id, 'train', { available: available.train, requested: train });
  if (test > available.test) throw tooFew(id, 'test', { available: available.test, requested: test });
  const left = available.train - (sizes.train ?? 1);
  if (publicRows > left) {
    const others = sizes.train === undefined ? 'one training sample' : `${train} training samples`;
    throw new UsageError(
      'too-few-samples',
      `expected at most ${left} public samples, as many as "${id}" has besides ${others}, got ${publicRows}`,
      'data.publicRows',
    );
  }
  const rows = chooseRows(available.train, train, streams.train);
  const trainRows = new Set(rows);
  const rest = Uint32Array.from({ length: available.train }, (_, row) => row).filter(
    (row) => !trainRows.has(row),
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
  sizes: { available: number; requested: number },
): UsageError {
  return new UsageError(
    'too-few-samples',
    `expected at most ${sizes.available} ${part} samples, as many as "${id}" has, got ${sizes.requested}`,
    `data.${part}`,
  );
}
