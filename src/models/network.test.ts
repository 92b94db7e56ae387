import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawStack, specOf, TINY_LAYERS } from '../../test/support/models.js';
import { adamWith } from '../../test/support/optimizers.js';
import { type LoadedBackend, loadBackend } from '../compute/backend.js';
import { runGroup, taskContext } from '../compute/run-group.js';
import type { Dataset } from '../data/dataset.js';
import { UsageError } from '../errors.js';
import { bodyLength } from '../learning/body.js';
import { type TrainInput, type TrainOutput, train } from '../learning/train.js';
import { Random } from '../random.js';
import { buildModel } from './index.js';
import type { Model } from './model.js';
import { stackSlices } from './stack.js';

const BACKENDS = ['cpu', 'wasm'] as const;

/** The same without kinks, for finite differences in float32: ReLU and max pooling are checked as layers. */
const SMOOTH_LAYERS = TINY_LAYERS.map((layer) => {
  if (layer.use === 'relu') return { use: 'elu' };
  return layer.use === 'max-pool' ? { use: 'average-pool', window: 2 } : layer;
});

const tiny = specOf('cnn', [6, 7, 2], 3, { layers: TINY_LAYERS, headLayers: 2 });

for (const name of BACKENDS) {
  test(`${name}: the gradient of a small smooth cnn is that of central finite differences of its loss`, async () => {
    const { tf } = await loadBackend(name);
    const model = buildModel(specOf('cnn', tiny.input.slice(), 3, { layers: SMOOTH_LAYERS }));
    const { params, features, labels } = drawStack(model, 1, 4);
    const samples = tf.tensor(features[0]!, [1, 4, ...tiny.input]);
    const targets = Int32Array.from(labels[0]!);
    const losses = (at: Float32Array) => {
      const logits = model.logits!(tf, {
        params: stackSlices(tf, model.slices, [at]),
        features: samples,
      }).dataSync();
      return meanCrossEntropy(logits, targets);
    };
    const { loss, slices } = model.gradient(tf, {
      params: stackSlices(tf, model.slices, params),
      features: samples,
      labels: targets,
      trainable: 'all',
    });
    assert.ok(Math.abs(loss.dataSync()[0]! - losses(params[0]!)) < 1e-6);
    for (const [s, { name: slice, offset, length }] of model.slices.entries()) {
      const gradient = slices[s]!.dataSync();
      for (let i = 0; i < length; i++) {
        // Float32 has 7 digits: a step of 1/128 leaves 5 of them for the difference.
        const [above, below] = [1 / 128, -1 / 128].map((step) => {
          const moved = params[0]!.slice();
          moved[offset + i]! += step;
          return losses(moved);
        });
        const difference = (above! - below!) * 64;
        assert.ok(
          Math.abs(gradient[i]! - difference) < 2e-4,
          `${slice}[${i}]: ${gradient[i]}, ${difference}`,
        );
      }
    }
  });

  test(`${name}: a small cnn learns to distinguish bars: 20 steps take its loss from over 0.6 to under 0.1`, async () => {
    const losses = learnBars(await loadBackend(name), 20);
    assert.ok(losses[0]! > 0.6, `loss ${losses[0]} of the first step`);
    assert.ok(losses.at(-1)! < 0.1, `loss ${losses.at(-1)} of the last step`);
  });
}

test('wasm: training a cnn leaves no tensor and no memory behind', async () => {
  const backend = await loadBackend('wasm');
  const { wasm } = backend.tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } };
  learnBars(backend, 2);
  const held = () => [backend.tf.memory().numTensors, wasm.HEAPU8.byteLength];
  const before = held();
  for (let i = 0; i < 20; i++) learnBars(backend, 2);
  assert.deepEqual(held(), before);
});

function meanCrossEntropy(logits: ArrayLike<number>, labels: Int32Array): number {
  const classes = logits.length / labels.length;
  let total = 0;
  for (const [b, label] of labels.entries()) {
    const own = Array.from({ length: classes }, (_, c) => logits[b * classes + c]!);
    total += Math.log(own.reduce((sum, logit) => sum + Math.exp(logit), 0)) - own[label]!;
  }
  return total / labels.length;
}

/** Mean losses of steps on noisy images of 8 × 8 with one horizontal (class 0) or vertical bar (class 1). */
function learnBars(backend: LoadedBackend, steps: number): number[] {
  const random = new Random('bars');
  const rows = 64;
  const features = Float32Array.from({ length: rows * 64 }, () => 0.2 * random.normal());
  const labels = Int32Array.from({ length: rows }, (_, row) => row % 2);
  for (let row = 0; row < rows; row++) {
    const place = random.integer(8);
    for (let k = 0; k < 8; k++) features[row * 64 + (row % 2 === 0 ? place * 8 + k : k * 8 + place)]! += 1;
  }
  const dataset: Dataset = {
    id: 'bars',
    shape: [8, 8, 1],
    features,
    scale: 1,
    labels,
    classes: 2,
    train: rows,
    test: 0,
  };
  const model = specOf('cnn', [8, 8, 1], 2, {
    layers: [
      { use: 'conv', filters: 6, kernelSize: 3 },
      { use: 'relu' },
      { use: 'max-pool', window: 2 },
      { use: 'dense', units: 16 },
      { use: 'relu' },
    ],
  });
  let params = buildModel(model).init(random);
  let optimizerState: Float32Array | null = null;
  return Array.from({ length: steps }, (_, stepsTaken) => {
    const input: TrainInput = {
      model,
      params,
      rows: Uint32Array.from({ length: rows }, (_, row) => row),
      batch: rows,
      optimizer: adamWith(0.03),
      optimizerState,
      stepsTaken,
    };
    const [output] = runGroup(train as never, [input], taskContext(backend.tf, { dataset })) as [TrainOutput];
    ({ params, optimizerState } = output);
    return output.loss;
  });
}

