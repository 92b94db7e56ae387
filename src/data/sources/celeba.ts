/** CelebA from a directory of the user; nothing is downloaded. */
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { count } from '../../options/index.js';
import { IMAGES, readCelebaImage, readCelebaList, requireRoom, WIDTH } from '../celeba-directory.js';
import { chooseParts, type PartSizes, publicRowsOption } from '../parts.js';
import { type DataSource, sharedBytes, sharedLabels } from '../source.js';

/** Options of `celeba`. */
interface CelebaOptions extends PartSizes {
  readonly directory: string;
  readonly attributes: readonly string[];
  readonly size: number;
}

/** The six objectives of the transference paper, in its order. */
const SIX = ['Male', 'Mustache', 'High_Cheekbones', 'Smiling', 'Heavy_Makeup', 'Wearing_Lipstick'];
const CHANNELS = 3;

/**
 * Faces as bytes, shape [size, size, 3], with a label 1 (has the attribute) or 0 for each attribute. Only the images of
 * the data set are decoded, in about 4 ms each.
 */
export const celeba: DataSource<CelebaOptions> = {
  id: 'celeba',
  description: 'faces with a binary label for each of several attributes, from a directory with CelebA',
  reference: 'Liu et al., Deep Learning Face Attributes in the Wild, ICCV 2015',
  options: z.strictObject({
    directory: z
      .string()
      .min(1)
      .describe(
        `folder with list_attr_celeba.txt, ${IMAGES}/ and, optionally, list_eval_partition.txt, relative to the scenario`,
      ),
    attributes: z
      .array(z.string().min(1))
      .min(1)
      .default(SIX)
      .describe('names of the attributes to learn: label k of a sample is its attribute k of this list'),
    size: count()
      .max(WIDTH)
      .default(32)
      .describe(
        `pixels on each side of an image, to which its central square of ${WIDTH} pixels is scaled by averaging areas`,
      ),
    train: count().optional().describe('training samples, a random choice; default: all that are not public'),
    test: count().optional().describe('test samples, a random choice; default: all'),
    publicRows: publicRowsOption(),
  }),
  async load({ directory: path, attributes, size, ...sizes }, context) {
    const directory = resolve(context.directory, path);
    const list = await readCelebaList(directory, attributes);
    const available = { train: list.train.length, test: list.test.length };
    const parts = chooseParts('celeba', sizes, available, context.random);
    const images = [
      ...Array.from(parts.train, (k) => list.train[k]!),
      ...Array.from(parts.test, (k) => list.test[k]!),
      ...Array.from(parts.publicRows, (k) => list.train[k]!),
    ];
    requireRoom(images.length, size);
    const length = size * size * CHANNELS;
    const features = sharedBytes(images.length * length);
    const labels = sharedLabels(images.length * attributes.length);
    for (const [row, image] of images.entries()) {
      const start = image * attributes.length;
      labels.set(list.labels.subarray(start, start + attributes.length), row * attributes.length);
      await readCelebaImage(join(directory, IMAGES, list.files[image]!), size, features, row * length);
    }
    return {
      id: 'celeba',
      shape: [size, size, CHANNELS],
      features,
      scale: 1 / 255,
      labels,
      attributes: attributes.length,
      classes: 2,
      train: parts.train.length,
      test: parts.test.length,
      publicRows: parts.publicRows.length,
    };
  },
};
