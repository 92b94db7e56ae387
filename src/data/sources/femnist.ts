/** FEMNIST in LEAF's format: handwritten characters, writer by writer. */
import { z } from 'zod';
import { refuseSample } from '../leaf-directory.js';
import { type LeafOptions, leafOptions, loadLeaf } from '../leaf-samples.js';
import type { DataSource } from '../source.js';

const SIDE = 28;
const CLASSES = 62;

/** Images of 28 × 28 numbers from 0 to 1, in 62 classes: ten digits, then capital and small letters. Writers are the users. */
export const femnist: DataSource<LeafOptions> = {
  id: 'femnist',
  description:
    "handwritten digits and letters with their writers, in 62 classes, from a directory with LEAF's FEMNIST",
  reference: 'Caldas et al., LEAF: A Benchmark for Federated Settings, 2018',
  options: z.strictObject(leafOptions),
  load: (options, context) =>
    loadLeaf(options, context, (samples) => ({
      id: 'femnist',
      shape: [SIDE, SIDE, 1],
      stored: 'float32',
      scale: 1,
      classes: CLASSES,
      copy(sample, features, offset) {
        const { x } = samples[sample]!;
        const isImage = Array.isArray(x) && x.length === SIDE * SIDE;
        if (!isImage)
          throw refuseSample(
            samples[sample]!,
            `x of ${SIDE * SIDE} numbers`,
            Array.isArray(x) ? x.length : x,
          );
        for (const [k, value] of x.entries()) {
          if (typeof value !== 'number' || !(value >= 0 && value <= 1))
            throw refuseSample(samples[sample]!, 'pixels from 0 to 1', value);
          features[offset + k] = value;
        }
      },
      label(sample) {
        const { y } = samples[sample]!;
        if (Number.isInteger(y) && (y as number) >= 0 && (y as number) < CLASSES) return y as number;
        throw refuseSample(samples[sample]!, `y as a class from 0 to ${CLASSES - 1}`, y);
      },
    })),
};