test('the networks of the papers have their numbers of params, body and head', () => {
  const sizes = (use: string, input: number[], classes: number, options?: object) => {
    const model = buildModel(specOf(use, input, classes, options));
    return [bodyLength(model), model.length - bodyLength(model)];
  };
  const total = (use: string, input: number[], classes: number, options?: object) =>
    sizes(use, input, classes, options).reduce((sum, length) => sum + length);
  assert.equal(total('cnn', [28, 28, 1], 10), 61_706);
  assert.equal(total('l2c-cnn', [32, 32, 3], 10), 878_538);
  assert.deepEqual(sizes('deprl-vgg', [32, 32, 3], 10), [9_220_480, 530_442]);
  assert.deepEqual(sizes('deprl-alexnet', [32, 32, 1], 10), [2_454_208, 50_698]);
  assert.deepEqual(sizes('deprl-alexnet', [28, 28, 1], 10), [2_454_208, 50_698]);
  assert.deepEqual(sizes('deprl-dnn', [900], 5), [1_611_648, 17_157]);
  assert.equal(total('mce-pl-alexnet', [32, 32, 3], 10), 1_227_328);
  assert.equal(total('mlp', [784], 10, { hidden: [256], bias: false }), 203_264);
  assert.deepEqual(sizes('transference-mlp', [10], 2), [337_856, 258]);
});

test('the head of the transference network reads the output of a ReLU', async () => {
  const { tf } = await loadBackend('cpu');
  const model = buildModel(specOf('transference-mlp', [10], 2));
  const { params, features } = drawStack(model, 1, 8);
  const [kernel, bias] = model.slices.slice(-2) as [Model['slices'][number], Model['slices'][number]];
  assert.deepEqual([kernel.shape, bias.shape, kernel.group], [[128, 2], [2], 'head']);
  const own = params[0]!.slice().fill(0, bias.offset);
  // One column of ones and one of minus ones: sums of what the head reads.
  for (let i = 0; i < kernel.length; i++) own[kernel.offset + i] = i % 2 === 0 ? 1 : -1;
  const samples = tf.tensor(features[0]!, [1, 8, 10]);
  const logits = [
    ...model.logits!(tf, { params: stackSlices(tf, model.slices, [own]), features: samples }).dataSync(),
  ];
  assert.ok(logits.every((logit, i) => (i % 2 === 0 ? logit > 0 : logit < 0)));
});

test('a network names its layers by kind and number, and puts its last ones into the head', () => {
  const { slices } = buildModel(tiny);
  assert.deepEqual(
    slices.map(({ name, shape, group }) => [name, shape.join('×'), group]),
    [
      ['conv1/kernel', '3×3×2×3', 'body'],
      ['conv1/bias', '3', 'body'],
      ['conv2/kernel', '2×2×3×4', 'body'],
      ['conv2/bias', '4', 'body'],
      ['dense1/kernel', '4×5', 'head'],
      ['dense1/bias', '5', 'head'],
      ['dense2/kernel', '5×3', 'head'],
      ['dense2/bias', '3', 'head'],
    ],
  );
});

test('ELU on the logits of the MCE-PL network keeps them above −1', async () => {
  const { tf } = await loadBackend('wasm');
  const model = buildModel(specOf('mce-pl-alexnet', [24, 24, 3], 10));
  const { params, features } = drawStack(model, 1, 2);
  const samples = tf.tensor(features[0]!, [1, 2, 24, 24, 3]);
  const logits = [
    ...model.logits!(tf, { params: stackSlices(tf, model.slices, params), features: samples }).dataSync(),
  ];
  assert.ok(logits.every((logit) => logit > -1) && logits.some((logit) => logit < 0));
  assert.ok(model.slices.every(({ name }) => name.endsWith('/kernel')));
});

test('a network refuses flat samples, images that are too small, and a head deeper than itself', () => {
  const usage = (code: string) => (error: unknown) => error instanceof UsageError && error.code === code;
  const build = (use: string, input: number[], options?: object) => () =>
    buildModel(specOf(use, input, 3, options));
  assert.throws(build('cnn', [784]), usage('model-data-mismatch'));
  assert.throws(
    build('cnn', [784]),
    /layer "conv1" of model "cnn": expected an image .* got samples of \[784\]/,
  );
  const late = [
    { use: 'dense', units: 4 },
    { use: 'conv', filters: 1, kernelSize: 1 },
  ];
  assert.throws(build('cnn', [8, 8, 1], { layers: late }), /after a dense layer/);
  assert.throws(build('deprl-vgg', [16, 16, 3]), usage('image-too-small'));
  assert.throws(build('cnn', [28, 28, 1], { headLayers: 6 }), usage('head-too-deep'));
  assert.throws(() => specOf('cnn', [8, 8, 1], 3, { layers: [{ use: 'convolution' }] }));
});
