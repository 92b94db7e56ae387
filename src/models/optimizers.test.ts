import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { loadBackend } from '../compute/backend.js';
import {
  gradientScale,
  type OptimizerSpec,
  optimizerOptions,
  optimizerSpec,
  optimizerStep,
  stateArrays,
} from './optimizers.js';

let engine: typeof tf;
before(async () => {
  engine = (await loadBackend('cpu')).tf;
});

const sgd = (change: Partial<Extract<OptimizerSpec, { use: 'sgd' }>> = {}): OptimizerSpec => ({
  use: 'sgd',
  learningRate: 0.1,
  momentum: 0,
  weightDecay: 0,
  ...change,
});

const adam = (weightDecay = 0): OptimizerSpec => ({
  use: 'adam',
  learningRate: 0.1,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay,
});

const specs: Readonly<Record<string, OptimizerSpec>> = {
  sgd: sgd(),
  'sgd with momentum': sgd({ momentum: 0.9 }),
  'sgd with weight decay': sgd({ weightDecay: 0.01 }),
  'sgd with both': sgd({ momentum: 0.5, weightDecay: 0.1 }),
  adam: adam(),
  'adam with weight decay': adam(0.1),
};

/** ∇ of ½(x − 3)² + 0.1·x⁴ in each coordinate. */
const gradientAt = (x: number) => x - 3 + 0.4 * x ** 3;

/** The textbook in float64: Polyak's heavy ball, and Algorithm 1 of Kingma and Ba with an L2 term. */
function reference(spec: OptimizerSpec, start: readonly number[], steps: number): number[] {
  return start.map((first) => {
    let [x, velocity, mean, square] = [first, 0, 0, 0];
    for (let t = 1; t <= steps; t++) {
      const gradient = gradientAt(x) + spec.weightDecay * x;
      if (spec.use === 'sgd') {
        velocity = spec.momentum * velocity + gradient;
        x -= spec.learningRate * velocity;
      } else {
        mean = spec.beta1 * mean + (1 - spec.beta1) * gradient;
        square = spec.beta2 * square + (1 - spec.beta2) * gradient * gradient;
        const unbiased = mean / (1 - spec.beta1 ** t);
        x -= (spec.learningRate * unbiased) / (Math.sqrt(square / (1 - spec.beta2 ** t)) + spec.epsilon);
      }
    }
    return x;
  });
}

for (const [name, spec] of Object.entries(specs)) {
  test(`${name} takes the steps of the textbook`, () => {
    const start = [-1, 0, 0.5, 2];
    const steps = 12;
    let params: tf.Tensor = engine.tensor([start]);
    let state: readonly tf.Tensor[] = Array.from({ length: stateArrays(spec) }, () => engine.zeros([1, 4]));
    for (let t = 1; t <= steps; t++) {
      const scale = gradientScale(spec);
      const gradient = engine.tensor([Array.from(params.dataSync(), (x) => scale * gradientAt(x))]);
      ({ params, state } = optimizerStep(engine, spec, { params, state }, gradient, t));
      assert.equal(state.length, stateArrays(spec));
    }
    const expected = reference(spec, start, steps);
    for (const [i, value] of params.dataSync().entries()) {
      assert.ok(Math.abs(value - expected[i]!) < 2e-5, `[${i}]: ${value}, expected ${expected[i]}`);
    }
  });
}

test('the first step of adam is the learning rate against the sign of the gradient', () => {
  const zeros = [engine.zeros([1, 2]), engine.zeros([1, 2])];
  const before = { params: engine.tensor([[1, 1]]), state: zeros };
  const { params } = optimizerStep(engine, adam(), before, engine.tensor([[0.001, -500]]), 1);
  assert.deepEqual(
    [...params.dataSync()].map((x) => Math.round(x * 1e4) / 1e4),
    [0.9, 1.1],
  );
});

test('a step leaves the tensors that it was given as they are', () => {
  for (const spec of Object.values(specs)) {
    const given = [1, 2, 3].map((value) => engine.tensor([[value, value]]));
    const [params, ...state] = given as [tf.Tensor, ...tf.Tensor[]];
    optimizerStep(engine, spec, { params, state: state.slice(0, stateArrays(spec)) }, engine.ones([1, 2]), 3);
    assert.deepEqual(
      given.map((tensor) => [...tensor.dataSync()]),
      [
        [1, 1],
        [2, 2],
        [3, 3],
      ],
    );
  }
});

test('options have defaults and bounds, and become a spec', () => {
  const schema = z.strictObject(optimizerOptions);
  assert.deepEqual(optimizerSpec(schema.parse({})), sgd({ learningRate: 0.05 }));
  assert.deepEqual(optimizerSpec(schema.parse({ optimizer: 'adam', learningRate: 0.1 })), adam());
  for (const wrong of [
    { learningRate: 0 },
    { learningRate: Number.NaN },
    { momentum: 1 },
    { weightDecay: -1 },
  ]) {
    assert.equal(schema.safeParse(wrong).success, false, JSON.stringify(wrong));
  }
});
