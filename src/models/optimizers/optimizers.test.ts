import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { adamWith, amsgradWith, sgdWith } from '../../../test/support/optimizers.js';
import { loadBackend } from '../../compute/backend.js';
import { referenceTo } from '../references.js';
import { type OptimizerSpec, optimizerList, optimizerOf, optimizerOptions, optimizerSpec } from './index.js';
import type { OptimizerEntry } from './optimizer.js';

let engine: typeof tf;
before(async () => {
  engine = (await loadBackend('cpu')).tf;
});

const specs: Readonly<Record<string, OptimizerSpec>> = {
  sgd: sgdWith(0.1),
  'sgd with momentum': sgdWith(0.1, { momentum: 0.9 }),
  'sgd with weight decay': sgdWith(0.1, { weightDecay: 0.01 }),
  'sgd with both': sgdWith(0.1, { momentum: 0.5, weightDecay: 0.1 }),
  adam: adamWith(0.1),
  'adam with weight decay': adamWith(0.1, { weightDecay: 0.1 }),
  amsgrad: amsgradWith(0.1),
  'amsgrad with other constants': amsgradWith(0.2, {
    beta1: 0.5,
    beta2: 0.6,
    epsilon: 0.1,
    weightDecay: 0.1,
  }),
  'adam with other constants': adamWith(0.1, { beta1: 0.5, beta2: 0.9, epsilon: 0.1 }),
};

/** ∇ of ½(x − 3)² + 0.1·x⁴ in each coordinate. */
const gradientAt = (x: number) => x - 3 + 0.4 * x ** 3;

/** The textbook in float64: Polyak's heavy ball, Algorithm 1 of Kingma and Ba, and Algorithm 2 of Reddi and others, with an L2 term. */
function reference(spec: OptimizerSpec, start: readonly number[], steps: number): number[] {
  const { learningRate } = spec;
  const { weightDecay, momentum, beta1, beta2, epsilon } = spec.options as Readonly<
    Record<string, number>
  > & {
    weightDecay: number;
  };
  return start.map((first) => {
    let [x, velocity, mean, square, largest] = [first, 0, 0, 0, 0];
    for (let t = 1; t <= steps; t++) {
      const gradient = gradientAt(x) + weightDecay * x;
      if (spec.use === 'sgd') {
        velocity = momentum! * velocity + gradient;
        x -= learningRate * velocity;
      } else {
        mean = beta1! * mean + (1 - beta1!) * gradient;
        square = beta2! * square + (1 - beta2!) * gradient * gradient;
        if (spec.use === 'amsgrad') {
          largest = Math.max(largest, square);
          x -= (learningRate * mean) / (Math.sqrt(largest) + epsilon!);
          continue;
        }
        const unbiased = mean / (1 - beta1! ** t);
        x -= (learningRate * unbiased) / (Math.sqrt(square / (1 - beta2! ** t)) + epsilon!);
      }
    }
    return x;
  });
}

for (const [name, spec] of Object.entries(specs)) {
  test(`${name} takes the steps of the textbook`, () => {
    const start = [-1, 0, 0.5, 2];
    const steps = 12;
    const { stateArrays, gradientScale, step } = optimizerOf(spec);
    let params: tf.Tensor = engine.tensor([start]);
    let state: tf.Tensor[] = Array.from({ length: stateArrays }, () => engine.zeros([1, 4]));
    for (let t = 1; t <= steps; t++) {
      const gradient = engine.tensor([Array.from(params.dataSync(), (x) => gradientScale * gradientAt(x))]);
      ({ params, state } = step(engine, { params, state, gradient, step: t }));
      assert.equal(state.length, stateArrays);
    }
    const expected = reference(spec, start, steps);
    for (const [i, value] of params.dataSync().entries()) {
      assert.ok(Math.abs(value - expected[i]!) < 2e-5, `[${i}]: ${value}, expected ${expected[i]}`);
    }
  });
}

test('the first step of adam is the learning rate against the sign of the gradient', () => {
  const { params } = optimizerOf(adamWith(0.1)).step(engine, {
    params: engine.tensor([[1, 1]]),
    state: [engine.zeros([1, 2]), engine.zeros([1, 2])],
    gradient: engine.tensor([[0.001, -500]]),
    step: 1,
  });
  assert.deepEqual(
    [...params.dataSync()].map((x) => Math.round(x * 1e4) / 1e4),
    [0.9, 1.1],
  );
});

