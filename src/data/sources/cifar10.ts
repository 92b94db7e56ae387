/** CIFAR-10 from a directory of the user; nothing is downloaded. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { count } from '../../options/index.js';
import { type CifarFile, copyRecord, readCifarDirectory, SIDE } from '../cifar-directory.js';
import { chooseParts, type PartSizes, publicRowsOption } from '../parts.js';
import { type DataSource, sharedBytes, sharedLabels } from '../source.js';

/** Options of `cifar10`. */
interface Cifar10Options extends PartSizes {
  readonly directory: string;
}

const CHANNELS = 3;

/** 32 × 32 colour images as bytes, shape [32, 32, 3]: 50,000 to train with and 10,000 to test with in the original. */
export const cifar10: DataSource<Cifar10Options> = {
  id: 'cifar10',
  description: 'colour images of 32 × 32 pixels in 10 classes, from a directory with the binary version',
  reference: 'Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009',
  options: z.strictObject({
    directory: z
      .string()
      .min(1)
      .describe(
        'folder with data_batch_1.bin … data_batch_5.bin and test_batch.bin, relative to the scenario',
      ),
    train: count().optional().describe('training samples, a random choice; default: all that are not public'),
    test: count().optional().describe('test samples, a random choice; default: all'),
    publicRows: publicRowsOption(),
  }),
  async load({ directory, ...sizes }, context) {
    const files = await readCifarDirectory(resolve(context.directory, directory));
    const available = { train: recordsOf(files.train), test: recordsOf(files.test) };
    const rows = chooseParts('cifar10', sizes, available, context.random);
    const total = rows.train.length + rows.test.length + rows.publicRows.length;
    const length = SIDE * SIDE * CHANNELS;
    const features = sharedBytes(total * length);
    const labels = sharedLabels(total);
    let out = 0;
    const copy = (from: readonly CifarFile[], records: Uint32Array) => {
      let file = 0;
      let before = 0;
      for (const record of records) {
        for (; record - before >= from[file]!.records; file++) before += from[file]!.records;
        labels[out] = copyRecord(from[file]!, record - before, features, out * length);
        out++;
      }
    };
    copy(files.train, rows.train);
    copy(files.test, rows.test);
    copy(files.train, rows.publicRows);
    return {
      id: 'cifar10',
      shape: [SIDE, SIDE, CHANNELS],
      features,
      scale: 1 / 255,
      labels,
      classes: 10,
      train: rows.train.length,
      test: rows.test.length,
      publicRows: rows.publicRows.length,
    };
  },
};

function recordsOf(files: readonly CifarFile[]): number {
  return files.reduce((sum, { records }) => sum + records, 0);
}
