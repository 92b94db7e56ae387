import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { adamWith, sgdWith } from '../../test/support/optimizers.js';
import { type LoadedBackend, loadBackend } from '../compute/backend.js';
import { createMachine } from '../compute/machines.js';
import { runGroup, taskContext } from '../compute/run-group.js';
import type { BackendName } from '../compute/task.js';
import type { Dataset } from '../data/dataset.js';
import { buildModel } from '../models/index.js';
import type { ModelSpec, Trainable } from '../models/model.js';
import type { OptimizerSpec } from '../models/optimizers/index.js';
import { vectorMachine } from '../numeric/thread.js';
import { Random } from '../random.js';
import { type TrainInput, type TrainOutput, train } from './train.js';

const WIDTH = 7;
const BATCH = 3;

const dataset: Dataset = makeDataset();
const mlp: ModelSpec = { use: 'mlp', options: { hidden: [5, 4], headLayers: 1 }, input: [WIDTH], classes: 3 };
const sgd = sgdWith(0.1);
const optimizers: readonly OptimizerSpec[] = [
  sgd,
  sgdWith(0.1, { momentum: 0.9, weightDecay: 0.01 }),
  adamWith(0.01),
];

function makeDataset(): Dataset {
  const random = new Random('data');
  const rows = 40;
  return {
    id: 'test',
    shape: [WIDTH],
    features: Uint8Array.from({ length: rows * WIDTH }, () => random.integer(256)),
    scale: 1 / 255,
    labels: Int32Array.from({ length: rows }, () => random.integer(3)),
    classes: 3,
    train: 30,
    test: 10,
  };
}

function inputOf(
  node: number,
  steps: number,
  change: Partial<TrainInput<Float32Array>> = {},
): TrainInput<Float32Array> {
  const random = new Random(`node ${node}`);
  return {
    model: mlp,
    params: buildModel(mlp).init(random),
    rows: Uint32Array.from({ length: steps * BATCH }, () => random.integer(30)),
    batch: BATCH,
    optimizer: sgd,
    optimizerState: null,
    stepsTaken: 0,
    ...change,
  };
}

function run(backend: LoadedBackend, inputs: readonly TrainInput[]): TrainOutput[] {
  return runGroup(train as never, inputs, taskContext(backend.tf, { dataset })) as TrainOutput[];
}

for (const name of ['cpu', 'wasm'] as const satisfies readonly BackendName[]) {
  test(`${name}: a node trains to the same bits alone and in any stack, whatever the others' number of steps`, async () => {
    const backend = await loadBackend(name);
    for (const optimizer of optimizers) {
      const inputs = [1, 4, 2, 4, 3].map((steps, node) => inputOf(node, steps, { optimizer }));
      const alone = inputs.map((input) => run(backend, [input])[0]!);
      fc.assert(
        fc.property(fc.shuffledSubarray([...inputs.keys()], { minLength: 2 }), (members) => {
          const outputs = run(
            backend,
            members.map((member) => inputs[member]!),
          );
          for (const [k, member] of members.entries()) assert.deepEqual(outputs[k], alone[member]);
        }),
        { seed: 1, numRuns: 6 },
      );
    }
  });

  test(`${name}: steps in two tasks give the same as in one, optimiser state included`, async () => {
    const backend = await loadBackend(name);
    for (const optimizer of optimizers) {
      const whole = inputOf(0, 5, { optimizer });
      const [expected] = run(backend, [whole]);
      const [half] = run(backend, [{ ...whole, rows: whole.rows.slice(0, 2 * BATCH) }]);
      const rest = { ...whole, ...half!, rows: whole.rows.slice(2 * BATCH), stepsTaken: 2 };
      const [actual] = run(backend, [rest]);
      assert.deepEqual(actual!.params, expected!.params);
      assert.deepEqual(actual!.optimizerState, expected!.optimizerState);
    }
  });

  test(`${name}: inputs do not change, and outputs are new arrays`, async () => {
    const backend = await loadBackend(name);
    for (const optimizer of optimizers) {
      const [first] = run(backend, [inputOf(0, 2, { optimizer })]);
      const input = inputOf(0, 2, { optimizer, optimizerState: first!.optimizerState, stepsTaken: 2 });
      const before = structuredClone(input);
      const [output] = run(backend, [input]);
      assert.deepEqual(input, before);
      assert.notEqual(output!.params.buffer, input.params.buffer);
      assert.notDeepEqual(output!.params, input.params);
    }
  });

  test(`${name}: params that are not trainable stay the same bit for bit, and the others change`, async () => {
    const backend = await loadBackend(name);
    for (const trainable of ['head', 'body'] as const satisfies readonly Trainable[]) {
      for (const optimizer of optimizers) {
        const input = inputOf(0, 3, { optimizer, trainable });
        const { params } = run(backend, [input])[0]!;
        for (const { name: slice, offset, length, group } of buildModel(mlp).slices) {
          const part = (array: Float32Array) => array.subarray(offset, offset + length);
          if (group === trainable) assert.notDeepEqual(part(params), part(input.params), slice);
          else assert.deepEqual(part(params), part(input.params), slice);
        }
      }
    }
  });
}

