/** Tables: a column to predict, and numbers or categories to predict it from. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { byCodeUnit, UsageError } from '../../errors.js';
import { count, share } from '../../options/index.js';
import { type CsvFile, columnOf, numberAt, readCsvFile, textAt } from '../csv-file.js';
import type { Dataset } from '../dataset.js';
import { publicRowsOption } from '../parts.js';
import { datasetOf, holdOut, type Samples, standardize } from '../samples.js';
import type { DataSource } from '../source.js';

/** Options of `csv`. */
interface CsvOptions {
  readonly file: string;
  readonly testFile?: string | undefined;
  readonly test: number;
  readonly target: string;
  readonly kind: 'classification' | 'regression';
  readonly categorical: readonly string[];
  readonly omit: readonly string[];
  readonly user?: string | undefined;
  readonly standardize: boolean;
  readonly standardizeTarget: boolean;
  readonly delimiter: string;
  readonly train?: number | undefined;
  readonly publicRows?: number | undefined;
}

/** Where the columns of the features lie in a row of the file, and in a sample. */
interface Layout {
  readonly numeric: ReadonlyArray<{ readonly column: number; readonly place: number }>;
  readonly categorical: ReadonlyArray<{
    readonly column: number;
    readonly place: number;
    readonly names: readonly string[];
  }>;
  readonly width: number;
}

/**
 * The features of a sample are the columns in their order: a numeric one is one number, a categorical one is a 1 at the
 * place of its category, of as many places as the column has categories, and 0 at the others. Classes and categories are
 * numbered in the order of their names, by value where all of them are numbers.
 */
export const csv: DataSource<CsvOptions> = {
  id: 'csv',
  description:
    'a table from a CSV file: a column of classes or of targets, and numbers or categories in the others',
  options: z.strictObject({
    file: z
      .string()
      .min(1)
      .describe('path of the file, relative to the scenario; its first line has the names of the columns'),
    target: z.string().min(1).describe('name of the column that is learned'),
    kind: z
      .enum(['classification', 'regression'])
      .default('classification')
      .describe('classification: each value of the target is a class; regression: the target is a number'),
    categorical: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'names of columns of categories, each of which becomes a feature 0 or 1; all others have numbers',
      ),
    omit: z.array(z.string().min(1)).default([]).describe('names of columns that are not features'),
    user: z
      .string()
      .min(1)
      .optional()
      .describe('name of the column that says whose sample it is, for the split by-user; it is no feature'),
    standardize: z
      .boolean()
      .default(true)
      .describe(
        'whether numeric features are brought to mean 0 and standard deviation 1 over the training samples',
      ),
    standardizeTarget: z.boolean().default(false).describe('the same for the target of a regression'),
    test: share()
      .prefault('25%')
      .describe(
        'share of the samples that are for tests, a random choice; without effect if there is a testFile',
      ),
    testFile: z
      .string()
      .min(1)
      .optional()
      .describe('path of a file with the same columns, whose samples are for tests'),
    delimiter: z
      .string()
      .length(1)
      .default(',')
      .describe('what stands between cells: one character, such as ";"'),
    train: count()
      .optional()
      .describe('training samples, a random choice; default: all that are not for tests or public'),
    publicRows: publicRowsOption(),
  }),
  async load(options, { random, directory }) {
    const file = await readCsvFile(resolve(directory, options.file), options.delimiter);
    const testFile =
      options.testFile === undefined
        ? undefined
        : await readCsvFile(resolve(directory, options.testFile), options.delimiter);
    const files = testFile ? [file, inOrder(testFile, file)] : [file];
    const layout = layOut(files, options);
    const { length: rows } = file.rows;
    const pools = testFile
      ? { train: range(0, rows), test: range(rows, testFile.rows.length) }
      : holdOut(rows, options.test, random);
    const { train, publicRows } = options;
    const dataset = datasetOf(samplesOf(files, layout, options), pools, { train, publicRows }, random);
    scale(dataset, layout, options);
    return dataset;
  },
};

const range = (from: number, length: number) => Uint32Array.from({ length }, (_, k) => from + k);

/** A file with its columns in the order of another one. */
function inOrder(file: CsvFile, model: CsvFile): CsvFile {
  const places = model.columns.map((name) => columnOf(file, name, 'data.testFile'));
  if (file.columns.length > places.length) {
    const more = file.columns.filter((name) => !model.columns.includes(name));
    throw new UsageError(
      'bad-csv',
      `${file.path}:1: expected the columns of ${model.path}, got ${more.map((name) => JSON.stringify(name)).join(', ')} besides`,
      'data.testFile',
    );
  }
  return {
    ...file,
    columns: model.columns,
    rows: file.rows.map((cells) => places.map((place) => cells[place]!)),
  };
}

