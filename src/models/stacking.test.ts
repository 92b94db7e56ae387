import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawStack, EVERY_MODEL, SLOW_ON_CPU, type Stack } from '../../test/support/models.js';
import { type LoadedBackend, loadBackend } from '../compute/backend.js';
import { buildModel, models } from './index.js';
import type { Model } from './model.js';
import { stackSlices } from './stack.js';

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
    const { loss, slices } = model.gradient(tf, {
      params: stack,
      features: samples,
      labels: targets,
      trainable: 'all',
    });
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
    Object.keys(EVERY_MODEL),
    models.filter(({ perNode }) => !perNode).map(({ id }) => id),
  );
});

for (const name of ['cpu', 'wasm'] as const) {
  for (const [use, spec] of Object.entries(EVERY_MODEL)) {
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
