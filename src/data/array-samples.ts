/** Samples from arrays of NumPy: one of features, one of classes or of targets, and the same for tests. */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { count, share } from '../options/index.js';
import type { Random } from '../random.js';
import { type Dataset, lengthOf } from './dataset.js';
import type { NpyArray } from './npy.js';
import { publicRowsOption } from './parts.js';
import { datasetOf, holdOut, type Samples, standardize } from './samples.js';

/** What `npy` and `npz` say besides where their arrays are. */
export interface ArrayOptions {
  readonly kind: 'classification' | 'regression';
  readonly classes?: number | undefined;
  readonly scale?: number | undefined;
  readonly standardize: boolean;
  readonly test: number;
  readonly train?: number | undefined;
  readonly publicRows?: number | undefined;
}

/** The arrays of a part: features [samples, …shape], labels [samples]. */
interface ArrayPart {
  readonly features: NpyArray;
  readonly labels: NpyArray;
}

/** The options of {@link ArrayOptions}. */
export const arrayOptions = {
  kind: z
    .enum(['classification', 'regression'])
    .default('classification')
    .describe('classification: labels are whole numbers from 0; regression: labels are targets, any numbers'),
  classes: count(2).optional().describe('number of classes; default: the highest label + 1'),
  scale: z
    .number()
    .optional()
    .describe(
      'what stored features are multiplied by; default: 1/255 for unsigned bytes, 1 for other numbers',
    ),
  standardize: z
    .boolean()
    .default(false)
    .describe('whether each feature is brought to mean 0 and standard deviation 1 over the training samples'),
  test: share()
    .prefault('25%')
    .describe(
      'share of the samples that are for tests, a random choice; without effect if there are test arrays',
    ),
  train: count()
    .optional()
    .describe('training samples, a random choice; default: all that are not for tests or public'),
  publicRows: publicRowsOption(),
};

/**
 * The data set of arrays. Unsigned bytes stay bytes, other numbers become float32. Samples of two dimensions get a third of
 * length 1, as images have it. Throws a UsageError that names the array where numbers are not finite, labels are no classes,
 * or sizes do not fit.
 */
export function datasetOfArrays(
  id: string,
  parts: readonly [ArrayPart, ArrayPart | undefined],
  options: ArrayOptions,
  random: Random,
): Dataset {
  const given = parts.flatMap((part) => (part ? [part] : []));
  const samples = samplesOf(id, given, options);
  const [rows, more] = given.map(({ features }) => features.shape[0]!) as [number, number?];
  const pools =
    more === undefined
      ? holdOut(rows, options.test, random)
      : {
          train: Uint32Array.from({ length: rows }, (_, k) => k),
          test: Uint32Array.from({ length: more }, (_, k) => rows + k),
        };
  const { train, publicRows } = options;
  const dataset = datasetOf(samples, pools, { train, publicRows }, random);
  if (!options.standardize) return dataset;
  const width = lengthOf(samples.shape);
  for (let place = 0; place < width; place++)
    standardize(dataset.features as Float32Array, { place, width, train: dataset.train });
  return dataset;
}

function samplesOf(id: string, parts: readonly ArrayPart[], options: ArrayOptions): Samples {
  const [{ features: first }] = parts as [ArrayPart];
  const shape = sampleShape(first);
  for (const { features, labels } of parts) {
    requireShape(features, first);
    const rows = features.shape[0]!;
    const isColumn = labels.shape.length === 1 || (labels.shape.length === 2 && labels.shape[1] === 1);
    if (!isColumn || labels.shape[0] !== rows)
      throw refusal(labels, `a label for each of the ${rows} samples of ${first.name}`, shapeText(labels));
  }
  const bytes = parts.every(({ features }) => features.bytes) && !options.standardize;
  const rows = first.shape[0]!;
  const place = (sample: number): [ArrayPart, number] =>
    sample < rows ? [parts[0]!, sample] : [parts[1]!, sample - rows];
  const width = lengthOf(shape);
  return {
    ...{ id, shape },
    stored: bytes ? 'bytes' : 'float32',
    scale: options.scale ?? (first.bytes && !options.standardize ? 1 / 255 : 1),
    classes: options.kind === 'classification' ? countClasses(parts, options.classes) : 0,
    copy(sample, target, offset) {
      const [{ features }, row] = place(sample);
      const from = row * width;
      if (target instanceof Uint8Array)
        return target.set(features.bytes!.subarray(from, from + width), offset);
      for (let k = 0; k < width; k++) target[offset + k] = finiteAt(features, from + k);
    },
    label(sample) {
      const [{ labels }, row] = place(sample);
      return finiteAt(labels, row);
    },
  };
}

function sampleShape(features: NpyArray): number[] {
  const [rows = 0, ...shape] = features.shape;
  if (rows === 0 || lengthOf(shape) === 0)
    throw refusal(features, 'samples along the first dimension', shapeText(features));
  if (shape.length === 0) return [1];
  return shape.length === 2 ? [...shape, 1] : shape;
}

function requireShape(features: NpyArray, first: NpyArray): void {
  if (String(features.shape.slice(1)) === String(first.shape.slice(1)) && features.shape[0]! > 0) return;
  throw refusal(
    features,
    `samples of the shape of those of ${first.name}, ${shapeText(first)}`,
    shapeText(features),
  );
}

/** Checks that all labels are classes. */
function countClasses(parts: readonly ArrayPart[], classes: number | undefined): number {
  let highest = 1;
  for (const { labels } of parts) {
    if (labels.kind === 'float')
      throw refusal(
        labels,
        'whole numbers as classes',
        'floating-point numbers; use kind: regression for targets',
      );
    for (let k = 0; k < labels.shape[0]!; k++) {
      const label = labels.at(k);
      if (label < 0 || label >= (classes ?? CLASSES_MAX))
        throw refusal(labels, `classes from 0 to ${(classes ?? CLASSES_MAX) - 1}`, `${label} at sample ${k}`);
      highest = Math.max(highest, label);
    }
  }
  return classes ?? highest + 1;
}

/** Most classes where the scenario does not say how many there are: a column of numbers may have been named by mistake. */
const CLASSES_MAX = 65_536;

function finiteAt(array: NpyArray, index: number): number {
  const value = array.at(index);
  if (Number.isFinite(Math.fround(value))) return value;
  throw refusal(array, 'finite numbers', `${value} at index ${index}`);
}

const shapeText = ({ shape }: NpyArray) => `an array of shape (${shape.join(', ')})`;

function refusal({ name }: NpyArray, expected: string, got: string): UsageError {
  return new UsageError('bad-array', `${name}: expected ${expected}, got ${got}`, 'data');
}

/** The part of tests, if there is one. Throws UsageError where there are features without labels, or labels without features. */
export function requireBoth(
  features: NpyArray | undefined,
  labels: NpyArray | undefined,
  where: string,
): ArrayPart | undefined {
  if (features && labels) return { features, labels };
  if (!features && !labels) return undefined;
  const [got, option] = features ? ['features', 'testLabels'] : ['labels', 'testFeatures'];
  throw new UsageError(
    'missing-array',
    `${where}: expected both features and labels of the tests, or neither, got ${got} alone`,
    `data.${option}`,
  );
}