function layOut(files: readonly CsvFile[], { target, categorical, omit, user }: CsvOptions): Layout {
  const [file] = files as [CsvFile];
  const of = (names: readonly string[], path: string) =>
    names.map((name, k) => columnOf(file, name, `${path}.${k}`));
  const isNamed = new Set(of(categorical, 'data.categorical'));
  const left = new Set([columnOf(file, target, 'data.target'), ...of(omit, 'data.omit')]);
  if (user !== undefined) left.add(columnOf(file, user, 'data.user'));
  const both = categorical.findIndex((name) => left.has(file.columns.indexOf(name)));
  if (both >= 0) {
    throw new UsageError(
      'bad-csv',
      `expected columns of features as categorical, got ${JSON.stringify(categorical[both])}, which is the target, the user or omitted`,
      `data.categorical.${both}`,
    );
  }
  const layout = {
    numeric: [] as Layout['numeric'][number][],
    categorical: [] as Layout['categorical'][number][],
  };
  let place = 0;
  for (const column of file.columns.keys()) {
    if (left.has(column)) continue;
    if (!isNamed.has(column)) layout.numeric.push({ column, place: place++ });
    else {
      const names = namesIn(files, column);
      layout.categorical.push({ column, place, names });
      place += names.length;
    }
  }
  if (place > 0) return { ...layout, width: place };
  throw new UsageError(
    'bad-csv',
    `${file.path}: expected a column of features besides the target, got none`,
    'data.omit',
  );
}

/** The different values of a column, in their order. */
function namesIn(files: readonly CsvFile[], column: number): string[] {
  const names = new Set(files.flatMap((file) => file.rows.map((_, row) => textAt(file, row, column))));
  const byValue = [...names].every((name) => Number.isFinite(Number(name)));
  return [...names].sort((a, b) => (byValue && Number(a) - Number(b)) || byCodeUnit(a, b));
}

function samplesOf(files: readonly CsvFile[], layout: Layout, { target, kind, user }: CsvOptions): Samples {
  const [file] = files as [CsvFile];
  const targetColumn = file.columns.indexOf(target);
  const classes = kind === 'classification' ? numbersOf(namesIn(files, targetColumn)) : undefined;
  if (classes && classes.size < 2) {
    throw new UsageError(
      'bad-csv',
      `${file.path}: expected at least 2 classes in column ${JSON.stringify(target)}, got ${classes.size}`,
      'data.target',
    );
  }
  const place = (sample: number): [CsvFile, number] =>
    sample < file.rows.length ? [file, sample] : [files[1]!, sample - file.rows.length];
  const places = layout.categorical.map(({ names }) => numbersOf(names));
  const userColumn = user === undefined ? -1 : file.columns.indexOf(user);
  const users = user === undefined ? undefined : numbersOf(namesIn(files, userColumn));
  return {
    id: 'csv',
    shape: [layout.width],
    stored: 'float32',
    scale: 1,
    classes: classes?.size ?? 0,
    copy(sample, features, offset) {
      const [of, row] = place(sample);
      for (const numeric of layout.numeric)
        features[offset + numeric.place] = numberAt(
          of,
          row,
          numeric.column,
          'name it in categorical, or in omit, if it has none',
        );
      for (const [k, { column, place: first }] of layout.categorical.entries())
        features[offset + first + places[k]!.get(textAt(of, row, column))!] = 1;
    },
    label(sample) {
      const [of, row] = place(sample);
      return classes
        ? classes.get(textAt(of, row, targetColumn))!
        : numberAt(of, row, targetColumn, 'the target of a regression');
    },
    user: users && ((sample) => users.get(textAt(...place(sample), userColumn))!),
  };
}

const numbersOf = (names: readonly string[]) => new Map(names.map((name, k) => [name, k]));

function scale({ features, targets, train }: Dataset, layout: Layout, options: CsvOptions): void {
  if (options.standardize)
    for (const { place } of layout.numeric)
      standardize(features as Float32Array, { place, width: layout.width, train });
  if (options.standardizeTarget && !targets) {
    throw new UsageError(
      'no-targets',
      'expected kind: regression for standardizeTarget, got classification',
      'data.standardizeTarget',
    );
  }
  if (options.standardizeTarget) standardize(targets!, { place: 0, width: 1, train });
}
