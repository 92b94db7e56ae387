import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { UsageError } from '../errors.js';
import { Random } from '../random.js';
import { testSource } from '../testing/data.js';
import { cifar10 } from './sources/cifar10.js';

const PIXELS = 1024;

/** A record whose red plane is `id` all over, whose green plane counts pixels and whose blue plane is 255 − id. */
function record(label: number, id: number): Uint8Array {
  const bytes = new Uint8Array(1 + 3 * PIXELS).fill(id);
  bytes[0] = label;
  for (let pixel = 0; pixel < PIXELS; pixel++) bytes[1 + PIXELS + pixel] = pixel % 251;
  return bytes.fill(255 - id, 1 + 2 * PIXELS);
}

const file = (...records: Uint8Array[]) => Buffer.concat(records);

/** Training samples 1 … 9 with the labels 1 … 9 over five files, and test samples 100 and 101 with the labels 0 and 1. */
const FILES: Readonly<Record<string, Uint8Array>> = {
  'data_batch_1.bin': file(record(1, 1), record(2, 2)),
  'data_batch_2.bin': file(record(3, 3)),
  'data_batch_3.bin': file(record(4, 4), record(5, 5), record(6, 6)),
  'data_batch_4.bin': file(record(7, 7)),
  'data_batch_5.bin': file(record(8, 8), record(9, 9)),
  'test_batch.bin': file(record(0, 100), record(1, 101)),
};

async function withFiles(
  changes: Readonly<Record<string, Uint8Array | undefined>>,
  body: (directory: string) => Promise<unknown>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'mycel-cifar-'));
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
  cifar10.load(cifar10.options.parse({ directory: '.', ...options }), {
    directory,
    nodes: 2,
    random: new Random('cifar'),
  });

const refused = (
  changes: Readonly<Record<string, Uint8Array | undefined>>,
  expected: { code: string; message: RegExp; options?: object },
) =>
  withFiles(changes, (directory) =>
    assert.rejects(load(directory, expected.options), (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.code, expected.code);
      assert.match(error.message, expected.message);
      return true;
    }),
  );

test('the six files of a directory are one data set, in their order', () =>
  withFiles({}, async (directory) => {
    const data = await testSource(cifar10, { options: { directory: '.' }, directory });
    assert.deepEqual([data.train, data.test, data.publicRows, data.classes], [9, 2, 0, 10]);
    assert.deepEqual(data.shape, [32, 32, 3]);
    assert.equal(data.scale, 1 / 255);
    assert.deepEqual([...data.labels], [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
    const ids = data.features.filter((_, k) => k % (3 * PIXELS) === 0);
    assert.deepEqual([...ids], [1, 2, 3, 4, 5, 6, 7, 8, 9, 100, 101]);
  }));

test('the planes of an image become the channels of its pixels', () =>
  withFiles({}, async (directory) => {
    const { features } = await load(directory);
    for (const pixel of [0, 1, 31, 32, 300, 1023]) {
      const at = (2 * PIXELS + pixel) * 3;
      assert.deepEqual([...features.subarray(at, at + 3)], [3, pixel % 251, 252], `pixel ${pixel}`);
    }
  }));

test('a random choice keeps images and labels together, and public samples are not training samples', () =>
  withFiles({}, async (directory) => {
    const options = { directory: '.', train: 4, test: 1, publicRows: 3 };
    const data = await testSource(cifar10, { options, directory });
    assert.deepEqual([data.train, data.test, data.publicRows], [4, 1, 3]);
    const ids = [...data.features.filter((_, k) => k % (3 * PIXELS) === 0)];
    assert.equal(new Set(ids).size, 8);
    for (const [row, id] of ids.entries()) {
      assert.equal(data.labels[row], id >= 100 ? id - 100 : id);
      assert.equal(id >= 100, row === 4);
    }
  }));

test('an error names the missing directory or files, and the version of the data set that is needed', async () => {
  await withFiles({}, (directory) =>
    assert.rejects(load(join(directory, 'nowhere')), (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.code, 'missing-directory');
      for (const name of Object.keys(FILES)) assert.ok(error.message.includes(name), name);
      assert.match(error.message, /no such directory: .*nowhere/);
      return true;
    }),
  );
  await refused(
    { 'data_batch_3.bin': undefined, 'test_batch.bin': undefined, data_batch_3: new Uint8Array(9) },
    {
      code: 'missing-file',
      message:
        /data_batch_3.bin, test_batch.bin in .*not the one for Python.*got: data_batch_1.bin, .*data_batch_3,/,
    },
  );
});

test('a file that does not consist of whole records is refused', async () => {
  await refused(
    { 'data_batch_2.bin': record(1, 1).subarray(1) },
    {
      code: 'truncated-file',
      message: /data_batch_2.bin: expected records of 3073 bytes.*got 3072 bytes, which are 0 records/,
    },
  );
  await refused(
    { 'test_batch.bin': new Uint8Array() },
    { code: 'truncated-file', message: /test_batch.bin: .*at least one, got 0 bytes/ },
  );
});

test('a label above 9 is refused with the number of its sample', () =>
  refused(
    { 'data_batch_5.bin': file(record(0, 1), record(10, 2)) },
    { code: 'bad-label', message: /data_batch_5.bin: expected labels from 0 to 9, got 10 at sample 1/ },
  ));

test('more samples than the files hold are refused', async () => {
  const code = 'too-few-samples';
  await refused({}, { code, message: /at most 9 train samples.*got 10/, options: { train: 10 } });
  await refused({}, { code, message: /at most 2 test samples.*got 3/, options: { test: 3 } });
  await refused(
    {},
    {
      code,
      message: /at most 2 public samples.*besides 7 training samples, got 3/,
      options: { train: 7, publicRows: 3 },
    },
  );
});
