import assert from 'node:assert/strict';
import { test } from 'node:test';
import { specOf } from '../../test/support/models.js';
import { adamWith } from '../../test/support/optimizers.js';
import { type LoadedBackend, loadBackend } from '../compute/backend.js';
import { runGroup, taskContext } from '../compute/run-group.js';
import type { Dataset } from '../data/dataset.js';
import { UsageError } from '../errors.js';
import { bodyLength } from '../learning/body.js';
import { type TrainOutput, train } from '../learning/train.js';
import { Random } from '../random.js';
import { buildModel } from './index.js';
import type { ModelSpec } from './model.js';

/** Params of the shared ResNet-18: kernels without biases, two numbers a channel for each normalisation. */
function bodyParams(channels: number): number {
  const norm = (filters: number) => 2 * filters;
  let total = 9 * channels * 64 + norm(64);
  let from = 64;
  for (const to of [64, 64, 128, 128, 256, 256, 512, 512]) {
    total += 9 * from * to + norm(to) + 9 * to * to + norm(to);
    if (from !== to) total += from * to + norm(to);
    from = to;
  }
  return total;
}

test('the two ResNets have the params of the closed formula, whatever the size of the images', () => {
  const sizes = (use: string, input: number[], classes: number) => {
    const model = buildModel(specOf(use, input, classes));
    return [bodyLength(model), model.length - bodyLength(model)];
  };
  // 11,173,962 with the head of 10 classes: the known number of ResNet-18 for CIFAR-10.
  assert.equal(bodyParams(3) + 512 * 10 + 10, 11_173_962);
  for (const side of [8, 32, 64]) {
    assert.deepEqual(sizes('resnet18', [side, side, 3], 100), [bodyParams(3), 512 * 100 + 100]);
  }
  assert.deepEqual(sizes('resnet18', [28, 28, 1], 10), [bodyParams(1), 5130]);
  assert.deepEqual(sizes('transference-celeba', [32, 32, 3], 2), [
    bodyParams(3),
    512 * 128 + 128 + 128 * 2 + 2,
  ]);
});

test('no model that a preset builds has params of a batch normalisation, and its scales start at 1', () => {
  const model = buildModel(specOf('resnet18', [8, 8, 3], 2));
  const kinds = new Set(model.slices.map(({ name }) => name.split('/').at(-1)));
  assert.deepEqual([...kinds], ['kernel', 'scale', 'shift', 'bias']);
  const params = buildModel(small).init(new Random('start'));
  for (const { name, offset, length } of buildModel(small).slices) {
    const own = params.subarray(offset, offset + length);
    if (name.endsWith('/scale')) assert.ok(own.every((value) => value === 1));
    if (name.endsWith('/shift')) assert.ok(own.every((value) => value === 0));
  }
});

/** Every new kind of layer in a network of a few hundred params. */
const SMALL_LAYERS = [
  { use: 'conv', filters: 4, kernelSize: 3, padding: 1, bias: false },
  { use: 'group-norm', groups: 2 },
  { use: 'relu' },
  { use: 'residual', filters: 4, groups: 2 },
  { use: 'relu' },
  { use: 'residual', filters: 8, stride: 2, groups: 2 },
  { use: 'relu' },
  { use: 'global-average-pool' },
];
const small = specOf('cnn', [8, 8, 3], 2, { layers: SMALL_LAYERS });

test('a normalisation belongs to the kernel before it: a head of two kernels begins at the last block', () => {
  const options = { layers: SMALL_LAYERS, headLayers: 2 };
  const { slices } = buildModel(specOf('cnn', [8, 8, 3], 2, options));
  const head = slices.filter(({ group }) => group === 'head').map(({ name }) => name);
  assert.deepEqual([head[0], head.at(-1), head.length], ['residual2/conv1/kernel', 'dense1/bias', 11]);
  assert.deepEqual(
    slices.slice(0, 3).map(({ name }) => name),
    ['conv1/kernel', 'group-norm1/scale', 'group-norm1/shift'],
  );
  assert.throws(
    () => buildModel(specOf('cnn', [8, 8, 3], 2, { ...options, headLayers: 5 })),
    (error) => error instanceof UsageError && error.code === 'head-too-deep',
  );
});

test('blocks refuse flat samples, and groups that do not fit', () => {
  const build = (input: number[], layer: object) => () =>
    buildModel(specOf('cnn', input, 2, { layers: [layer] }));
  assert.throws(build([64], { use: 'residual', filters: 4, groups: 2 }), /expected an image/);
  assert.throws(build([64], { use: 'global-average-pool' }), /expected an image/);
  assert.throws(build([8, 8, 1], { use: 'residual', filters: 4 }), /divides its 4 channels, got 32/);
  assert.equal(buildModel(specOf('cnn', [64], 2, { layers: [{ use: 'group-norm' }] })).length, 128 + 130);
});

/** Mean losses of steps of Adam on eight bright or dark noisy images. */
function learn(
  backend: LoadedBackend,
  model: ModelSpec,
  { steps, learningRate }: { steps: number; learningRate: number },
): number[] {
  const [rows, length] = [8, 8 * 8 * 3];
  const random = new Random('images');
  const labels = Int32Array.from({ length: rows }, (_, row) => row % 2);
  const features = Float32Array.from(
    { length: rows * length },
    (_, i) => random.normal() + ((i % length) % 24 < 12 ? labels[Math.floor(i / length)]! : 0),
  );
  const dataset: Dataset = {
    id: 'images',
    shape: [8, 8, 3],
    features,
    scale: 1,
    labels,
    classes: 2,
    train: rows,
    test: 0,
  };
  const optimizer = adamWith(learningRate);
  let params = buildModel(model).init(random);
  let optimizerState: Float32Array | null = null;
  return Array.from({ length: steps }, (_, stepsTaken) => {
    const input = {
      model,
      params,
      rows: Uint32Array.from({ length: rows }, (_, row) => row),
      batch: rows,
      optimizer,
      optimizerState,
      stepsTaken,
    };
    const [output] = runGroup(train as never, [input], taskContext(backend.tf, { dataset })) as [TrainOutput];
    ({ params, optimizerState } = output);
    return output.loss;
  });
}

for (const name of ['cpu', 'wasm'] as const) {
  test(`${name}: a small residual network halves its loss in 40 steps`, async () => {
    const losses = learn(await loadBackend(name), small, { steps: 40, learningRate: 0.002 });
    assert.ok(losses.at(-1)! < losses[0]! / 2, `losses ${losses[0]} to ${losses.at(-1)}`);
  });

  for (const use of ['resnet18', 'transference-celeba']) {
    const skip = name === 'cpu' ? 'eleven million params take minutes on cpu' : false;
    test(`${name}: the third step of ${use} on images of 8 × 8 finds half the loss of the first`, {
      skip,
    }, async () => {
      const model = specOf(use, [8, 8, 3], 2);
      const losses = learn(await loadBackend(name), model, { steps: 3, learningRate: 1e-4 });
      assert.ok(losses.at(-1)! < losses[0]! / 2, `losses ${losses.join(', ')}`);
    });
  }
}

test('wasm: steps of a residual network leave no tensor behind', async () => {
  const backend = await loadBackend('wasm');
  const before = backend.tf.memory().numTensors;
  learn(backend, small, { steps: 3, learningRate: 0.002 });
  assert.equal(backend.tf.memory().numTensors, before);
});
