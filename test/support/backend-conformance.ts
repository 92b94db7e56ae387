/**
 * The tests that every backend passes. The law: any grouping, any order and any number of workers gives the same bits
 * (on `cpu` and `wasm`; `tensorflow` promises only close numbers, and the same ones again on the same machine).
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type LoadedBackend, loadBackend } from '../../src/compute/backend.js';
import { createExecutor } from '../../src/compute/executors.js';
import { ComputeQueue, type ComputeStatistics } from '../../src/compute/queue.js';
import { runGroup, taskContext } from '../../src/compute/run-group.js';
import type { BackendName } from '../../src/compute/task.js';
import { sum } from '../../src/numbers.js';
import { Random } from '../../src/random.js';
import { type TwoLayerInput, type TwoLayerOutput, twoLayerTask } from './backend-tasks.js';
import { testOperationsNear } from './operations-near.js';
import { testStackedOperations } from './stacked-operations.js';
import { loadForTest } from './tensorflow.js';

const SEED = 1;
/** Greatest difference from `cpu` after a few steps; params are about 1. */
const TOLERANCE = 1e-5;

/** Registers the tests of one backend with node:test; a backend that cannot be loaded is skipped with the reason. */
export async function testBackend(name: BackendName): Promise<void> {
  const { backend, skip } = await loadForTest(name);
  if (skip !== undefined) {
    test(`${name} conforms`, { skip });
    return;
  }
  if (name === 'tensorflow') {
    testOperationsNear(backend);
    testRepeats(backend);
  } else {
    testGrouping(backend);
    testWorkers(name);
    testStackedOperations(backend);
  }
  testNearness(backend);
  testMemory(backend);
}

function testGrouping(backend: LoadedBackend): void {
  test(`${backend.name}: any grouping and order of tasks gives the same bits`, async () => {
    await backend.activate();
    const inputs = twoLayerInputs(9);
    const alone = inputs.map((input) => run(backend, [input])[0]!);
    const order = fc.shuffledSubarray([...inputs.keys()], { minLength: 1 });
    fc.assert(
      fc.property(order, (members) => {
        const together = run(
          backend,
          members.map((i) => inputs[i]!),
        );
        for (const [k, i] of members.entries()) assertSameBits(together[k]!, alone[i]!);
      }),
      { seed: SEED, numRuns: 8 },
    );
  });
}

function testWorkers(name: BackendName): void {
  test(`${name}: 1, 2 and 3 threads and any size of groups give the same bits`, async () => {
    const inputs = twoLayerInputs(12);
    const reference = await throughQueue(name, { workers: 0, groupBytes: 1 }, inputs);
    assert.equal(reference.statistics.meanGroupSize, 1);
    const groupings = new Set([reference.statistics.groups]);
    for (const options of [
      { workers: 0, groupBytes: 1e6 },
      { workers: 2, groupBytes: 2e5 },
      { workers: 3, groupBytes: 1e6 },
    ]) {
      const { outputs, statistics } = await throughQueue(name, options, inputs);
      for (const [i, output] of outputs.entries()) assertSameBits(output, reference.outputs[i]!);
      assert.equal(statistics.tasksPerWorker.length, Math.max(1, options.workers));
      assert.equal(sum(statistics.tasksPerWorker), inputs.length);
      groupings.add(statistics.groups);
    }
    assert.ok(groupings.size === 4, `expected four groupings, got ${[...groupings]}`);
  });
}

function testNearness(backend: LoadedBackend): void {
  test(`${backend.name}: results are near those of cpu`, async () => {
    const inputs = twoLayerInputs(4);
    const cpu = await loadBackend('cpu');
    const expected = run(cpu, inputs);
    await backend.activate();
    const actual = run(backend, inputs);
    for (const [i, { params, loss }] of actual.entries()) {
      assert.ok(Math.abs(loss - expected[i]!.loss) < TOLERANCE, `loss ${loss} of node ${i}`);
      for (const [k, value] of params.entries()) {
        assert.ok(Math.abs(value - expected[i]!.params[k]!) < TOLERANCE, `param ${k} of node ${i}`);
      }
    }
  });
}

