/**
 * CelebA as it is published (https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html): `list_attr_celeba.txt` (the number of
 * images; the names of the attributes; for each image its file name and a 1 or −1 for each attribute),
 * `list_eval_partition.txt` (file name and 0, 1 or 2: training, validation, test), and JPEG images of 178 × 218 pixels
 * in `img_align_celeba/`.
 */
import { readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { UsageError, unknownName } from '../errors.js';
import { type Bytes, formatBytes } from '../units.js';
import { decodeJpeg, sizeOfJpeg } from './jpeg.js';

/** The folder of the images and the two lists, below the directory. */
export const IMAGES = 'img_align_celeba';
const ATTRIBUTES = 'list_attr_celeba.txt';
const PARTITION = 'list_eval_partition.txt';

/** Pixels of an image. */
export const WIDTH = 178;
const HEIGHT = 218;
const CHANNELS = 3;
/** Rows above the central square, which has the rows TOP to TOP + WIDTH − 1. */
const TOP = (HEIGHT - WIDTH) / 2;

/** The images of a directory, in the order of its list. */
interface CelebaList {
  /** Names of the image files. */
  readonly files: readonly string[];
  /** 0 or 1, row-major [images × wanted attributes]. */
  readonly labels: Uint8Array;
  /** Indices into `files`. CelebA's validation images are training images here: each node holds out rows of its own. */
  readonly train: Uint32Array;
  /** Indices into `files`. */
  readonly test: Uint32Array;
}

/**
 * Reads the two lists, but no image. Without a list of partitions the last tenth of the images is the test part, which
 * is about the share of the published partition.
 * @throws UsageError that names the directory or file, what was expected and what was found
 */
export async function readCelebaList(directory: string, attributes: readonly string[]): Promise<CelebaList> {
  const path = join(directory, ATTRIBUTES);
  const text = await readText(path);
  if (text === undefined) {
    throw new UsageError(
      'missing-file',
      `expected ${ATTRIBUTES} in ${directory}, beside the folder ${IMAGES}, got no such file: take CelebA's original ` +
        'text files, not a version with CSV files',
      path,
    );
  }
  const { files, labels } = parseAttributes(text, path, attributes);
  const partitionPath = join(directory, PARTITION);
  const partition = await readText(partitionPath);
  const parts =
    partition === undefined
      ? files.map((_, k) => (k < files.length - Math.floor(files.length / 10) ? 0 : 2))
      : parsePartition(partition, partitionPath, files);
  const rows = Uint32Array.from(files.keys());
  return {
    files,
    labels,
    train: rows.filter((k) => parts[k] !== 2),
    test: rows.filter((k) => parts[k] === 2),
  };
}

/** The text of a file; undefined if there is no such file. */
async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new UsageError('unreadable-file', `expected a readable file ${path}, got: ${error.message}`, path);
  });
}

const wordsOf = (line: string) => line.trim().split(/\s+/);

function parseAttributes(text: string, path: string, wanted: readonly string[]) {
  const [first = '', second = '', ...lines] = text.trimEnd().split('\n');
  const names = wordsOf(second);
  if (!/^\d+$/.test(first.trim()) || Number(first) !== lines.length || lines.length === 0) {
    throw malformed(
      path,
      1,
      `the number of images, of which there are ${lines.length} from line 3 on`,
      first,
    );
  }
  const columns = wanted.map((name, k) => {
    const column = names.indexOf(name);
    if (column < 0) throw unknownName(`attribute of ${path}`, name, names, `data.attributes.${k}`);
    return column + 1;
  });
  const labels = new Uint8Array(lines.length * wanted.length);
  const files = lines.map((line, k) => {
    const words = wordsOf(line);
    const values = columns.map((column) => words[column]);
    const isRow = words.length === names.length + 1 && /^[\w-]+\.jpg$/.test(words[0]!);
    if (!isRow || values.some((value) => value !== '1' && value !== '-1')) {
      throw malformed(path, k + 3, `the name of a .jpg file and ${names.length} numbers 1 or -1`, line);
    }
    for (const [a, value] of values.entries()) labels[k * wanted.length + a] = value === '1' ? 1 : 0;
    return words[0]!;
  });
  return { files, labels };
}

