import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { UsageError } from '../errors.js';
import { Random } from '../random.js';
import { testSource } from '../testing/data.js';
import { fashionMnist } from './sources/fashion-mnist.js';

const DEBIAN = '/usr/share/datasets/fashion-mnist';
const absent = existsSync(DEBIAN) ? false : "Debian's package dataset-fashion-mnist is not installed";

const load = (options: object) =>
  fashionMnist.load(fashionMnist.options.parse(options), {
    nodes: 2,
    directory: '.',
    random: new Random('fashion'),
  });

test("Debian's Fashion-MNIST has the published images", { skip: absent }, async () => {
  const all = await load({});
  assert.deepEqual([all.shape, all.train, all.test, all.classes], [[28, 28, 1], 60_000, 10_000, 10]);
  for (const [from, to] of [
    [0, all.train],
    [all.train, all.train + all.test],
  ] as const)
    for (let label = 0; label < 10; label++)
      assert.equal(all.labels.subarray(from, to).filter((own) => own === label).length, (to - from) / 10);
  assert.deepEqual([...all.labels.subarray(0, 5)], [9, 0, 0, 3, 0]);
  // The mean 0.2860 of the training pixels is what the literature normalises by.
  let sum = 0;
  for (const pixel of all.features.subarray(0, 60_000 * 784)) sum += pixel;
  assert.ok(Math.abs(sum / (60_000 * 784 * 255) - 0.286) < 5e-5, `${sum}`);
});

test("without Debian's package the message says what to install", {
  skip: !absent && 'it is installed',
}, async () => {
  await assert.rejects(
    load({}),
    (error) =>
      error instanceof UsageError &&
      error.path === 'data.directory' &&
      /apt-get install dataset-fashion-mnist/.test(error.message),
  );
});

test('another directory with IDX files keeps the laws of a source, and has ten classes', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'mycel-fashion-'));
  try {
    for (const [part, count] of [
      ['train', 4],
      ['t10k', 2],
    ] as const) {
      const header = (...sizes: number[]) => {
        const bytes = Buffer.alloc(4 + 4 * sizes.length);
        bytes.writeUInt32BE(0x0800 + sizes.length);
        for (const [k, size] of sizes.entries()) bytes.writeUInt32BE(size, 4 + 4 * k);
        return bytes;
      };
      const pixels = Buffer.from(Array.from({ length: count * 4 }, (_, k) => k));
      await writeFile(
        join(directory, `${part}-images-idx3-ubyte`),
        Buffer.concat([header(count, 2, 2), pixels]),
      );
      await writeFile(
        join(directory, `${part}-labels-idx1-ubyte`),
        Buffer.concat([header(count), Buffer.from([1, 0, 2, 1].slice(0, count))]),
      );
    }
    const data = await testSource(fashionMnist, { options: { directory }, directory: '/' });
    assert.deepEqual([data.shape, data.train, data.test, data.classes], [[2, 2, 1], 4, 2, 10]);
    await assert.rejects(
      load({ directory: join(directory, 'none') }),
      /expected a directory with the files train-images/,
    );
  } finally {
    await rm(directory, { recursive: true });
  }
});
