import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { encodeJpeg } from '../../test/support/jpeg.js';
import { UsageError } from '../errors.js';
import { Random } from '../random.js';
import { testSource, testSplit } from '../testing/data.js';
import { requireRoom } from './celeba-directory.js';
import { type Dataset, splits } from './index.js';
import { decodeJpeg } from './jpeg.js';
import { celeba } from './sources/celeba.js';

const IMAGES = 24;
const NAMES = 'Bald Male Smiling Mustache Wearing_Lipstick Young High_Cheekbones Heavy_Makeup'.split(' ');
const SIX = ['Male', 'Mustache', 'High_Cheekbones', 'Smiling', 'Heavy_Makeup', 'Wearing_Lipstick'];

const nameOf = (image: number) => `${String(image + 1).padStart(6, '0')}.jpg`;
const has = (image: number, name: string) => (image * 7 + NAMES.indexOf(name) * 3) % 5 < 2;

type Paint = (x: number, y: number) => [red: number, green: number, blue: number];

async function jpeg(paint: Paint, { width = 178, height = 218 } = {}): Promise<Uint8Array> {
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++) {
    data.set(paint(pixel % width, Math.floor(pixel / width)), pixel * 4);
  }
  return encodeJpeg({ width, height, data }, 95);
}

/** Each image is a grey of its own; the first is painted. */
const PAINTED: Paint = (x, y) => [x, y, (x * y) % 97];
const greyOf = (image: number) => 10 * image;

/** Lines of list_attr_celeba.txt, aligned with blanks as in the original. */
const ATTRIBUTE_LINES = [
  String(IMAGES),
  `${NAMES.join(' ')} `,
  ...Array.from(
    { length: IMAGES },
    (_, k) => `${nameOf(k)} ${NAMES.map((name) => (has(k, name) ? ' 1' : '-1')).join(' ')}`,
  ),
];
/** 16 images to train with, 3 to validate and 5 to test with. */
const PARTITION_LINES = Array.from(
  { length: IMAGES },
  (_, k) => `${nameOf(k)} ${k < 16 ? 0 : k < 19 ? 1 : 2}`,
);

let root = '';
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'mycel-celeba-'));
  await mkdir(join(root, 'img_align_celeba'));
  for (let k = 0; k < IMAGES; k++) {
    const grey = greyOf(k);
    const bytes = await jpeg(k === 0 ? PAINTED : () => [grey, grey, grey]);
    await writeFile(join(root, 'img_align_celeba', nameOf(k)), bytes);
  }
  await writeLines('list_attr_celeba.txt', ATTRIBUTE_LINES);
  await writeLines('list_eval_partition.txt', PARTITION_LINES);
});
after(() => rm(root, { recursive: true }));

const writeLines = (file: string, lines: readonly string[], directory = root) =>
  writeFile(join(directory, file), `${lines.join('\n')}\n`);

const load = (options: object = {}, directory = root) =>
  celeba.load(celeba.options.parse({ directory: '.', ...options }), {
    directory,
    nodes: 6,
    random: new Random('celeba'),
  });