/** The part of each file: 0, 1 or 2. */
function parsePartition(text: string, path: string, files: readonly string[]): number[] {
  const parts = new Map<string, number>();
  for (const [k, line] of text.trimEnd().split('\n').entries()) {
    const [file = '', part = '', ...more] = wordsOf(line);
    if (!/^[012]$/.test(part) || more.length > 0) {
      throw malformed(path, k + 1, 'the name of a file and 0, 1 or 2', line);
    }
    parts.set(file, Number(part));
  }
  return files.map((file) => {
    const part = parts.get(file);
    if (part !== undefined) return part;
    throw new UsageError(
      'missing-image',
      `${path}: expected a line for every image of ${ATTRIBUTES}, got none for ${file}`,
      path,
    );
  });
}

function malformed(path: string, line: number, expected: string, got: string): UsageError {
  const excerpt = JSON.stringify(got.length > 60 ? `${got.slice(0, 60)}…` : got);
  return new UsageError('bad-line', `${path}:${line}: expected ${expected}, got ${excerpt}`, path);
}

/**
 * Refuses images that do not fit into `memory`, before minutes are spent on decoding them.
 * @throws UsageError `out-of-memory` with both sizes
 */
export function requireRoom(images: number, side: number, memory: Bytes = totalmem()): void {
  const bytes = images * side * side * CHANNELS;
  if (bytes <= memory) return;
  throw new UsageError(
    'out-of-memory',
    `expected images that fit into ${formatBytes(memory)} of memory, got ${images} of ${side} × ${side} × ${CHANNELS} ` +
      `bytes, which is ${formatBytes(bytes)}: choose a smaller size, or fewer samples (train, test, publicRows)`,
    'data.size',
  );
}

/**
 * Reads an image, takes its central square of 178 × 178 pixels (rows 20 to 197) and scales it to [side, side, 3] bytes at
 * `offset` in `out`: the square is cut into side × side equal cells, and a cell is the mean of the pixels under it, each
 * weighted by the area that it covers. The mean is computed in whole numbers and rounded half up.
 * @throws UsageError for a file that is missing, not a JPEG image, damaged, or of another size
 */
export async function readCelebaImage(
  path: string,
  side: number,
  out: Uint8Array,
  offset: number,
): Promise<void> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    const got = error.code === 'ENOENT' ? 'no such file' : error.message;
    throw new UsageError('missing-image', `expected a JPEG image ${path}, got: ${got}`, path);
  });
  const requireSize = ({ width, height }: { readonly width: number; readonly height: number }) => {
    if (width === WIDTH && height === HEIGHT) return;
    const expected = `${WIDTH} × ${HEIGHT} pixels (the aligned and cropped images)`;
    throw new UsageError('bad-image', `${path}: expected ${expected}, got ${width} × ${height}`, path);
  };
  const claimed = sizeOfJpeg(bytes);
  if (claimed) requireSize(claimed);
  const image = await decodeJpeg(bytes).catch((error: Error) => {
    throw new UsageError('bad-image', `${path}: expected a complete JPEG image, got: ${error.message}`, path);
  });
  requireSize(image);
  scaleSquare(image.data, side, out, offset);
}

/** Lengths are in units of 1/`side` of a pixel: a pixel is `side` wide and a cell 178, both whole numbers. */
function scaleSquare(pixels: Uint8ClampedArray, side: number, out: Uint8Array, offset: number): void {
  const area = WIDTH * WIDTH;
  const cells = Array.from({ length: side }, (_, cell) => coverOf(cell, side));
  let next = offset;
  for (const rows of cells) {
    for (const columns of cells) {
      for (let channel = 0; channel < CHANNELS; channel++) {
        let sum = 0;
        for (const [y, height] of rows) {
          for (const [x, width] of columns) {
            sum += height * width * pixels[((TOP + y) * WIDTH + x) * 4 + channel]!;
          }
        }
        out[next++] = Math.floor((2 * sum + area) / (2 * area));
      }
    }
  }
}

/** The pixels under a cell along one axis, and the length of each within the cell; the lengths add up to 178. */
function coverOf(cell: number, side: number): Array<[pixel: number, length: number]> {
  const [from, to] = [cell * WIDTH, (cell + 1) * WIDTH];
  const cover: Array<[number, number]> = [];
  for (let pixel = Math.floor(from / side); pixel * side < to; pixel++) {
    cover.push([pixel, Math.min(to, (pixel + 1) * side) - Math.max(from, pixel * side)]);
  }
  return cover;
}
