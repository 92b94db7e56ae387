import assert from 'node:assert/strict';
import { test } from 'node:test';
import { specOf } from '../../test/support/models.js';
import { loadBackend } from '../compute/backend.js';
import { Random } from '../random.js';
import { buildModel } from './index.js';
import { stackSlices } from './stack.js';

test('the text model has an embedding, its recurrent layers, and a dense layer as its head', () => {
  const { slices, length } = buildModel(specOf('gru', [80], 80, { hidden: [64, 32] }));
  assert.deepEqual(
    slices.map(({ name, shape, group }) => `${name} ${shape.join('x')} ${group}`),
    [
      'embedding1/kernel 80x8 body',
      'gru1/kernel 8x192 body',
      'gru1/recurrent 64x192 body',
      'gru1/bias 192 body',
      'gru2/kernel 64x96 body',
      'gru2/recurrent 32x96 body',
      'gru2/bias 96 body',
      'dense1/kernel 32x80 head',
      'dense1/bias 80 head',
    ],
  );
  assert.equal(length, 640 + 8 * 192 + 64 * 192 + 192 + 64 * 96 + 32 * 96 + 96 + 32 * 80 + 80);
});

for (const name of ['cpu', 'wasm'] as const) {
  test(`${name}: gradient descent learns what follows three characters, where one of them alone does not tell`, async () => {
    const { tf: engine } = await loadBackend(name);
    const model = buildModel(specOf('gru', [3], 3, { hidden: [8], embedding: 4 }));
    // In 0 0 1 1 2 2 0 0 1 1 … a character is followed by itself or by the next one.
    const text = Array.from({ length: 15 }, (_, k) => Math.floor(k / 2) % 3);
    const pieces = Array.from({ length: 12 }, (_, k) => text.slice(k, k + 3));
    const labels = Int32Array.from({ length: 12 }, (_, k) => text[k + 3]!);
    const params = model.init(new Random('text'));
    const losses: number[] = [];
    for (let step = 0; step < 120; step++) {
      engine.tidy(() => {
        const stacked = stackSlices(engine, model.slices, [params]);
        const request = {
          params: stacked,
          features: engine.tensor([pieces]),
          labels,
          trainable: 'all',
        } as const;
        const { loss, slices } = model.gradient(engine, request);
        losses.push(loss.dataSync()[0]!);
        for (const [s, { offset }] of model.slices.entries())
          for (const [i, value] of slices[s]!.dataSync().entries()) params[offset + i]! -= value;
      });
    }
    assert.ok(losses[0]! > 0.9 && losses.at(-1)! < 0.05, `${losses[0]} to ${losses.at(-1)}`);
  });
}
