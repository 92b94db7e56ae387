/** A run is a function of scenario, seed, backend and code, and of nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ComputeStatistics } from '../src/compute/queue.js';
import { sharedMemory } from '../src/numeric/thread.js';
import type { Plan } from '../src/simulation/plan.js';
import { collect } from '../src/simulation/run.js';
import { Simulation } from '../src/simulation/simulation.js';
import { type PlanSketch, planOf } from '../src/testing/index.js';
import { lastParams, paramsProbe } from '../src/testing/params-probe.js';
import { runToEnd } from '../src/testing/run.js';
import { runElsewhere, runHere } from './support/run-elsewhere.js';

/** Everything that draws: drops, faults, latencies and speeds. */
const eventful: PlanSketch = {
  seed: 7,
  nodes: 10,
  data: {
    use: 'blobs',
    features: 60,
    classes: 4,
    train: 400,
    test: 60,
    split: { use: 'dirichlet', alpha: 0.5 },
  },
  model: { use: 'mlp', hidden: [24] },
  topology: { use: 'random-regular', degree: 4 },
  network: {
    latency: { use: 'log-normal', median: '20ms', sigma: 0.5 },
    uplink: '1Mbps',
    downlink: '2Mbps',
    drop: '10%',
  },
  compute: { use: 'log-normal', median: '50MFLOPS', sigma: 0.3 },
  algorithm: {
    use: 'd-psgd',
    localSteps: 3,
    batch: 16,
    optimizer: { use: 'sgd', momentum: 0.9 },
    deadline: '2s',
    codec: 'float16',
  },
  faults: [{ use: 'random-node-down', nodes: [2, 3], up: '300ms', down: '100ms', task: 'lose' }],
  measure: { probes: ['accuracy', 'global-loss', 'consensus-distance', 'bytes', 'utilisation', 'series'] },
  stop: { after: '6 rounds' },
};

for (const backend of ['cpu', 'wasm'] as const) {
  test(`${backend}: two processes and 1, 2 and 3 threads give the same fingerprints and the same samples`, async () => {
    const reference = await runHere({ sketch: eventful, execution: { backend, workers: 0 } });
    assert.ok(reference.samples.length > 100);
    const [elsewhere] = runElsewhere([{ sketch: eventful, execution: { backend, workers: 0 } }]);
    assert.deepEqual(elsewhere, reference);
    for (const workers of [1, 2, 3]) {
      const { result, samples } = await runToEnd(planOf(eventful), { backend, workers });
      assert.deepEqual(result.fingerprints, reference.fingerprints, `${workers} workers`);
      assert.deepEqual(samples, reference.samples, `${workers} workers`);
      const { tasksPerWorker } = result.compute as ComputeStatistics;
      assert.equal(tasksPerWorker.length, workers);
      assert.ok(
        tasksPerWorker.every((tasks) => tasks > 0),
        `tasks of the threads: ${tasksPerWorker}`,
      );
    }
  });
}

test('native, wasm and cpu give the same bits where models have step programs, and seeds differ', async () => {
  const sketch: PlanSketch = { model: { use: 'mlp', hidden: [9] } };
  const prints = [];
  for (const [backend, seed] of [
    ['cpu', 1],
    ['wasm', 1],
    ['auto', 1],
    ['cpu', 2],
  ] as const) {
    prints.push(
      (await runHere({ sketch: { ...sketch, seed }, execution: { backend, workers: 0 } })).fingerprints,
    );
  }
  assert.deepEqual(prints[1], prints[0]);
  assert.deepEqual(prints[2], prints[0]);
  assert.notDeepEqual(prints[3], prints[0]);
});