function testRepeats(backend: LoadedBackend): void {
  test(`${backend.name}: the same group gives the same bits again, whatever ran before it`, async () => {
    await backend.activate();
    const inputs = twoLayerInputs(9);
    const first = run(backend, inputs);
    for (const others of [1, 4, 7]) {
      run(backend, inputs.slice(others));
      for (const [i, output] of run(backend, inputs).entries()) assertSameBits(output, first[i]!);
    }
  });
}

/** Tasks, and how many of them run at once. */
const MANY = { tasks: 10_000, together: 20 };

function testMemory(backend: LoadedBackend): void {
  test(`${backend.name}: ${MANY.tasks} tasks leave no tensor and no memory behind`, async () => {
    await backend.activate();
    const inputs = twoLayerInputs(6);
    const small = twoLayerInputs(MANY.together, { features: 5, hidden: 4, classes: 3, batch: 2 });
    const all = () => {
      run(backend, small);
      run(backend, inputs);
    };
    all();
    const before = heldBy(backend);
    for (let tasks = 0; tasks < MANY.tasks; tasks += MANY.together) run(backend, small);
    for (let i = 0; i < 30; i++) run(backend, inputs.slice(i % 5));
    assert.deepEqual(heldBy(backend), before);
  });
}

/** Tensors of tfjs and of what is below it, and the size of the compiled module's memory, which only grows. */
function heldBy({ tf }: LoadedBackend): Record<string, number | undefined> {
  const backend = tf.backend() as {
    wasm?: { HEAPU8: Uint8Array };
    binding?: { getNumOfTensors(): number };
  };
  return {
    tensors: tf.memory().numTensors,
    buffers: tf.memory().numDataBuffers,
    dataIds: tf.backend().numDataIds(),
    wasmBytes: backend.wasm?.HEAPU8.byteLength,
    native: backend.binding?.getNumOfTensors(),
  };
}

function run(backend: LoadedBackend, inputs: readonly TwoLayerInput[]): TwoLayerOutput[] {
  return runGroup(twoLayerTask as never, inputs, taskContext(backend.tf, {})) as TwoLayerOutput[];
}

async function throughQueue(
  backend: BackendName,
  { workers, groupBytes }: { workers: number; groupBytes: number },
  inputs: readonly TwoLayerInput[],
): Promise<{ outputs: TwoLayerOutput[]; statistics: ComputeStatistics }> {
  const executor = createExecutor({ backend, workers });
  try {
    await executor.start({});
    const queue = new ComputeQueue({ executor, groupBytes, checkFrozen: true });
    const tasks = inputs.map((input) => queue.submit(twoLayerTask, input));
    await queue.settle(queue.join(tasks));
    const outputs = tasks.map((task) => queue.take(task) as TwoLayerOutput);
    return { outputs, statistics: queue.statistics() };
  } finally {
    await executor.close();
  }
}

/** Sizes that no vector width divides, and longer than the blocks of 48 in which a sum may be taken. */
function twoLayerInputs(
  nodes: number,
  { batch, ...sizes } = { features: 101, hidden: 53, classes: 5, batch: 51 },
): TwoLayerInput[] {
  const random = new Random('two-layer');
  const uniform = (length: number) => Float32Array.from({ length }, () => random.uniform() - 0.5);
  return Array.from({ length: nodes }, () => {
    const targets = new Float32Array(batch * sizes.classes);
    for (let row = 0; row < batch; row++) targets[row * sizes.classes + random.integer(sizes.classes)] = 1;
    return {
      sizes,
      steps: 3,
      learningRate: 0.1,
      params: uniform(sizes.features * sizes.hidden + sizes.hidden * sizes.classes),
      features: uniform(batch * sizes.features),
      targets,
    };
  });
}

function assertSameBits(actual: TwoLayerOutput, expected: TwoLayerOutput): void {
  assert.ok(Object.is(actual.loss, expected.loss), `loss ${actual.loss}, expected ${expected.loss}`);
  assert.ok(Buffer.from(actual.params.buffer).equals(Buffer.from(expected.params.buffer)), 'params differ');
}
