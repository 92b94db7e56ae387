/** The files of support/numpy-files.json are what NumPy 2.4 writes, in base64: `numpy.save`, `numpy.savez`, `numpy.savez_compressed`. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { UsageError } from '../errors.js';
import { Random } from '../random.js';
import { testSource } from '../testing/data.js';
import type { Dataset } from './dataset.js';
import { parseNpy } from './npy.js';
import { npy } from './sources/npy.js';
import { npz } from './sources/npz.js';

const files = JSON.parse(readFileSync(join('test', 'support', 'numpy-files.json'), 'utf8')) as Record<
  string,
  string
>;
const bytesOf = (name: string): Buffer => Buffer.from(files[name]!, 'base64');
const parse = (bytes: Uint8Array) => parseNpy(bytes, 'a.npy', 'a.npy');

const numbersOf = (name: string) => {
  const array = parse(bytesOf(name));
  const length = array.shape.reduce((product, size) => product * size, 1);
  return [array.shape, Array.from({ length }, (_, k) => array.at(k))];
};

test('arrays of every type that is read have their numbers', () => {
  assert.deepEqual(numbersOf('float32'), [
    [2, 2],
    [1.5, -2, 0.25, 3],
  ]);
  assert.deepEqual(numbersOf('bigEndian'), [[3], [1, -2, 300]]);
  assert.deepEqual(numbersOf('half'), [[4], [1, 0.0999755859375, -65504, 2 ** -24]]);
  assert.deepEqual(numbersOf('long'), [[3], [0, 1, 2]]);
  assert.deepEqual(numbersOf('truth'), [[2], [1, 0]]);
  assert.deepEqual(numbersOf('scalar'), [[], [3]]);
});

test('the second and third version of the format are read', () => {
  assert.deepEqual(numbersOf('version2'), [[2], [7, 8]]);
  assert.deepEqual(numbersOf('version3'), [[2], [7, 8]]);
});

const refused = (bytes: Uint8Array, message: RegExp) =>
  assert.throws(
    () => parse(bytes),
    (error) =>
      error instanceof UsageError && message.test(error.message) && error.message.startsWith('a.npy'),
  );

/** An array with another header of the same length. */
function withHeader(from: string, to: string): Buffer {
  assert.equal(from.length, to.length);
  const text = bytesOf('float32').toString('latin1');
  assert.ok(text.includes(from));
  return Buffer.from(text.replace(from, to), 'latin1');
}