for (const name of ['cpu', 'wasm'] as const) {
  test(`by step programs on ${name}, several steps are those of TensorFlow.js, up to rounding`, async () => {
    const backend = await loadBackend('cpu');
    const context = taskContext(undefined, { dataset }, createMachine(name));
    for (const change of [{}, { clipNorm: 0.5 }, { held: 'head' }, { trainable: 'body' }] as const) {
      for (const optimizer of optimizers) {
        const input = inputOf(1, 4, { optimizer, ...change });
        const [expected] = run(backend, [input]);
        const [actual] = train.run([input], context);
        const label = `${JSON.stringify(change)}, ${optimizer.use}`;
        assert.ok(Math.abs(actual!.loss - expected!.loss) < 1e-5, `${label}: the loss`);
        for (const [i, value] of (actual!.params as Float32Array).entries())
          assert.ok(Math.abs(value - expected!.params[i]!) < 1e-4, `${label}: param ${i}`);
      }
    }
  });
}

const quadratic: ModelSpec = { use: 'quadratic', options: { initBound: 0 }, input: [3], classes: 0 };
const rows: Dataset = {
  id: 'quadratic',
  shape: [3],
  features: Float32Array.of(2, 1, -1, 1, 0, 0),
  scale: 1,
  labels: new Int32Array(2),
  classes: 0,
  train: 2,
  test: 0,
};
/**
 * One step from (3, 0) on both rows. Row 0: loss ½·2·(4 + 1) = 5, gradient 2·(2, 1); row 1: loss ½·9, gradient (3, 0).
 * Means: 4.75, (3.5, 1).
 */
const step: TrainInput = {
  model: quadratic,
  params: Float32Array.of(3, 0),
  rows: Uint32Array.of(0, 1),
  batch: 2,
  optimizer: { ...sgd, learningRate: 0.5 },
  optimizerState: null,
  stepsTaken: 0,
};

test('one step of SGD is x − η·∇f, and the loss is that before the step', async () => {
  const { tf } = await loadBackend('cpu');
  const [output] = runGroup(train as never, [step], taskContext(tf, { dataset: rows })) as TrainOutput[];
  assert.equal(output!.loss, 4.75);
  assert.deepEqual(output!.params, Float32Array.of(3 - 0.5 * 3.5, 0 - 0.5 * 1));
  assert.equal(output!.optimizerState, null);
});

test('a gradient is pulled to the centre, then scaled down to the norm, separately for each node of a stack', async () => {
  const { tf } = await loadBackend('cpu');
  const after = (optimizer: OptimizerSpec, clipNorm: number | undefined) => {
    // (3.5, 1) + ¼·((3, 0) − centre) is (4, 3), of norm 5, and (0, 0).
    const inputs = [Float32Array.of(1, -8), Float32Array.of(17, 4)].map((center) => ({
      ...step,
      optimizer,
      clipNorm,
      proximal: { weight: 0.25, center },
    }));
    const outputs = runGroup(train as never, inputs, taskContext(tf, { dataset: rows })) as TrainOutput[];
    return outputs.map(({ params }) => [...params]);
  };
  // Plain SGD has its learning rate in the gradient; the first step with momentum is as long.
  for (const momentum of [0, 0.5]) {
    const optimizer = sgdWith(0.5, { momentum });
    assert.deepEqual(after(optimizer, undefined)[0], [3 - 0.5 * 4, 0 - 0.5 * 3]);
    assert.deepEqual(after(optimizer, 10)[0], [3 - 0.5 * 4, 0 - 0.5 * 3]);
    assert.deepEqual(after(optimizer, 2.5), [
      [3 - 0.5 * 2, 0 - 0.5 * 1.5],
      [3, 0],
    ]);
  }
});

