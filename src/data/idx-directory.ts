/** A data set of images from the four IDX files of one directory. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { byCodeUnit, UsageError } from '../errors.js';
import type { Random } from '../random.js';
import type { Dataset } from './dataset.js';
import { type IdxFile, readIdx } from './idx.js';
import { chooseParts, type PartSizes } from './parts.js';
import { sharedBytes, sharedLabels } from './source.js';

/** A directory, and which of its samples become the data set. */
interface IdxRequest extends PartSizes {
  /** Id of the data source. */
  readonly id: string;
  readonly directory: string;
  /** Number of classes; if undefined, the highest label + 1. */
  readonly classes?: number | undefined;
}

interface Part {
  readonly images: IdxFile;
  readonly labels: IdxFile;
}

/** What the four files of a directory hold. */
export interface IdxParts {
  readonly train: Part;
  readonly test: Part;
}

const FILES = {
  train: { images: 'train-images-idx3-ubyte', labels: 'train-labels-idx1-ubyte' },
  test: { images: 't10k-images-idx3-ubyte', labels: 't10k-labels-idx1-ubyte' },
} as const;

/**
 * Reads both parts of a directory in the layout of MNIST. If fewer samples are requested than a part has, they are drawn
 * from it at random; public rows are drawn from the training samples that remain. Features are bytes with scale 1/255,
 * shape [height, width, 1]. Throws UsageError if files are missing, malformed or too short.
 */
export async function loadIdxDirectory(request: IdxRequest, random: Random): Promise<Dataset> {
  return chooseFromIdx(await readIdxDirectory(request.directory), request, random);
}

/** Reads the four files of a directory. Throws UsageError if files are missing, malformed, or don't fit each other. */
export async function readIdxDirectory(directory: string): Promise<IdxParts> {
  const names = await listDirectory(directory);
  const train = await readPart(directory, names, 'train');
  const test = await readPart(directory, names, 'test');
  const [, height, width] = train.images.dimensions as [number, number, number];
  const [, testHeight, testWidth] = test.images.dimensions as [number, number, number];
  if (height !== testHeight || width !== testWidth) {
    throw new UsageError(
      'shape-mismatch',
      `expected test images of ${height} × ${width} pixels as in ${train.images.path}, ` +
        `got ${testHeight} × ${testWidth} in ${test.images.path}`,
      test.images.path,
    );
  }
  return { train, test };
}

/** The data set of those samples, as `loadIdxDirectory` describes it; it shares no memory with the files. */
export function chooseFromIdx(
  { train, test }: IdxParts,
  request: Omit<IdxRequest, 'directory'>,
  random: Random,
): Dataset {
  const [, height, width] = train.images.dimensions as [number, number, number];
  const classes = countClasses([train.labels, test.labels], request.classes);
  const available = { train: train.images.dimensions[0]!, test: test.images.dimensions[0]! };
  const rows = chooseParts(request.id, request, available, random);
  const pixels = height * width;
  const total = rows.train.length + rows.test.length + rows.publicRows.length;
  const features = sharedBytes(total * pixels);
  const labels = sharedLabels(total);
  copyRows(train, rows.train, 0, features, labels);
  copyRows(test, rows.test, rows.train.length, features, labels);
  copyRows(train, rows.publicRows, rows.train.length + rows.test.length, features, labels);
  return {
    id: request.id,
    shape: [height, width, 1],
    features,
    scale: 1 / 255,
    labels,
    classes,
    train: rows.train.length,
    test: rows.test.length,
    publicRows: rows.publicRows.length,
  };
}

async function listDirectory(directory: string): Promise<ReadonlySet<string>> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    const required = Object.values(FILES).flatMap((part) => Object.values(part));
    throw new UsageError(
      'missing-directory',
      `expected a directory with the files ${required.join(', ')} (packed by gzip or brotli, or not), got ${
        error.code === 'ENOENT' ? 'no such directory' : error.message
      }: ${directory}`,
      directory,
    );
  });
  return new Set(names);
}

/** The names to look for, in this order: the plain name, the name with a dot that some copies have, both gzipped, and the plain one packed by brotli. */
function spellings(name: string): string[] {
  const dotted = name.replace('-idx', '.idx');
  return [name, dotted, `${name}.gz`, `${dotted}.gz`, `${name}.br`];
}

async function readPart(
  directory: string,
  names: ReadonlySet<string>,
  part: keyof typeof FILES,
): Promise<Part> {
  const find = (name: string) => {
    const found = spellings(name).find((spelling) => names.has(spelling));
    if (found !== undefined) return join(directory, found);
    const present = [...names].sort(byCodeUnit).slice(0, 8).join(', ') || 'nothing';
    throw new UsageError(
      'missing-file',
      `expected one of ${spellings(name).join(', ')} in ${directory}, got: ${present}`,
      directory,
    );
  };
  const paths = { images: find(FILES[part].images), labels: find(FILES[part].labels) };
  const images = await readIdx(paths.images, 3);
  const labels = await readIdx(paths.labels, 1);
  if (images.dimensions[0] !== labels.dimensions[0]) {
    throw new UsageError(
      'count-mismatch',
      `expected a label for each of the ${images.dimensions[0]} images of ${images.path}, ` +
        `got ${labels.dimensions[0]} labels in ${labels.path}`,
      labels.path,
    );
  }
  return { images, labels };
}

function countClasses(files: readonly IdxFile[], classes: number | undefined): number {
  let highest = 0;
  for (const { values, path } of files) {
    for (let row = 0; row < values.length; row++) {
      const label = values[row]!;
      if (classes !== undefined && label >= classes) {
        throw new UsageError(
          'bad-label',
          `${path}: expected labels from 0 to ${classes - 1}, got ${label} at sample ${row}`,
          path,
        );
      }
      if (label > highest) highest = label;
    }
  }
  return classes ?? highest + 1;
}

function copyRows(
  { images, labels }: Part,
  rows: Uint32Array,
  offset: number,
  features: Uint8Array,
  classes: Int32Array,
): void {
  const pixels = images.dimensions[1]! * images.dimensions[2]!;
  for (let k = 0; k < rows.length; k++) {
    const row = rows[k]!;
    features.set(images.values.subarray(row * pixels, (row + 1) * pixels), (offset + k) * pixels);
    classes[offset + k] = labels.values[row]!;
  }
}
