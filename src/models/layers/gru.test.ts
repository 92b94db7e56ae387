import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkLayer, type Reference } from '../../../test/support/layers.js';
import { loadBackend } from '../../compute/backend.js';
import { UsageError } from '../../errors.js';
import { embedding } from './embedding.js';
import { gru, gruEntry } from './gru.js';
import { buildLayer } from './index.js';
import { signalOf } from './layer.js';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Unit by unit, as the equations stand in the paper, in float64. */
function reference(width: number, units: number, output: 'last' | 'all'): Reference {
  return (sample, [kernel, recurrent, bias]) => {
    let state = Array<number>(units).fill(0);
    const states: number[] = [];
    for (let from = 0; from < sample.length; from += width) {
      const x = sample.slice(from, from + width);
      const before = state;
      const ofInput = (k: number) =>
        x.reduce((sum, value, i) => sum + value * kernel![i * 3 * units + k]!, bias?.[k] ?? 0);
      const ofState = (k: number) =>
        before.reduce((sum, value, i) => sum + value * recurrent![i * 3 * units + k]!, 0);
      state = before.map((old, j) => {
        const r = sigmoid(ofInput(j) + ofState(j));
        const z = sigmoid(ofInput(units + j) + ofState(units + j));
        const n = Math.tanh(ofInput(2 * units + j) + r * ofState(2 * units + j));
        return (1 - z) * n + z * old;
      });
      states.push(...state);
    }
    return output === 'last' ? state : states;
  };
}

for (const name of ['cpu', 'wasm'] as const) {
  test(`${name}: a GRU computes what is on paper, with its gradients through time`, async () => {
    const backend = await loadBackend(name);
    for (const output of ['last', 'all'] as const)
      for (const bias of [true, false])
        for (const [steps, width, units] of [
          [1, 2, 2],
          [4, 3, 2],
          [3, 1, 4],
        ] as const)
          checkLayer(
            backend,
            gru('g', { steps, width, units, output, bias }),
            steps * width,
            reference(width, units, output),
            (random) => 0.6 * random.normal(),
          );
  });

  test(`${name}: an embedding gives the row of each number, and its gradient adds up where a number comes again`, async () => {
    const { tf: engine } = await loadBackend(name);
    const layer = embedding('e', { steps: 3, vocabulary: 4, units: 2 });
    // Two nodes with one sample each.
    const kernel = engine.tensor([
      [0, 1, 10, 11, 20, 21, 30, 31],
      [5, 5, 6, 6, 7, 7, 8, 8],
    ]);
    const params = [engine.reshape(kernel, [2, 4, 2])];
    const input = engine.tensor([[[3, 0, 3]], [[1, 2, 2]]]);
    const output = layer.forward(engine, { params, input });
    assert.deepEqual(output.shape, [2, 1, 6]);
    assert.deepEqual([...output.dataSync()], [30, 31, 0, 1, 30, 31, 6, 6, 7, 7, 7, 7]);
    const outputGradient = engine.tensor([[[1, 2, 3, 4, 5, 6]], [[1, 1, 2, 2, 3, 3]]]);
    const [ofKernel] = layer.paramsGradient(engine, { params, input, output, outputGradient });
    assert.deepEqual(ofKernel!.shape, [2, 4, 2]);
    assert.deepEqual([...ofKernel!.dataSync()], [3, 4, 0, 0, 0, 0, 6, 8, 0, 0, 1, 1, 5, 5, 0, 0]);
  });
}

test('a GRU takes sequences alone, and gives one where it gives all states', () => {
  const model = { use: 'cnn', options: {}, input: [5, 3], classes: 2 };
  const context = { name: 'gru1', kernels: {}, model };
  const chosen = { use: 'gru', options: gruEntry.options.parse({ units: 4, output: 'all' }) };
  const { output } = buildLayer(chosen, { ...context, input: signalOf([5, 3]) });
  assert.deepEqual(output, { features: 20, sequence: { steps: 5, width: 4 } });
  assert.throws(
    () => buildLayer(chosen, { ...context, input: signalOf([15]) }),
    (error) =>
      error instanceof UsageError &&
      /expected a sequence.*put the layer embedding before it/.test(error.message),
  );
});
