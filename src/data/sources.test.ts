import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { UsageError } from '../errors.js';
import { Random } from '../random.js';
import { testSource } from '../testing/data.js';
import { type DataSource, type Dataset, sources } from './index.js';
import { normalQuantile } from './normal-quantile.js';
import { chooseRows } from './source.js';

const byId = (id: string): DataSource => sources.find((entry) => entry.id === id)!;

function load(id: string, options: unknown, nodes = 4, seed = 'a'): Promise<Dataset> {
  const entry = byId(id);
  return entry.load(entry.options.parse(options), { nodes, random: new Random(seed), directory: '.' });
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

test('mnist, blobs and quadratic keep the laws of a source', async () => {
  await testSource(byId('mnist'), { options: { train: 50, test: 20 } });
  await testSource(byId('blobs'), { options: { train: 50, test: 20 } });
  await testSource(byId('quadratic'));
});

test('mnist has the published digits', async () => {
  const all = await load('mnist', {});
  assert.deepEqual(all.shape, [28, 28, 1]);
  assert.equal(all.train, 60_000);
  assert.equal(all.test, 10_000);
  assert.deepEqual([...all.labels.subarray(0, 10)], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
  assert.deepEqual([...all.labels.subarray(60_000, 60_010)], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
  assert.equal(sum(all.features.subarray(0, 784)), 27_525);
  // The mean 0.1307 of the training pixels is what the literature normalises by.
  const mean = sum(all.features.subarray(0, 60_000 * 784)) / (60_000 * 784 * 255);
  assert.ok(Math.abs(mean - 0.1307) < 5e-5, `mean ${mean}`);
});

test('mnist is the published files byte for byte, in their order', async () => {
  const { features, labels } = await load('mnist', {});
  /** An IDX file: its header in hexadecimal, and its bytes. */
  const sha256 = (header: string, bytes: Uint8Array) =>
    createHash('sha256').update(Buffer.from(header, 'hex')).update(bytes).digest('hex');
  const digits = Uint8Array.from(labels);
  // SHA-256 of the published files, unpacked, as data sets' loaders elsewhere give them.
  assert.equal(
    sha256('000008030000ea600000001c0000001c', features.subarray(0, 60_000 * 784) as Uint8Array),
    'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  );
  assert.equal(
    sha256('00000803000027100000001c0000001c', features.subarray(60_000 * 784) as Uint8Array),
    '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  );
  assert.equal(
    sha256('000008010000ea60', digits.subarray(0, 60_000)),
    '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  );
  assert.equal(
    sha256('0000080100002710', digits.subarray(60_000)),
    'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
  );
});

test('mnist is unpacked once, and no run can change what the next one gets', async () => {
  const first = await load('mnist', { train: 30, test: 20 });
  const kept = first.features.slice();
  first.features.fill(7);
  first.labels.fill(7);
  assert.deepEqual((await load('mnist', { train: 30, test: 20 })).features, kept);
});

test('a random choice of mnist depends on its stream, and not on the size of the other part', async () => {
  const small = await load('mnist', { train: 30, test: 20 });
  const more = await load('mnist', { train: 60, test: 20 });
  const tested = (data: Dataset) => data.features.slice(data.train * 784);
  assert.deepEqual(tested(small), tested(more));
  assert.deepEqual(small.labels.slice(30), more.labels.slice(60));
  assert.notDeepEqual(small.labels, (await load('mnist', { train: 30, test: 20 }, 4, 'b')).labels);
});

test('more samples than mnist has are refused', async () => {
  await assert.rejects(
    load('mnist', { train: 60_001 }),
    (error) =>
      error instanceof UsageError &&
      error.path === 'data.train' &&
      /at most 60000 train samples.*got 60001/.test(error.message),
  );
});

test('a smaller choice of rows is a subset of a larger one, ascends, and has no row twice', () => {
  const choose = (wanted: number) => [...chooseRows(100, wanted, new Random('rows'))];
  const large = choose(60);
  assert.ok(choose(20).every((row) => large.includes(row)));
  assert.ok(large.every((row, k) => k === 0 || row > large[k - 1]!));
  assert.equal(choose(100).length, 100);
});

test('blobs have the requested sizes and noise, and equally many samples of each class', async () => {
  const options = { features: 50, classes: 4, train: 4000, test: 10, noise: 20, separation: 1e-9 };
  const { shape, features, labels } = await load('blobs', options);
  assert.deepEqual(shape, [50]);
  assert.equal(features.length, 4010 * 50);
  assert.deepEqual([...labels.subarray(3998, 4004)], [2, 3, 0, 1, 2, 3]);
  // All centres are at 0, so that a feature is max(0, 20·z): its mean is 20/√(2π), its mean square 20²/2.
  assert.ok(Math.abs(sum(features) / features.length - 7.979) < 0.1);
  assert.ok(Math.abs(sum(Float32Array.from(features, (value) => value ** 2)) / features.length - 200) < 3);
});

test('blobs are learnable but not trivial', async () => {
  const { features, labels, train, test: tested } = await load('blobs', {});
  /** Accuracy of the nearest class mean, when the means come from that many samples. */
  const accuracy = (samples: number) => {
    const means = Array.from({ length: 10 }, () => new Float64Array(784));
    for (let row = 0; row < samples; row++) {
      const mean = means[labels[row]!]!;
      for (let k = 0; k < 784; k++) mean[k]! += features[row * 784 + k]! / (samples / 10);
    }
    let right = 0;
    for (let row = train; row < train + tested; row++) {
      const distances = means.map((mean) =>
        mean.reduce((total, value, k) => total + (value - features[row * 784 + k]!) ** 2, 0),
      );
      if (distances.indexOf(Math.min(...distances)) === labels[row]) right++;
    }
    return right / tested;
  };
  const few = accuracy(100);
  const many = accuracy(10_000);
  assert.ok(few > 0.3 && few < 0.85, `with 100 samples ${few}`);
  assert.ok(many > 0.9 && many < 0.995, `with 10,000 samples ${many}`);
});

test('more training samples of blobs do not change the other samples', async () => {
  const small = await load('blobs', { features: 7, train: 20, test: 5 });
  const large = await load('blobs', { features: 7, train: 40, test: 5 });
  assert.deepEqual(large.features.slice(0, 20 * 7), small.features.slice(0, 20 * 7));
  assert.deepEqual(large.features.slice(40 * 7), small.features.slice(20 * 7));
});

test('the normal quantiles agree with published tables', () => {
  for (const [probability, quantile] of [
    [0.5, 0],
    [0.975, 1.959963985],
    [0.841344746, 1],
    [0.001, -3.090232306],
    [0.00001, -4.264890794],
  ] as const) {
    assert.ok(Math.abs(normalQuantile(probability) - quantile) < 2e-8, `${probability}`);
  }
});

test('quadratic data have one row per node, in the requested ranges, and the same rows as test part', async () => {
  const data = await load('quadratic', { dimension: 3, curvature: [2, 2.5] }, 200);
  assert.deepEqual([data.train, data.test, data.classes, data.scale], [200, 200, 0, 1]);
  assert.deepEqual(data.shape, [4]);
  const rows = data.features as Float32Array;
  assert.deepEqual(rows.slice(800), rows.slice(0, 800));
  const centres: number[] = [];
  for (let node = 0; node < 200; node++) {
    assert.ok(rows[4 * node]! >= 2 && rows[4 * node]! <= 2.5);
    centres.push(...rows.subarray(4 * node + 1, 4 * node + 4));
  }
  const variance = centres.reduce((total, value) => total + value * value, 0) / centres.length;
  // 600 normals of variance 9: the standard deviation of their mean square is 0.52.
  assert.ok(Math.abs(variance - 9) < 2.1, `variance ${variance}`);
});

test('more nodes do not change the quadratics of the first ones', async () => {
  const few = await load('quadratic', {}, 3);
  const many = await load('quadratic', {}, 5);
  assert.deepEqual(many.features.slice(0, 33), few.features.slice(0, 33));
});

test('impossible options are refused', () => {
  const refused = (id: string, options: unknown) =>
    assert.equal(byId(id).options.safeParse(options).success, false, JSON.stringify(options));
  refused('mnist', { train: 0 });
  refused('mnist', { train: 1.5 });
  refused('mnist', { tain: 5 });
  refused('idx', {});
  refused('blobs', { noise: Number.NaN });
  refused('quadratic', { curvature: [2, 1] });
  refused('quadratic', { deviation: -1 });
});
