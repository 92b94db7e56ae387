/** MNIST, from the files that come with Mycel (src/data/mnist/README.md); a run downloads nothing. */
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { count } from '../../options/index.js';
import { chooseFromIdx, type IdxParts, readIdxDirectory } from '../idx-directory.js';
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
  async load(sizes, { random }) {
    return chooseFromIdx(await digits(), { id: 'mnist', ...sizes, classes: 10 }, random);
  },
};

let unpacked: Promise<IdxParts> | undefined;

/** All digits, 55 MB, which are unpacked once in a process however many runs it has. Nobody writes into them. */
function digits(): Promise<IdxParts> {
  unpacked ??= readIdxDirectory(fileURLToPath(new URL('../mnist', import.meta.url)));
  return unpacked;
}
