import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LoadedBackend, loadBackend } from '../../compute/backend.js';
import type { Model, ModelSpec } from '../model.js';
import { stackSlices } from '../stack.js';
import { buildModel, models } from './index.js';
import { drawStack, type Stack, specOf, TINY_LAYERS } from './model-test-support.js';

/** A small input for every model of the list; a preset's own where its layers need it. */
const specs: Readonly<Record<string, ModelSpec>> = {
  softmax: specOf('softmax', [7], 3),
  mlp: specOf('mlp', [7], 3, { hidden: [5, 4] }),
  cnn: specOf('cnn', [6, 7, 2], 3, { layers: TINY_LAYERS }),
  quadratic: specOf('quadratic', [7], 0, { initBound: 1 }),
  'linear-representation': specOf('linear-representation', [7], 0),
  'l2c-cnn': specOf('l2c-cnn', [16, 16, 3], 10),
  'deprl-vgg': specOf('deprl-vgg', [32, 32, 3], 10),
  'deprl-alexnet': specOf('deprl-alexnet', [28, 28, 1], 10),
  'deprl-dnn': specOf('deprl-dnn', [900], 5),
  'mce-pl-alexnet': specOf('mce-pl-alexnet', [24, 24, 3], 10),
  'transference-mlp': specOf('transference-mlp', [10], 2),
  resnet18: specOf('resnet18', [8, 8, 3], 10),
  'transference-celeba': specOf('transference-celeba', [8, 8, 3], 2),
};

const SLOW_ON_CPU = ['deprl-vgg', 'deprl-alexnet', 'mce-pl-alexnet', 'resnet18', 'transference-celeba'];

/** Loss, then the gradient of every slice, of each node: as bytes. */
function gradients({ tf }: LoadedBackend, model: Model, { params, features, labels }: Stack): Buffer[][] {
  const batch = labels[0]!.length;
  const stacked = new Float32Array(features.length * features[0]!.length);
  for (const [node, own] of features.entries()) stacked.set(own, node * own.length);
  const targets = (model.spec.classes > 0 ? Int32Array : Float32Array).from(labels.flat());
  let values: Float32Array[] = [];
  tf.tidy(() => {
    const samples = tf.tensor(stacked, [features.length, batch, ...model.spec.input]);
    const stack = stackSlices(tf, model.slices, params);
    const { loss, slices } = model.gradient(tf, stack, samples, targets, 'all');
    values = [loss, ...slices].map((tensor) => tensor!.dataSync() as Float32Array);
  });
  return params.map((_, node) =>
    values.map(({ buffer, byteOffset, byteLength }) => {
      const bytes = byteLength / params.length;
      return Buffer.from(buffer, byteOffset + node * bytes, bytes);
    }),
  );
}

test('every model of the list is checked below', () => {
  assert.deepEqual(
    Object.keys(specs),
    models.filter(({ dealt }) => !dealt).map(({ id }) => id),
  );
});

for (const name of ['cpu', 'wasm'] as const) {
  for (const [use, spec] of Object.entries(specs)) {
    const skip =
      name === 'cpu' && SLOW_ON_CPU.includes(use)
        ? 'it takes seconds on cpu, and its kinds of layers are checked on small networks'
        : use === 'transference-celeba' && 'it takes seconds, and is resnet18 below its head';
    test(`${name}: ${use} gives every node of a stack the bits that it has alone`, { skip }, async () => {
      const backend = await loadBackend(name);
      const model = buildModel(spec);
      const [nodes, batch] = model.length > 1e6 ? [2, 1] : [3, 2];
      const stack = drawStack(model, nodes, batch);
      const together = gradients(backend, model, stack);
      for (let node = 0; node < nodes; node++) {
        const own = {
          params: [stack.params[node]!],
          features: [stack.features[node]!],
          labels: [stack.labels[node]!],
        };
        for (const [part, bytes] of gradients(backend, model, own)[0]!.entries()) {
          assert.ok(bytes.equals(together[node]![part]!), `part ${part} of node ${node}`);
        }
      }
      assert.ok(!together[0]![0]!.equals(together[1]![0]!), 'nodes differ');
    });
  }
}
