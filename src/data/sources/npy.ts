/** Arrays of NumPy in a file each, as `numpy.save` writes them. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { type ArrayOptions, arrayOptions, datasetOfArrays, requireBoth } from '../array-samples.js';
import { readNpyFile } from '../npz.js';
import type { DataSource } from '../source.js';

/** Options of `npy`. */
interface NpyOptions extends ArrayOptions {
  readonly features: string;
  readonly labels: string;
  readonly testFeatures?: string | undefined;
  readonly testLabels?: string | undefined;
}

const path = () => z.string().min(1);

/** Samples of arrays in files of their own. */
export const npy: DataSource<NpyOptions> = {
  id: 'npy',
  description: "images or other samples from NumPy's arrays, each in a .npy file",
  options: z.strictObject({
    features: path().describe(
      'path of the features, [samples, …shape of a sample], relative to the scenario',
    ),
    labels: path().describe('path of the classes or targets, [samples]'),
    testFeatures: path().optional().describe('path of the features of the tests'),
    testLabels: path().optional().describe('path of the classes or targets of the tests'),
    ...arrayOptions,
  }),
  async load(options, { random, directory }) {
    const read = (file: string) => readNpyFile(resolve(directory, file));
    const readSome = async (file: string | undefined) => (file === undefined ? undefined : read(file));
    const train = { features: await read(options.features), labels: await read(options.labels) };
    const test = [await readSome(options.testFeatures), await readSome(options.testLabels)] as const;
    return datasetOfArrays('npy', [train, requireBoth(...test, 'the scenario')], options, random);
  },
};
