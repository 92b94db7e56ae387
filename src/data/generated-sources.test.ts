import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.js';
import { testSource } from '../testing/data.js';
import { type Dataset, sources } from './index.js';
import { cholesky, orthonormal } from './linear-algebra.js';

function load(id: string, options: unknown, nodes = 4, seed = 'a'): Promise<Dataset> {
  const entry = sources.find((candidate) => candidate.id === id)!;
  return entry.load(entry.options.parse(options), { nodes, random: new Random(seed), directory: '.' });
}

const near = (actual: number, expected: number, tolerance: number, what: string) =>
  assert.ok(Math.abs(actual - expected) < tolerance, `${what}: ${actual}, not ${expected}`);

test('gaussian-attributes and linear-representation keep the laws of a source', async () => {
  for (const [id, options] of [
    ['gaussian-attributes', { train: 40, test: 20, publicRows: 10 }],
    ['linear-representation', { samples: 10, test: 3 }],
  ] as const) {
    await testSource(sources.find((entry) => entry.id === id)!, { options });
  }
});

test('gaussian-attributes has the sizes of the paper by default', async () => {
  const {
    train,
    test: tested,
    publicRows,
    shape,
    attributes,
    classes,
    features,
    labels,
  } = await load('gaussian-attributes', {});
  assert.deepEqual(
    [train, tested, publicRows, shape, attributes, classes],
    [30_000, 10_000, 10_000, [10], 4, 2],
  );
  assert.equal(features.length, 500_000);
  assert.equal(labels.length, 200_000);
});

test('two attributes agree on 1/2 ± asin(ρ)/π of the samples, in each part', async () => {
  for (const rho of [0.8, 0.3]) {
    const size = 20_000;
    const { labels } = await load('gaussian-attributes', { rho, train: size, test: size, publicRows: size });
    for (const part of [0, 1, 2]) {
      for (let k = 0; k < 4; k++) {
        for (let l = k + 1; l < 4; l++) {
          let agree = 0;
          for (let row = part * size; row < (part + 1) * size; row++)
            if (labels[4 * row + k] === labels[4 * row + l]) agree++;
          const sign = k + l === 3 ? 1 : -1;
          // Standard deviation at most 1/(2√20,000) = 0.0035.
          near(agree / size, 0.5 + (sign * Math.asin(rho)) / Math.PI, 0.0165, `ρ ${rho}, ${k} and ${l}`);
        }
      }
    }
  }
});

test('the samples have the requested covariance, and the labels are their signs', async () => {
  const { features, labels } = await load('gaussian-attributes', {
    dimension: 6,
    train: 40_000,
    test: 1,
    publicRows: 0,
  });
  const signs = [1, -1, -1, 1];
  for (let k = 0; k < 6; k++) {
    for (let l = k; l < 6; l++) {
      let sum = 0;
      for (let row = 0; row < 40_000; row++) sum += features[6 * row + k]! * features[6 * row + l]!;
      const expected = k === l ? 1 : k < 4 && l < 4 ? 0.8 * signs[k]! * signs[l]! : 0;
      near(sum / 40_000, expected, 0.04, `${k}, ${l}`);
    }
  }
  for (let row = 0; row < 40_000; row++) {
    for (let k = 0; k < 4; k++) assert.equal(labels[4 * row + k], features[6 * row + k]! > 0 ? 1 : 0);
  }
});

test('more samples of one part do not change the other parts', async () => {
  const few = await load('gaussian-attributes', { train: 30, test: 20, publicRows: 10 });
  const many = await load('gaussian-attributes', { train: 50, test: 20, publicRows: 15 });
  assert.deepEqual(many.features.slice(0, 300), few.features.slice(0, 300));
  assert.deepEqual(many.features.slice(500, 700), few.features.slice(300, 500));
  assert.deepEqual(many.labels.slice(280, 320), few.labels.slice(200, 240));
});

