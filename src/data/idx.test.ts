import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { UsageError } from '../errors.js';
import { Random } from '../random.js';
import { testSource } from '../testing/data.js';
import { parseIdx } from './idx.js';
import { idx } from './sources/idx.js';

function encode(dimensions: readonly number[], values: readonly number[], type = 8): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * dimensions.length + values.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(2, type);
  view.setUint8(3, dimensions.length);
  for (const [k, size] of dimensions.entries()) view.setUint32(4 + 4 * k, size);
  bytes.set(values, 4 + 4 * dimensions.length);
  return bytes;
}

/** Three training and two test images of 2 × 1 pixels. */
const FILES: Readonly<Record<string, Uint8Array>> = {
  'train-images-idx3-ubyte': encode([3, 2, 1], [1, 2, 3, 4, 5, 6]),
  'train-labels-idx1-ubyte': encode([3], [0, 1, 2]),
  't10k-images-idx3-ubyte': encode([2, 2, 1], [7, 8, 9, 10]),
  't10k-labels-idx1-ubyte': encode([2], [1, 0]),
};

async function withFiles(
  changes: Readonly<Record<string, Uint8Array | undefined>>,
  body: (directory: string) => Promise<unknown>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'mycel-idx-'));
  try {
    for (const [name, bytes] of Object.entries({ ...FILES, ...changes })) {
      if (bytes) await writeFile(join(directory, name), bytes);
    }
    await body(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

const load = (directory: string, options: object = {}) =>
  idx.load(idx.options.parse({ directory: '.', ...options }), {
    directory,
    nodes: 2,
    random: new Random('idx'),
  });

/** Loading these files fails with that code and message, and names the file. */
const refused = (
  changes: Readonly<Record<string, Uint8Array | undefined>>,
  code: string,
  message: RegExp,
  options: object = {},
) =>
  withFiles(changes, (directory) =>
    assert.rejects(load(directory, options), (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.code, code);
      assert.match(error.message, message);
      return true;
    }),
  );

test('the four files of a directory are one data set', () =>
  withFiles({}, async (directory) => {
    const data = await testSource(idx, { options: { directory: '.' }, directory });
    assert.deepEqual([...data.features], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert.deepEqual([...data.labels], [0, 1, 2, 1, 0]);
    assert.deepEqual(data.shape, [2, 1, 1]);
    assert.equal(data.classes, 3);
    assert.deepEqual([data.train, data.test], [3, 2]);
  }));

test('packed files and names with a dot are found too', () =>
  withFiles(
    {
      'train-images-idx3-ubyte': undefined,
      'train-images.idx3-ubyte': FILES['train-images-idx3-ubyte'],
      't10k-images-idx3-ubyte': undefined,
      't10k-images-idx3-ubyte.gz': gzipSync(FILES['t10k-images-idx3-ubyte']!),
      't10k-labels-idx1-ubyte': undefined,
      't10k-labels-idx1-ubyte.br': brotliCompressSync(FILES['t10k-labels-idx1-ubyte']!),
    },
    async (directory) => {
      assert.deepEqual([...(await load(directory)).features], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    },
  ));

test('a random choice keeps images and labels together', () =>
  withFiles({}, async (directory) => {
    const data = await load(directory, { train: 2, test: 1 });
    assert.deepEqual([data.train, data.test], [2, 1]);
    for (let row = 0; row < 3; row++) {
      const first = data.features[2 * row]!;
      assert.equal(data.features[2 * row + 1], first + 1);
      assert.equal(data.labels[row], { 1: 0, 3: 1, 5: 2, 7: 1, 9: 0 }[first]);
    }
  }));

test('the number of classes can be given, and labels beyond it are refused', async () => {
  await withFiles({}, async (directory) => assert.equal((await load(directory, { classes: 5 })).classes, 5));
  await refused({}, 'bad-label', /train-labels-idx1-ubyte: expected labels from 0 to 1, got 2 at sample 2/, {
    classes: 2,
  });
});

test('the error for a missing directory lists the four files that are needed', () =>
  withFiles({}, (directory) =>
    assert.rejects(load(join(directory, 'nowhere')), (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.code, 'missing-directory');
      for (const name of Object.keys(FILES)) assert.ok(error.message.includes(name), name);
      assert.match(error.message, /no such directory: .*nowhere/);
      return true;
    }),
  ));

test('the error for a missing file lists the names that it may have and the files that exist', () =>
  refused(
    { 't10k-labels-idx1-ubyte': undefined },
    'missing-file',
    /one of t10k-labels-idx1-ubyte, t10k-labels.idx1-ubyte, .*\.gz.*got: t10k-images-idx3-ubyte, train/,
  ));

test('the error for a wrong magic number says what both numbers mean', async () => {
  await refused(
    { 'train-images-idx3-ubyte': FILES['train-labels-idx1-ubyte'] },
    'bad-idx',
    /train-images.*expected the magic number 0x00000803 \(unsigned bytes in 3 dimensions\), got 0x00000801 \(unsigned bytes in 1 dimension\)/,
  );
  await refused(
    { 'train-labels-idx1-ubyte': encode([3], [0, 1, 2], 0x0d) },
    'bad-idx',
    /got 0x00000d01 \(float32 in 1 dimension\)/,
  );
  await refused(
    { 'train-labels-idx1-ubyte': new TextEncoder().encode('<html>') },
    'bad-idx',
    /got 0x3c68746d \(not an IDX file\)/,
  );
});

test('a truncated file is refused with both lengths', async () => {
  const whole = FILES['train-images-idx3-ubyte']!;
  await refused(
    { 'train-images-idx3-ubyte': whole.slice(0, -1) },
    'truncated-file',
    /train-images-idx3-ubyte: expected 22 bytes for 3 × 2 × 1 values, got only 21/,
  );
  await refused(
    { 'train-images-idx3-ubyte': whole.slice(0, 9) },
    'truncated-file',
    /expected an IDX header of 16 bytes, got 9 bytes/,
  );
  await refused({ 'train-images-idx3-ubyte': new Uint8Array() }, 'truncated-file', /16 bytes, got 0 bytes/);
});

test('trailing bytes are refused', () =>
  refused(
    { 't10k-labels-idx1-ubyte': encode([2], [1, 0, 9]) },
    'trailing-bytes',
    /expected 10 bytes for 2 values, got 11: 1 bytes too many/,
  ));

test('a gzip file that ends early is refused', () =>
  refused(
    { 'train-images-idx3-ubyte': gzipSync(FILES['train-images-idx3-ubyte']!).subarray(0, 20) },
    'bad-gzip',
    /expected a complete gzip file .*train-images/,
  ));

test('a file named .br that ends early or is not packed is refused', async () => {
  const labels = FILES['train-labels-idx1-ubyte']!;
  for (const bytes of [brotliCompressSync(labels).subarray(0, 9), labels]) {
    await refused(
      { 'train-labels-idx1-ubyte': undefined, 'train-labels-idx1-ubyte.br': bytes },
      'bad-brotli',
      /expected a complete brotli file .*train-labels/,
    );
  }
});

test('a gzip file that holds more than its header says is unpacked no further', async () => {
  const bomb = (dimensions: readonly number[]) =>
    Buffer.concat([gzipSync(encode(dimensions, [])), gzipSync(new Uint8Array(2 ** 26))]);
  await refused(
    { 't10k-labels-idx1-ubyte': bomb([2]) },
    'trailing-bytes',
    /expected the 10 bytes of its header when unpacked, got more/,
  );
  await refused({ 't10k-labels-idx1-ubyte': bomb([0]) }, 'bad-idx', /dimensions above 0, got 0/);
  await refused(
    { 't10k-labels-idx1-ubyte': gzipSync(new Uint8Array(2 ** 26)) },
    'bad-idx',
    /not an IDX file/,
  );
});

test('images without labels are refused', () =>
  refused(
    { 'train-labels-idx1-ubyte': encode([2], [0, 1]) },
    'count-mismatch',
    /a label for each of the 3 images of .*train-images.*got 2 labels in .*train-labels/,
  ));

test('test images of another size are refused', () =>
  refused(
    { 't10k-images-idx3-ubyte': encode([2, 1, 1], [7, 8]) },
    'shape-mismatch',
    /test images of 2 × 1 pixels.*got 1 × 1/,
  ));

test('a file without samples is refused', () =>
  refused({ 'train-labels-idx1-ubyte': encode([0], []) }, 'bad-idx', /dimensions above 0, got 0/));

test('more samples than the files hold are refused', () =>
  refused({}, 'too-few-samples', /at most 2 test samples.*got 3/, { test: 3 }));

test('a length that overflows 32 bits is not mistaken for a short one', () => {
  const bytes = encode([65_536, 65_536, 1], []);
  assert.throws(() => parseIdx(bytes, 3, 'huge'), /expected 4294967312 bytes/);
});

test('a file may start anywhere in its buffer', () => {
  const padded = new Uint8Array(20);
  padded.set(encode([2], [4, 5]), 7);
  assert.deepEqual([...parseIdx(padded.subarray(7, 17), 1, 'view').values], [4, 5]);
});
