/** Arrays of NumPy in one archive, as `numpy.savez` and `numpy.savez_compressed` write it. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { type ArrayOptions, arrayOptions, datasetOfArrays, requireBoth } from '../array-samples.js';
import { readNpzFile } from '../npz.js';
import type { DataSource } from '../source.js';

/** Options of `npz`. */
interface NpzOptions extends ArrayOptions {
  readonly file: string;
  readonly features: string;
  readonly labels: string;
  readonly testFeatures: string;
  readonly testLabels: string;
}

const arrayName = (name: string) => z.string().min(1).default(name);

/** The arrays of Keras' data sets unless the scenario names others. */
export const npz: DataSource<NpzOptions> = {
  id: 'npz',
  description: "images or other samples from NumPy's arrays in one .npz file",
  options: z.strictObject({
    file: z.string().min(1).describe('path of the file, relative to the scenario'),
    features: arrayName('x_train').describe('name of the array of features, [samples, …shape of a sample]'),
    labels: arrayName('y_train').describe('name of the array of classes or targets, [samples]'),
    testFeatures: arrayName('x_test').describe(
      'name of the features of the tests; it may be absent, with its labels',
    ),
    testLabels: arrayName('y_test').describe('name of the classes or targets of the tests'),
    ...arrayOptions,
  }),
  async load(options, { random, directory }) {
    const file = resolve(directory, options.file);
    const [features, labels, testFeatures, testLabels] = await readNpzFile(file, [
      { name: options.features, path: 'data.features' },
      { name: options.labels, path: 'data.labels' },
      { name: options.testFeatures, path: 'data.testFeatures', optional: true },
      { name: options.testLabels, path: 'data.testLabels', optional: true },
    ]);
    const test = requireBoth(testFeatures, testLabels, file);
    return datasetOfArrays('npz', [{ features: features!, labels: labels! }, test], options, random);
  },
};