test('arrays that are not numbers in C order are refused with what to do', () => {
  refused(bytesOf('fortran'), /C order \(save numpy\.ascontiguousarray/);
  refused(bytesOf('text'), /objects and text are not read\), got descr '<U2'/);
  refused(bytesOf('object'), /got descr '\|O'/);
  refused(bytesOf('complex'), /got descr '<c16'/);
  refused(bytesOf('record'), /got descr \[/);
});

test('damaged files are refused', () => {
  const whole = bytesOf('float32');
  refused(whole.subarray(0, -1), /expected 144 bytes for 2 × 2 numbers of 4, got 143/);
  refused(Buffer.concat([whole, Buffer.of(0)]), /expected 144 bytes.*got 145/);
  refused(whole.subarray(0, 9), /got 9 bytes/);
  refused(whole.subarray(0, 40), /a header of 128 bytes, got 40 bytes in all/);
  refused(Buffer.concat([Buffer.from('PK'), whole]), /format of NumPy \(\.npy\), got other bytes/);
  const version = Buffer.from(whole);
  version[6] = 4;
  refused(version, /version 1\.0, 2\.0 or 3\.0 of the format, got 4\.0/);
  refused(withHeader("'shape'", "'shapf'"), /a header with 'descr', 'fortran_order' and 'shape'/);
  refused(withHeader('(2, 2)', '(2  2)'), /a header with/);
  refused(withHeader('False', 'false'), /a header with/);
});

async function withFiles<Result>(
  content: Readonly<Record<string, Uint8Array>>,
  body: (directory: string) => Promise<Result>,
): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'mycel-numpy-'));
  try {
    for (const [name, bytes] of Object.entries(content)) await writeFile(join(directory, name), bytes);
    return await body(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

const loadNpz = (bytes: Uint8Array, options: object = {}): Promise<Dataset> =>
  withFiles({ 'data.npz': bytes }, (directory) =>
    npz.load(npz.options.parse({ file: 'data.npz', ...options }), {
      directory,
      nodes: 2,
      random: new Random('npz'),
    }),
  );

for (const packing of ['stored', 'deflated'] as const) {
  test(`an archive, ${packing}, is a data set with the tests that it has`, async () => {
    const data = await loadNpz(bytesOf(packing));
    assert.deepEqual(data.shape, [4, 2, 1]);
    assert.ok(data.features instanceof Uint8Array);
    assert.deepEqual(
      [...data.features],
      Array.from({ length: 32 }, (_, k) => (k < 24 ? k : k + 76)),
    );
    assert.deepEqual([data.train, data.test, data.classes, data.scale], [3, 1, 3, 1 / 255]);
    assert.deepEqual([...data.labels], [0, 2, 1, 0]);
  });

  test(`a changed byte in an archive, ${packing}, is found by its CRC-32 or its format`, async () => {
    const whole = bytesOf(packing);
    // In the numbers, or the deflated bytes, of the first array.
    const place = whole.indexOf('PK', 4) - 5;
    const changed = Buffer.from(whole);
    changed[place] = changed[place]! ^ 0x10;
    await assert.rejects(
      loadNpz(changed),
      (error) =>
        error instanceof UsageError &&
        /data\.npz: expected a complete zip file of arrays/.test(error.message),
    );
  });
}

test('an archive without the array that is named lists those that it has', async () => {
  await assert.rejects(
    loadNpz(bytesOf('stored'), { features: 'x_trian' }),
    (error) =>
      error instanceof UsageError &&
      error.path === 'data.features' &&
      /Did you mean "x_train"\? Known: x_test, x_train, y_test, y_train/.test(error.message),
  );
  await assert.rejects(
    loadNpz(bytesOf('stored'), { testLabels: 'none' }),
    /expected both features and labels of the tests, or neither, got features alone/,
  );
});

test('an archive that claims more than it can hold is refused before anything is unpacked', async () => {
  const bytes = bytesOf('deflated');
  const entry = bytes.indexOf(Buffer.from('PK\x01\x02', 'latin1'));
  bytes.writeUInt32LE(2 ** 31 - 2, entry + 24);
  await assert.rejects(loadNpz(bytes), /expected a complete zip file of arrays, got: 2147483646 bytes in/);
  await assert.rejects(
    loadNpz(Buffer.from('no archive at all, just some text')),
    /expected a complete zip file/,
  );
});

test('arrays in files of their own keep the laws of a source, for classes and for targets', async () => {
  const content = { 'x.npy': bytesOf('float32'), 'y.npy': bytesOf('truth'), 'z.npy': bytesOf('half') };
  await withFiles(content, async (directory) => {
    const features = { features: 'x.npy' };
    const classes = await testSource(npy, {
      options: { ...features, labels: 'y.npy', test: '50%' },
      directory,
    });
    assert.deepEqual([classes.train, classes.test, classes.classes, classes.scale], [1, 1, 2, 1]);
    const tests = { testFeatures: 'x.npy', testLabels: 'x.npy' };
    const refusal = (options: object, message: RegExp) =>
      assert.rejects(
        async () =>
          npy.load(npy.options.parse({ ...features, labels: 'y.npy', ...options }), {
            ...{ directory, nodes: 2, random: new Random('npy') },
          }),
        message,
      );
    await refusal({ labels: 'z.npy' }, /z\.npy: expected a label for each of the 2 samples .*shape \(4\)/);
    await refusal({ labels: 'x.npy' }, /x\.npy: expected a label for each.*shape \(2, 2\)/);
    await refusal(tests, /x\.npy: expected a label/);
    await refusal({ features: 'none.npy' }, /expected a \.npy file .*none\.npy, got: no such file/);
  });
});

const column = (values: readonly number[]): Buffer => {
  const header = Buffer.from(
    bytesOf('float32').subarray(0, 128).toString('latin1').replace('(2, 2)', `(${values.length}, 1)`),
    'latin1',
  );
  return Buffer.concat([header, Buffer.from(Float32Array.from(values).buffer)]);
};

test('targets of a regression are any finite numbers, and features are standardized by the training samples', async () => {
  const content = {
    'x.npy': column([1, 3, 5]),
    'y.npy': column([-0.5, 2, 7]),
    'bad.npy': column([1, Number.NaN, 2]),
  };
  await withFiles(content, async (directory) => {
    const load = (options: object) =>
      npy.load(
        npy.options.parse({
          features: 'x.npy',
          labels: 'y.npy',
          testFeatures: 'x.npy',
          testLabels: 'y.npy',
          ...options,
        }),
        {
          ...{ directory, nodes: 1, random: new Random('npy') },
        },
      );
    const data = await load({ kind: 'regression', standardize: true });
    assert.deepEqual([...data.targets!], [-0.5, 2, 7, -0.5, 2, 7]);
    // Mean 3, variance 8/3.
    const one = Math.fround(2 / Math.sqrt(8 / 3));
    assert.deepEqual([...data.features], [-one, 0, one, -one, 0, one]);
    await assert.rejects(
      load({}),
      /y\.npy: expected whole numbers as classes, got floating-point numbers; use kind: regression/,
    );
    await assert.rejects(
      load({ kind: 'regression', features: 'bad.npy' }),
      /bad\.npy: expected finite numbers, got NaN at index 1/,
    );
  });
});

test('labels that are no classes are refused with their sample', async () => {
  await assert.rejects(
    loadNpz(bytesOf('stored'), { classes: 2 }),
    /array y_train: expected classes from 0 to 1, got 2 at sample 1/,
  );
});
