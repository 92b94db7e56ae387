/** Any image data in the layout of MNIST: Fashion-MNIST, KMNIST, EMNIST, or data of the user. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { count } from '../../options/index.js';
import { loadIdxDirectory } from '../idx-directory.js';
import { type PartSizes, publicRowsOption } from '../parts.js';
import type { DataSource } from '../source.js';

/** Options of `idx`. */
interface IdxOptions extends PartSizes {
  readonly directory: string;
  readonly classes?: number | undefined;
}

/** Images of bytes, one channel, from four IDX files. */
export const idx: DataSource<IdxOptions> = {
  id: 'idx',
  description: 'images from a directory with the four IDX files of MNIST, packed by gzip or brotli, or not',
  options: z.strictObject({
    directory: z.string().min(1).describe('folder with the files, relative to the scenario'),
    train: count().optional().describe('training samples, a random choice; default: all that are not public'),
    test: count().optional().describe('test samples, a random choice; default: all'),
    publicRows: publicRowsOption(),
    classes: count().max(256).optional().describe('number of classes; default: the highest label + 1'),
  }),
  load({ directory, ...request }, context) {
    const path = resolve(context.directory, directory);
    return loadIdxDirectory({ id: 'idx', directory: path, ...request }, context.random);
  },
};