/** At the end of a run, the position of every node in its shard, and the state of its stream of batches. */
async function batchesOf(plan: Plan): Promise<unknown> {
  const simulation = await Simulation.create(plan, { backend: 'cpu', workers: 0 });
  try {
    const { result } = await collect(simulation);
    const { actors, streams } = simulation.save().world;
    const cursors = actors.map(
      ({ state }) => (state as { own: { training: { cursor: unknown } } }).own.training.cursor,
    );
    const drawn = streams.filter(([name]) => name.endsWith('/batches')).sort(([a], [b]) => (a < b ? -1 : 1));
    assert.equal(drawn.length, plan.nodes);
    return { cursors, drawn, time: result.time, dropped: result.traffic.messages.dropped };
  } finally {
    await simulation.close();
  }
}

test('drops change no draw of any batch', async () => {
  const sketch: PlanSketch = {
    nodes: 6,
    topology: 'complete',
    algorithm: { use: 'd-psgd', localSteps: 3, batch: 7, deadline: '100ms' },
    stop: { after: '5 rounds' },
  };
  const calm = (await batchesOf(planOf(sketch))) as Record<string, unknown>;
  const lossy = (await batchesOf(planOf({ ...sketch, network: { drop: '30%' } }))) as Record<string, unknown>;
  assert.equal(calm.dropped, 0);
  assert.ok((lossy.dropped as number) > 20);
  assert.notEqual(lossy.time, calm.time);
  assert.deepEqual(lossy.cursors, calm.cursors);
  assert.deepEqual(lossy.drawn, calm.drawn);
});

/** Each node alone on its own quadratic. */
const alone: PlanSketch = {
  nodes: 4,
  data: { use: 'quadratic', dimension: 3, split: 'by-node' },
  model: { use: 'quadratic', initBound: 1, init: 'per-node' },
  algorithm: { use: 'local-only', localSteps: 2, batch: 1 },
  measure: { every: '1000000 rounds', probes: [{ use: paramsProbe }] },
};

test('more nodes change nothing for the first ones', async () => {
  const few = lastParams(await runToEnd(planOf(alone)));
  const many = lastParams(await runToEnd(planOf({ ...alone, nodes: 9 })));
  assert.equal(many.length, 9);
  assert.deepEqual(many.slice(0, 4), few);
});

test('a fault of one node draws from no stream of another', async () => {
  const faults = [{ use: 'random-node-down', nodes: [1], up: '1us', down: '1us', task: 'lose' }];
  const calm = await runToEnd(planOf(alone));
  const troubled = await runToEnd(
    planOf({ ...alone, faults, compute: { use: 'constant', speed: '10MFLOPS' } }),
  );
  assert.notEqual(troubled.result.events, calm.result.events);
  const [expected, actual] = [lastParams(calm), lastParams(troubled)];
  for (const node of [0, 2, 3]) assert.deepEqual(actual[node], expected[node], `node ${node}`);
});

test('the order in which options are written changes nothing', async () => {
  const forward = { use: 'd-psgd', localSteps: 2, batch: 8, learningRate: 0.1 };
  const backward = { learningRate: 0.1, batch: 8, localSteps: 2, use: 'd-psgd' };
  const prints = [];
  for (const algorithm of [forward, backward])
    prints.push((await runToEnd(planOf({ algorithm }))).result.fingerprints);
  assert.deepEqual(prints[1], prints[0]);
});

test('a run gives back all memory of kernels that it took, with workers too, and when it is closed half way', async () => {
  const { arena } = sharedMemory();
  const run = async (workers: number, isWhole: boolean) => {
    const simulation = await Simulation.create(planOf(eventful), { backend: 'wasm', workers });
    for await (const update of simulation.run()) if (!isWhole && update.kind === 'samples') break;
    await simulation.close();
    return arena.taken;
  };
  // The machine of this thread for sums outside tasks stays.
  const first = await run(0, true);
  for (const workers of [0, 2]) {
    for (const isWhole of [true, false]) {
      assert.equal(await run(workers, isWhole), first, `${workers} workers, ${isWhole ? 'whole' : 'half'}`);
    }
  }
});