test('a correlation that no distribution can have is refused', () => {
  const { options } = sources.find(({ id }) => id === 'gaussian-attributes')!;
  for (const rho of [1, -1 / 3, 2]) assert.equal(options.safeParse({ rho }).success, false);
  assert.equal(options.safeParse({ dimension: 3 }).success, false);
});

test('without noise the targets are wᵢᵀBᵀx, with heads that repeat and rows in the order of the nodes', async () => {
  const size = { samples: 7, test: 2, dimension: 5, rank: 2, noise: 0 };
  const { features, targets, truth, train, test: tested } = await load('linear-representation', size, 6);
  assert.deepEqual([train, tested], [42, 12]);
  const root = Math.fround(Math.SQRT2);
  const heads = [...truth!.heads!];
  assert.deepEqual(
    heads.map((weight) => weight + 0),
    [root, 0, 0, root, -root, 0, 0, -root, root, 0, 0, root],
  );
  const b = truth!.representation!;
  for (let row = 0; row < 54; row++) {
    const node = row < 42 ? Math.floor(row / 7) : Math.floor((row - 42) / 2);
    let y = 0;
    for (let k = 0; k < 5; k++) {
      for (let j = 0; j < 2; j++) y += heads[2 * node + j]! * b[2 * k + j]! * features[5 * row + k]!;
    }
    near(targets![row]!, y, 1e-5, `row ${row}`);
  }
});

test('the noise has the requested standard deviation', async () => {
  const clean = await load('linear-representation', { samples: 5000, test: 0, noise: 0 }, 2);
  const noisy = await load('linear-representation', { samples: 5000, test: 0, noise: 0.5 }, 2);
  assert.deepEqual(noisy.features, clean.features);
  const errors = noisy.targets!.map((target, row) => target - clean.targets![row]!);
  const square = errors.reduce((sum, error) => sum + error * error, 0) / 10_000;
  near(square, 0.25, 0.02, 'mean square');
  // Var y = ‖w‖² = rank.
  near(clean.targets!.reduce((sum, y) => sum + y * y, 0) / 10_000, 2, 0.15, 'variance of the targets');
});

test('more nodes and more samples do not change the existing samples', async () => {
  const few = await load('linear-representation', { samples: 4, test: 2 }, 2);
  const many = await load('linear-representation', { samples: 6, test: 2 }, 3);
  assert.deepEqual(many.truth!.representation, few.truth!.representation);
  for (const node of [0, 1]) {
    assert.deepEqual(many.targets!.slice(6 * node, 6 * node + 4), few.targets!.slice(4 * node, 4 * node + 4));
    assert.deepEqual(
      many.targets!.slice(18 + 2 * node, 20 + 2 * node),
      few.targets!.slice(8 + 2 * node, 10 + 2 * node),
    );
  }
});

test('a rank above the dimension is refused', () => {
  const { options } = sources.find(({ id }) => id === 'linear-representation')!;
  const { error } = options.safeParse({ dimension: 2, rank: 3 });
  assert.match(error!.message, /rank of at most the dimension/);
});

test('orthonormal vectors are orthonormal to full precision', () => {
  const matrix = orthonormal(20, 20, new Random('q'));
  for (let a = 0; a < 20; a++) {
    for (let b = 0; b <= a; b++) {
      let product = 0;
      for (let r = 0; r < 20; r++) product += matrix[20 * r + a]! * matrix[20 * r + b]!;
      near(product, a === b ? 1 : 0, 1e-14, `${a}, ${b}`);
    }
  }
});

test('the Cholesky factor of a small matrix is the one worked out on paper', () => {
  assert.deepEqual(
    cholesky([
      [4, 2, -2],
      [2, 10, 2],
      [-2, 2, 18],
    ]),
    [
      [2, 0, 0],
      [1, 3, 0],
      [-1, 1, 4],
    ],
  );
  assert.throws(
    () =>
      cholesky([
        [1, 1],
        [1, 1],
      ]),
    /not positive definite at 1/,
  );
});