test('a task costs its steps: forward, backward and optimiser', () => {
  const { flops, length } = buildModel(mlp);
  const perStep = BATCH * (flops.forward + flops.backward);
  assert.equal(train.flops(inputOf(0, 4)), 4 * (perStep + 2 * length));
  assert.equal(train.flops(inputOf(0, 4, { optimizer: optimizers[1]! })), 4 * (perStep + 6 * length));
  assert.equal(train.flops(inputOf(0, 4, { optimizer: optimizers[2]! })), 4 * (perStep + 14 * length));
});

test('a task holds its params, their gradient, and the arrays of the optimiser', () => {
  const { length } = buildModel(mlp);
  const held = optimizers.map((optimizer) => train.footprint(inputOf(0, 4, { optimizer })) / (4 * length));
  assert.deepEqual(held, [2, 3, 4]);
  assert.deepEqual(train.gradients?.(inputOf(0, 4)), { steps: 4, samples: 4 * BATCH });
});

test('only inputs that can be stacked share a group', () => {
  const key = (change: Partial<TrainInput<Float32Array>>) => train.group(inputOf(0, 2, change));
  assert.equal(train.group(inputOf(1, 5)), key({}));
  for (const other of [
    { batch: 6 },
    { optimizer: optimizers[1]! },
    { trainable: 'head' as const },
    { stepsTaken: 1 },
    { clipNorm: 1 },
    { proximal: { weight: 1, center: new Float32Array(0) } },
    { shift: new Float32Array(0) },
  ]) {
    assert.notEqual(key(other), key({}), JSON.stringify(other));
  }
  assert.notEqual(key({ model: { ...mlp, options: { hidden: [5], headLayers: 1 } } }), key({}));
});

test('a held group keeps its params after every step, while its gradient counts for the norm and for the optimiser', async () => {
  const optimizer = sgdWith(0.1, { momentum: 0.9 });
  const head = buildModel(mlp).slices.find(({ group }) => group === 'head')!.offset;
  const { tf } = await loadBackend('cpu');
  for (const machine of [undefined, vectorMachine()]) {
    const context = taskContext(tf, { dataset }, machine);
    const [free, held, twice] = [
      inputOf(1, 1, { optimizer, clipNorm: 0.1 }),
      inputOf(1, 1, { optimizer, clipNorm: 0.1, held: 'body' }),
      inputOf(1, 2, { optimizer, clipNorm: 0.1, held: 'body' }),
    ].map((input) => (runGroup(train as never, [input], context) as TrainOutput[])[0]!);
    const { params } = inputOf(1, 1);
    assert.deepEqual(held!.params.subarray(0, head), params.subarray(0, head));
    assert.deepEqual(held!.params.subarray(head), free!.params.subarray(head));
    assert.deepEqual(held!.optimizerState, free!.optimizerState);
    assert.deepEqual(twice!.params.subarray(0, head), params.subarray(0, head));
    assert.notDeepEqual(twice!.params.subarray(head), held!.params.subarray(head));
    assert.notDeepEqual(twice!.optimizerState!.subarray(0, head), held!.optimizerState!.subarray(0, head));
  }
});

test('a shift is added to the gradient of every step, before it is scaled down to the norm', async () => {
  const optimizer = sgdWith(0.1);
  const { tf } = await loadBackend('cpu');
  const { length } = buildModel(mlp);
  const shift = Float32Array.from({ length }, (_, i) => Math.sin(i));
  for (const machine of [undefined, vectorMachine()]) {
    const after = (steps: number, change: Partial<TrainInput<Float32Array>>) => {
      const inputs = [inputOf(1, steps, { optimizer, ...change })];
      return (runGroup(train as never, inputs, taskContext(tf, { dataset }, machine)) as TrainOutput[])[0]!;
    };
    const free = after(1, {}).params;
    const moved = after(1, { shift }).params;
    for (const [i, value] of moved.entries())
      assert.ok(Math.abs(value - (free[i]! - 0.1 * shift[i]!)) < 1e-6, `[${i}]: ${value}`);
    // Two steps are one and one more from there.
    const two = after(2, { shift }).params;
    const { rows } = inputOf(1, 2);
    const second = after(1, { shift, params: moved, rows: rows.subarray(BATCH) }).params;
    assert.deepEqual([...two], [...second]);
    const { params } = inputOf(1, 1);
    const step = after(1, { shift, clipNorm: 0.5 }).params.map((value, i) => value - params[i]!);
    assert.ok(Math.abs(Math.hypot(...step) - 0.1 * 0.5) < 1e-6, `${Math.hypot(...step)}`);
  }
});
