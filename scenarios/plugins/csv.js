/**
 * csv: samples from a file of comma-separated values, with a line of names, a column of classes, and numbers in all
 * others. Every feature is scaled to mean 0 and standard deviation 1 over the training samples.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { option, sharedFloats, sharedLabels, UsageError, z } from 'mycel/plugin';

export default {
  id: 'csv',
  description: 'samples from a CSV file: a column of classes, numbers in all others',
  options: z.strictObject({
    file: z.string().min(1).describe('path of the file, from the folder of the scenario'),
    label: z
      .string()
      .min(1)
      .describe('name of the column of classes, which are numbered in order of their names'),
    test: option.share().prefault('25%').describe('share of the samples that are for tests, a random choice'),
  }),
  async load({ file, label, test }, { random, directory }) {
    const { header, lines } = await read(resolve(directory, file), label);
    const labelColumn = header.indexOf(label);
    const names = [...new Set(lines.map((cells) => cells[labelColumn]))].sort((a, b) => (a < b ? -1 : 1));
    // The same stream gives the same order, and so the same test samples.
    const order = random.shuffle(Uint32Array.from(lines.keys()));
    const testRows = Math.round(test * lines.length);
    const train = lines.length - testRows;
    const width = header.length - 1;
    const features = sharedFloats(lines.length * width);
    const labels = sharedLabels(lines.length);
    for (const [row, line] of order.entries()) {
      const cells = lines[line];
      labels[row] = names.indexOf(cells[labelColumn]);
      const numbers = cells.filter((_, column) => column !== labelColumn).map(Number);
      if (!numbers.every(Number.isFinite)) {
        throw mistake(
          `expected numbers beside "${label}", got ${cells.join(',')} in line ${line + 2} of ${file}`,
        );
      }
      features.set(numbers, row * width);
    }
    for (let feature = 0; feature < width; feature++) standardize(features, { feature, width, train });
    return {
      id: 'csv',
      shape: [width],
      features,
      scale: 1,
      labels,
      classes: names.length,
      train,
      test: testRows,
    };
  },
};

/** The names of the columns, and the cells of the other lines. No quotes: a cell has no comma. */
async function read(path, label) {
  const text = await readFile(path, 'utf8').catch(() => {
    throw mistake(`expected a CSV file, got none at ${path}`);
  });
  const [header, ...lines] = text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  if (!header.includes(label)) throw mistake(`expected a column "${label}", got ${header.join(', ')}`);
  if (lines.length < 4) throw mistake(`expected at least 4 samples in ${path}, got ${lines.length}`);
  const short = lines.findIndex((cells) => cells.length !== header.length);
  if (short >= 0) throw mistake(`expected ${header.length} cells in line ${short + 2} of ${path}`);
  return { header, lines };
}

/** Test samples are scaled as the training samples are: nothing may be known of them. */
function standardize(features, { feature, width, train }) {
  const values = features.filter((_, place) => place % width === feature);
  const known = values.subarray(0, train);
  const mean = known.reduce((sum, value) => sum + value, 0) / train;
  const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / train;
  const deviation = Math.sqrt(variance) || 1;
  for (const [row, value] of values.entries()) features[row * width + feature] = (value - mean) / deviation;
}

function mistake(message) {
  return new UsageError('csv', message, 'data');
}