test('a step does not change the tensors that it is given', () => {
  for (const spec of Object.values(specs)) {
    const given = [1, 2, 3, 4].map((value) => engine.tensor([[value, value]]));
    const [params, ...arrays] = given as [tf.Tensor, ...tf.Tensor[]];
    const { stateArrays, step } = optimizerOf(spec);
    step(engine, { params, state: arrays.slice(0, stateArrays), gradient: engine.ones([1, 2]), step: 3 });
    assert.deepEqual(
      given.map((tensor) => [...tensor.dataSync()]),
      [
        [1, 1],
        [2, 2],
        [3, 3],
        [4, 4],
      ],
    );
  }
});

test('only plain sgd takes a gradient that is scaled by the learning rate', () => {
  const scales = Object.entries(specs).map(([name, spec]) => [name, optimizerOf(spec).gradientScale]);
  assert.deepEqual(
    scales.filter(([, scale]) => scale !== 1),
    [['sgd', 0.1]],
  );
});

test('options have defaults and bounds, and become a spec', () => {
  const schema = z.strictObject(optimizerOptions);
  assert.deepEqual(optimizerSpec(schema.parse({})), sgdWith(0.05));
  assert.deepEqual(optimizerSpec(schema.parse({ optimizer: 'adam', learningRate: 0.1 })), adamWith(0.1));
  assert.deepEqual(adamWith(0.1).options, { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 });
  for (const wrong of [
    { learningRate: 0 },
    { learningRate: Number.NaN },
    { momentum: 0.9 },
    { optimizer: { use: 'sgd', momentum: 1 } },
    { optimizer: { use: 'sgd', weightDecay: -1 } },
    { optimizer: { use: 'adam', momentum: 0.9 } },
    { optimizer: 'adamw' },
  ]) {
    assert.equal(schema.safeParse(wrong).success, false, JSON.stringify(wrong));
  }
});

/** Sign descent, save for what is changed. */
function own(id: string, change: Partial<OptimizerEntry> = {}) {
  const entry: OptimizerEntry = {
    ...{ id, description: 'of a test', options: z.strictObject({}) },
    stateArrays: () => 1,
    flops: () => 3,
    step: (tf, _options, { params, state, gradient, learningRate }) => ({
      params: tf.sub(params, tf.mul(tf.sign(gradient), learningRate)),
      state: [tf.add(state[0]!, 1)],
    }),
    ...change,
  };
  return optimizerOf({ ...referenceTo(optimizerList, { entry, options: {} }), learningRate: 0.5 });
}

const given = () => ({
  params: engine.ones([1, 2]),
  state: [engine.zeros([1, 2])],
  gradient: engine.tensor([[3, -4]]),
  step: 1,
});

test('an optimiser of the user’s own takes its steps', () => {
  const { stateArrays, flops, gradientScale, step } = own('signs');
  assert.deepEqual([stateArrays, flops, gradientScale], [1, 3, 1]);
  const { params, state } = step(engine, given());
  assert.deepEqual([...params.dataSync()], [0.5, 1.5]);
  assert.deepEqual([...state[0]!.dataSync()], [1, 1]);
  assert.equal(own('scaled', { takesScaledGradient: () => true }).gradientScale, 0.5);
});

test('what an optimiser of the user’s own returns is checked, and an error that it throws names it', () => {
  const place = (id: string) => `optimizer "${id}" (given:optimizer/${id})`;
  const refused = (id: string, change: Partial<OptimizerEntry>, message: string) =>
    assert.throws(() => own(id, change).step(engine, given()), {
      name: 'PluginError',
      message: `${place(id)}: ${message}`,
    });
  const fail = () => {
    throw new TypeError('not today');
  };
  refused('throws', { step: fail }, 'not today');
  refused(
    'half',
    { stateArrays: () => 0.5 },
    'stateArrays(options): expected a whole number of at least 0, got 0.5',
  );
  refused('free', { flops: () => Number.NaN }, 'flops(options): expected a number of at least 0, got NaN');
  const { params } = { params: engine.ones([1, 3]) };
  refused('wide', { step: () => ({ params, state: [] }) }, 'step(…): expected params as [1, 2], got [1, 3]');
  refused(
    'lazy',
    { step: (_tf, _options, { params, state }) => ({ params, state }) },
    'step(…): expected params as a new tensor, got one that it was given',
  );
  refused(
    'forgetful',
    { step: (tf, _options, before) => ({ params: tf.clone(before.params), state: [] }) },
    'step(…): expected array 0 of the state as [1, 2], got nothing',
  );
});
