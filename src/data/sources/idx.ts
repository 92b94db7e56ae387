/** Any image data in the layout of MNIST: Fashion-MNIST, KMNIST, EMNIST, or a user's own. */
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
  description: 'images from a directory with the four IDX files of MNIST, gzipped or not',
  options: z.strictObject({
    directory: z.string().min(1).describe('where the files are, relative to the scenario'),
    train: count()
      .optional()
      .describe('training samples, a random choice; all that are not public where it is left out'),
    test: count().optional().describe('test samples, a random choice; all where it is left out'),
    publicRows: publicRowsOption(),
    classes: count()
      .max(256)
      .optional()
      .describe('number of classes; the highest label + 1 where it is left out'),
  }),
  load({ directory, ...request }, context) {
    const path = resolve(context.directory, directory);
    return loadIdxDirectory({ id: 'idx', directory: path, ...request }, context.random);
  },
};
