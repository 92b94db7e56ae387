/** From samples that are in memory to a data set: which of them it has, in which part, and on which scale. */

import type { Random } from '../random.js';
import type { Dataset } from './dataset.js';
import { lengthOf } from './dataset.js';
import { chooseParts, type PartSizes } from './parts.js';
import { sharedBytes, sharedFloats, sharedLabels, substream } from './source.js';

/** Samples as a file has them. */
export interface Samples {
  readonly id: string;
  readonly shape: readonly number[];
  /** How features are stored, and what a stored value is multiplied by. */
  readonly stored: 'bytes' | 'float32';
  readonly scale: number;
  /** 0 for regression. */
  readonly classes: number;
  /** Puts the features of a sample at an offset of the data set's features. */
  copy(sample: number, features: Uint8Array | Float32Array, offset: number): void;
  /** The class of a sample, or its target for regression. */
  label(sample: number): number;
  /** The user that a sample comes from. */
  readonly user?: ((sample: number) => number) | undefined;
}

/** Which samples are for training, and which for tests. */
interface Pools {
  readonly train: Uint32Array;
  readonly test: Uint32Array;
}

/** Holds out a share of `samples` samples for tests, at random. Takes one draw of `random`. */
export function holdOut(samples: number, share: number, random: Random): Pools {
  const order = substream(random).shuffle(Uint32Array.from({ length: samples }, (_, k) => k));
  const test = Math.round(share * samples);
  return { train: order.slice(test).sort((a, b) => a - b), test: order.slice(0, test).sort((a, b) => a - b) };
}

/** The data set of the wanted sizes, drawn from the pools. Takes three draws of `random`. Throws UsageError if they are too small. */
export function datasetOf(samples: Samples, pools: Pools, sizes: PartSizes, random: Random): Dataset {
  const { id, shape, stored, scale, classes, user } = samples;
  const available = { train: pools.train.length, test: pools.test.length };
  const parts = chooseParts(id, sizes, available, random);
  const rows = [
    ...Array.from(parts.train, (k) => pools.train[k]!),
    ...Array.from(parts.test, (k) => pools.test[k]!),
    ...Array.from(parts.publicRows, (k) => pools.train[k]!),
  ];
  const width = lengthOf(shape);
  const features = stored === 'bytes' ? sharedBytes(rows.length * width) : sharedFloats(rows.length * width);
  const labels = sharedLabels(rows.length);
  const targets = classes === 0 ? sharedFloats(rows.length) : undefined;
  const users = user && sharedLabels(rows.length);
  for (const [row, sample] of rows.entries()) {
    samples.copy(sample, features, row * width);
    (targets ?? labels)[row] = samples.label(sample);
    if (users) users[row] = user(sample);
  }
  const { length: train } = parts.train;
  return {
    ...{ id, shape, features, scale, labels, classes, train },
    test: parts.test.length,
    publicRows: parts.publicRows.length,
    ...(targets && { targets }),
    ...(users && { users }),
  };
}

/**
 * Shifts and scales every `width`-th number from `place` on to mean 0 and standard deviation 1 over the first `train`
 * rows: nothing is known of the others. Numbers that are all the same become 0.
 */
export function standardize(
  values: Float32Array,
  { place, width, train }: { readonly place: number; readonly width: number; readonly train: number },
): void {
  let sum = 0;
  for (let row = 0; row < train; row++) sum += values[row * width + place]!;
  const mean = sum / train;
  let squares = 0;
  for (let row = 0; row < train; row++) squares += (values[row * width + place]! - mean) ** 2;
  const deviation = Math.sqrt(squares / train) || 1;
  for (let at = place; at < values.length; at += width) values[at] = (values[at]! - mean) / deviation;
}
