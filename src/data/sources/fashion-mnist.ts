/** Fashion-MNIST, where Debian's package dataset-fashion-mnist puts it; a run downloads nothing. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { count } from '../../options/index.js';
import { loadIdxDirectory } from '../idx-directory.js';
import { type PartSizes, publicRowsOption } from '../parts.js';
import type { DataSource } from '../source.js';

/** Options of `fashion-mnist`. */
interface FashionMnistOptions extends PartSizes {
  readonly directory: string;
}

/** Where the files of Debian's package are. */
const DEBIAN = '/usr/share/datasets/fashion-mnist';

/** 28 × 28 clothes, 60,000 to train with and 10,000 to test with. */
export const fashionMnist: DataSource<FashionMnistOptions> = {
  id: 'fashion-mnist',
  description:
    "60,000 training and 10,000 test images of clothes, 28 × 28 pixels in 10 classes, from Debian's package dataset-fashion-mnist",
  reference:
    'Xiao, Rasul, Vollgraf: Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms, 2017',
  options: z.strictObject({
    directory: z
      .string()
      .min(1)
      .default(DEBIAN)
      .describe('folder with the four IDX files, relative to the scenario'),
    train: count()
      .optional()
      .describe('training samples, a random choice; default: all of the 60,000 that are not public'),
    test: count().optional().describe('test samples, a random choice; default: all 10,000'),
    publicRows: publicRowsOption(),
  }),
  async load({ directory, ...sizes }, context) {
    const path = resolve(context.directory, directory);
    if (path === DEBIAN && !existsSync(path)) {
      throw new UsageError(
        'missing-package',
        `expected Fashion-MNIST in ${path}, got no such folder: run apt-get install dataset-fashion-mnist, or name a folder ` +
          'with its four IDX files (github.com/zalandoresearch/fashion-mnist) as directory',
        'data.directory',
      );
    }
    return loadIdxDirectory({ id: 'fashion-mnist', directory: path, ...sizes, classes: 10 }, context.random);
  },
};