/** Loads a copy of the directory with other files; undefined takes a file away. */
async function loadChanged(
  changes: Readonly<Record<string, string | Uint8Array | undefined>>,
  options: object = {},
): Promise<Dataset> {
  const directory = await mkdtemp(join(tmpdir(), 'mycel-celeba-'));
  try {
    await cp(root, directory, { recursive: true });
    for (const [file, content] of Object.entries(changes)) {
      if (content === undefined) await rm(join(directory, file));
      else await writeFile(join(directory, file), content);
    }
    return await load(options, directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

const refused = (loading: Promise<unknown>, code: string, message: RegExp) =>
  assert.rejects(loading, (error) => {
    assert.ok(error instanceof UsageError);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });

const pixelsOf = ({ shape, features }: Dataset, row: number) => {
  const length = shape[0]! * shape[1]! * 3;
  return [...features.subarray(row * length, (row + 1) * length)];
};

test('the parts are those of the partition list, and its validation images are training images', async () => {
  const data = await testSource(celeba, { options: { directory: '.', size: 4 }, directory: root });
  assert.deepEqual([data.train, data.test, data.publicRows], [19, 5, 0]);
  assert.deepEqual([data.attributes, data.classes, data.scale], [6, 2, 1 / 255]);
  assert.deepEqual(data.shape, [4, 4, 3]);
  for (let row = 1; row < IMAGES; row++) {
    for (const value of pixelsOf(data, row)) assert.ok(Math.abs(value - greyOf(row)) <= 2, `row ${row}`);
  }
});

test('the labels are those of the named attributes, in their order', async () => {
  const labelsOf = (data: Dataset, names: readonly string[]) =>
    assert.deepEqual(
      [...data.labels],
      Array.from({ length: IMAGES }, (_, k) => names.map((name) => (has(k, name) ? 1 : 0))).flat(),
    );
  labelsOf(await load({ size: 1 }), SIX);
  labelsOf(await load({ size: 1, attributes: ['Young', 'Bald'] }), ['Young', 'Bald']);
});

test('a random choice keeps images and labels together, and public images are not training images', async () => {
  const options = { directory: '.', size: 2, train: 7, test: 3, publicRows: 6 };
  const data = await testSource(celeba, { options, directory: root });
  assert.deepEqual([data.train, data.test, data.publicRows], [7, 3, 6]);
  const seen = Array.from({ length: 16 }, (_, row) => {
    const pixels = pixelsOf(data, row);
    return pixels[0] === pixels[3] ? Math.round(pixels[0]! / 10) : 0;
  });
  assert.equal(new Set(seen).size, 16);
  for (const [row, image] of seen.entries()) {
    assert.equal(image >= 19, row >= 7 && row < 10, `row ${row}`);
    assert.deepEqual(
      [...data.labels.subarray(row * 6, (row + 1) * 6)],
      SIX.map((name) => (has(image, name) ? 1 : 0)),
    );
  }
});

test('images that were not chosen are not read', async () => {
  const [train, test] = [1, 1];
  const whole = await load({ size: 1, train, test });
  const kept = new Set(
    [0, 1].map((row) => nameOf(Math.round(pixelsOf(whole, row).reduce((a, b) => a + b) / 30))),
  );
  const rest = Array.from({ length: IMAGES }, (_, k) => nameOf(k)).filter((name) => !kept.has(name));
  assert.equal(rest.length, 22);
  const changes = Object.fromEntries(rest.map((name) => [`img_align_celeba/${name}`, undefined]));
  assert.deepEqual(await loadChanged(changes, { size: 1, train, test }), whole);
});

test('each pixel is the mean over its cell of the central square', async () => {
  const { data } = await decodeJpeg(await jpeg(PAINTED));
  const square = [...data.subarray(20 * 178 * 4, 198 * 178 * 4)].filter((_, i) => i % 4 < 3);
  assert.deepEqual(pixelsOf(await load({ size: 178, train: 19, test: 1 }), 0), square);
  for (const size of [1, 3, 5]) {
    const pixels = pixelsOf(await load({ size, train: 19, test: 1 }), 0);
    // Every pixel is split into size × size parts, so that 178 × 178 parts make a cell.
    const sums = new Float64Array(size * size * 3);
    for (let y = 0; y < 178 * size; y++) {
      for (let x = 0; x < 178 * size; x++) {
        const cell = Math.floor(y / 178) * size + Math.floor(x / 178);
        const pixel = (20 + Math.floor(y / size)) * 178 + Math.floor(x / size);
        for (let c = 0; c < 3; c++) sums[cell * 3 + c]! += data[pixel * 4 + c]!;
      }
    }
    assert.deepEqual(
      pixels,
      [...sums].map((sum) => Math.floor(sum / (178 * 178) + 0.5)),
      `size ${size}`,
    );
  }
});

test('a colour gradient stays one: each pixel has the colour of the middle of its cell', async () => {
  const pixels = pixelsOf(await load({ train: 19, test: 1 }), 0);
  for (let cell = 0; cell < 32 * 32; cell++) {
    const [row, column] = [Math.floor(cell / 32), cell % 32];
    const middle = (place: number) => ((place + 0.5) * 178) / 32 - 0.5;
    assert.ok(Math.abs(pixels[cell * 3]! - middle(column)) <= 4, `red ${row},${column}`);
    assert.ok(Math.abs(pixels[cell * 3 + 1]! - (20 + middle(row))) <= 4, `green ${row},${column}`);
  }
});

test('node i of the split by attributes learns attribute i of all test images', async () => {
  const split = splits.find(({ id }) => id === 'attributes')!;
  const dataset = await load({ size: 1 });
  const shards = testSplit(split, { dataset, nodes: 6 });
  assert.deepEqual(
    shards.map(({ view, test }) => [view?.attribute, test.length]),
    SIX.map((_, k) => [k, 5]),
  );
});

test('without a partition list the last tenth of the images is the test part', async () => {
  const data = await loadChanged({ 'list_eval_partition.txt': undefined }, { size: 1 });
  assert.deepEqual([data.train, data.test], [22, 2]);
});

test('an error names the list, attribute or image that is missing', async () => {
  await refused(load({ directory: 'nowhere' }), 'missing-file', /list_attr_celeba.txt in .*nowhere/);
  await refused(
    load({ attributes: ['Male', 'Smilling'] }),
    'unknown-name',
    /unknown attribute of .*list_attr_celeba\.txt "Smilling"\. Did you mean "Smiling"\?/,
  );
  await refused(
    loadChanged({ 'img_align_celeba/000003.jpg': undefined }, { size: 1 }),
    'missing-image',
    /img_align_celeba\/000003.jpg, got: no such file/,
  );
  const short = PARTITION_LINES.slice(1).join('\n');
  await refused(
    loadChanged({ 'list_eval_partition.txt': short }, { size: 1 }),
    'missing-image',
    /list_eval_partition.txt: expected a line for every image .* got none for 000001.jpg/,
  );
});

test('a list with a wrong count, a malformed line or an unknown part is refused with the number of the line', async () => {
  const attributes = (line: number, text: string) =>
    loadChanged({ 'list_attr_celeba.txt': ATTRIBUTE_LINES.with(line, text).join('\n') });
  await refused(
    attributes(0, '25'),
    'bad-line',
    /attr_celeba.txt:1: expected the number .* there are 24 .*"25"/,
  );
  await refused(
    attributes(4, '000003.jpg 1 1'),
    'bad-line',
    /txt:5: expected .* 8 numbers.*"000003.jpg 1 1"/,
  );
  await refused(
    attributes(3, `../secret.jpg${' 1'.repeat(8)}`),
    'bad-line',
    /txt:4: expected the name of a .jpg/,
  );
  await refused(attributes(2, `000001.jpg${' 0'.repeat(8)}`), 'bad-line', /txt:3: expected .* 1 or -1/);
  await refused(
    loadChanged({ 'list_eval_partition.txt': PARTITION_LINES.with(1, '000002.jpg 3').join('\n') }),
    'bad-line',
    /partition.txt:2: expected the name of a file and 0, 1 or 2, got "000002.jpg 3"/,
  );
});

/** Another file in place of the second image. */
const image = (bytes: Uint8Array) => loadChanged({ 'img_align_celeba/000002.jpg': bytes }, { size: 1 });

test('a file that is not a JPEG image, or is of another size, is refused with its name', async () => {
  await refused(
    image(Buffer.from('GIF89a')),
    'bad-image',
    /000002.jpg: expected a complete JPEG image, got: Not a JPEG file/,
  );
  await refused(image(new Uint8Array()), 'bad-image', /000002.jpg: expected a complete JPEG image/);
  const small = await jpeg(() => [1, 2, 3], { width: 64, height: 80 });
  await refused(image(small), 'bad-image', /000002.jpg: expected 178 × 218 pixels .* got 64 × 80/);
});

test('a JPEG that claims gigabytes of pixels is refused before it is decoded', async () => {
  const huge = Buffer.from(await jpeg(PAINTED));
  const frame = huge.findIndex((byte, k) => byte === 0xff && huge[k + 1] === 0xc2);
  assert.ok(frame > 0, 'a progressive image');
  huge.writeUInt16BE(65_500, frame + 5);
  huge.writeUInt16BE(65_400, frame + 7);
  const message = /000002.jpg: expected 178 × 218 pixels .* got 65400 × 65500/;
  await refused(image(huge), 'bad-image', message);
  // The decoder would skip what is no marker, and so does the look at the size.
  const late = Buffer.concat([huge.subarray(0, 2), Buffer.from([1, 2, 3, 0xff]), huge.subarray(2)]);
  await refused(image(late), 'bad-image', message);
});

test('images that the decoder refuses do not break it for the images after them', async () => {
  const whole = await jpeg(PAINTED);
  const { data } = await decodeJpeg(whole);
  // One decoder for all of them was broken after 175.
  for (let seed = 0; seed < 180; seed++) {
    const random = new Random(`damage ${seed}`);
    const bytes = whole.slice();
    for (let k = 0; k < 1 + (seed % 3); k++) bytes[2 + random.integer(600)] = random.integer(256);
    await decodeJpeg(bytes).catch(({ message }: Error) =>
      assert.doesNotMatch(message, /memory access|function signature/),
    );
  }
  assert.deepEqual((await decodeJpeg(whole)).data, data);
});

test('a JPEG that was cut off anywhere is refused', async () => {
  const whole = await jpeg(PAINTED);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 1 }), (length) =>
      refused(
        loadChanged({ 'img_align_celeba/000002.jpg': whole.subarray(0, length) }, { size: 1, train: 19 }),
        'bad-image',
        /000002.jpg: expected a complete JPEG image/,
      ),
    ),
    { seed: 3, numRuns: 12 },
  );
});

test('images that do not fit into the memory are refused with their size, before one is read', () => {
  assert.doesNotThrow(() => requireRoom(1000, 32, 1000 * 32 * 32 * 3));
  assert.throws(
    () => requireRoom(202_599, 178, 16e9),
    /fit into 16\.0 GB of memory, got 202599 of 178 × 178 × 3 bytes, which is 19\.\d+ GB: choose a smaller size/,
  );
});

test('a size above that of the square, and an empty list of attributes, are refused', () => {
  for (const options of [{ size: 179 }, { size: 0 }, { attributes: [] }, { labels: 3 }]) {
    assert.equal(celeba.options.safeParse({ directory: '.', ...options }).success, false);
  }
});
