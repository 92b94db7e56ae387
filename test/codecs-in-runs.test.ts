/** Codecs that keep something from message to message, in runs: with late, lost and reordered messages, saved and continued. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { algorithms } from '../src/algorithms/index.js';
import { Simulation } from '../src/simulation/simulation.js';
import { lastParams, type PlanSketch, paramsProbe, planOf } from '../src/testing/index.js';
import { CHECKED, runToEnd } from '../src/testing/run.js';
import { type ElsewhereJob, type ElsewhereResult, runElsewhere, runHere } from './support/run-elsewhere.js';

const delta = (codec: unknown, refresh = 20) => ({ use: 'delta', codec, refresh });

function sketchOf(codec: unknown, more: PlanSketch = {}): PlanSketch {
  return {
    nodes: 5,
    model: { use: 'mlp', hidden: [6] },
    data: { use: 'blobs', train: 200, test: 50, classes: 3, features: 8 },
    measure: { probes: [{ use: paramsProbe }] },
    stop: { after: '12 rounds' },
    ...more,
    algorithm: {
      use: 'd-psgd',
      localSteps: 2,
      batch: 8,
      learningRate: 0.1,
      codec,
      ...(more.algorithm as object),
    },
  };
}

const distance = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]) =>
  Math.max(...a.flatMap((own, node) => own.map((value, i) => Math.abs(value - b[node]![i]!))));

test('differences in float32 give the models that whole vectors give, up to rounding', async () => {
  const whole = lastParams(await runToEnd(planOf(sketchOf('float32'))));
  for (const order of ['adapt-then-combine', 'combine-then-adapt']) {
    const reference =
      order === 'adapt-then-combine'
        ? whole
        : lastParams(await runToEnd(planOf(sketchOf('float32', { algorithm: { order } as never }))));
    const sketch = sketchOf(delta('float32', 5), { algorithm: { order } as never });
    assert.ok(distance(lastParams(await runToEnd(planOf(sketch))), reference) < 1e-4, order);
  }
});

test('FedAvg takes differences with a sparse codec, and clients that were not asked get whole models', async () => {
  const algorithm = { use: 'fedavg', participation: 0.5 };
  const sketch = sketchOf(delta({ use: 'top-k', fraction: '100%' }), { algorithm: algorithm as never });
  const plain = sketchOf('float32', { algorithm: algorithm as never });
  const [one, other] = [await runToEnd(planOf(sketch)), await runToEnd(planOf(plain))];
  assert.ok(distance(lastParams(one), lastParams(other)) < 1e-4);
  assert.ok(one.result.traffic.parts.index > 0, 'some were differences');
});

test('messages that overtake each other are read in order, so nobody waits for ever', async () => {
  const latency = { use: 'uniform', from: '1ms', to: '900ms' };
  const network = { latency, uplink: '100Mbps', downlink: '100Mbps' };
  const { result } = await runToEnd(planOf(sketchOf(delta('sign', 6), { network, nodes: 6 })));
  assert.equal(result.rounds, 12);
  assert.equal(result.traffic.messages.ignored, 0);
});

test('who has missed a message misses those that build on it, until the next whole one', async () => {
  const network = {
    latency: { use: 'constant', value: '10ms' },
    uplink: '10Mbps',
    downlink: '10Mbps',
    drop: '10%',
  };
  const ignored = async (codec: unknown) => {
    const algorithm = { deadline: '1s' } as never;
    const { result } = await runToEnd(planOf(sketchOf(codec, { network, algorithm })));
    assert.equal(result.rounds, 12);
    return result.traffic.messages.ignored;
  };
  const [often, seldom] = [await ignored(delta('sign', 2)), await ignored(delta('sign', 12))];
  assert.equal(await ignored(delta('sign', 1)), 0);
  assert.ok(seldom > often && often > 0, `${often} with refresh 2, ${seldom} with 12`);
});

test('a run with these codecs continues in another process to the same end', async () => {
  const execution = { backend: 'cpu', workers: 0 } as const;
  const latency = { use: 'uniform', from: '1ms', to: '900ms' };
  const network = { latency, uplink: '100Mbps', downlink: '100Mbps' };
  const codecs = [delta('sign', 6), 'low-rank', { use: 'error-feedback', codec: 'qsgd' }, delta('low-rank')];
  const jobs: ElsewhereJob[] = [];
  const expected: ElsewhereResult[] = [];
  for (const codec of codecs) {
    const sketch = { ...sketchOf(codec, { network, nodes: 6 }), measure: {} };
    const whole = await runHere({ sketch, execution });
    for (const share of [0.35, 0.6, 0.85]) {
      const simulation = await Simulation.create(planOf(sketch), CHECKED);
      await simulation.step(Math.floor(share * whole.events));
      jobs.push({ sketch, execution, state: simulation.save() });
      expected.push(whole);
      await simulation.close();
    }
  }
  for (const [k, { fingerprints }] of runElsewhere(jobs).entries())
    assert.deepEqual(fingerprints, expected[k]!.fingerprints, JSON.stringify(jobs[k]!.sketch.algorithm));
  assert.ok(
    jobs.some(({ state }) => state!.world.messages.held.length > 0),
    'some messages were held when a run was saved',
  );
});

/** They need rows to learn from. */
const LEARNING_TO_MIX = ['l2c', 'meta-l2c', 'dpfl'];

test('every method with a codec learns alike with differences in float32 as with whole vectors, and takes the others', async () => {
  const run = async (id: string, codec?: unknown) => {
    const algorithm = { use: id, batch: 8, learningRate: 0.1, ...(codec ? { codec } : {}) };
    return runToEnd(
      planOf({
        nodes: 4,
        model: { use: 'mlp', hidden: [6] },
        data: {
          use: 'blobs',
          train: 160,
          test: 40,
          classes: 3,
          features: 8,
          ...(LEARNING_TO_MIX.includes(id) && { validation: '25%' }),
          ...(id === 'transference' && { publicRows: 20 }),
        },
        measure: { probes: ['accuracy'] },
        stop: { after: '3 rounds' },
        algorithm: algorithm as never,
      }),
    );
  };
  const accepting = algorithms.filter(
    ({ options }) => options.safeParse({ codec: delta('low-rank') }).success,
  );
  const ids = accepting.map(({ id }) => id);
  // The others act on what arrives when it arrives, and four bytes more arrive later.
  const synchronous = [
    'd-psgd',
    'fedavg',
    'fedprox',
    'ditto',
    'fedper',
    'fedrep',
    'per-fedavg',
    'multi-center',
    'deprl',
    'dfedpgp',
    'fedlalr',
    'ifca',
    'scaffold',
    'transference',
    ...LEARNING_TO_MIX,
  ];
  for (const id of [...synchronous, 'pens']) assert.ok(ids.includes(id), `${id} has a codec`);
  for (const id of ids) {
    const whole = await run(id, 'float32');
    const deltas = await run(id, delta('float32'));
    for (const [k, sample] of synchronous.includes(id) ? deltas.samples.entries() : [])
      assert.ok(Math.abs(sample.value - whole.samples[k]!.value) < 1e-6, `${id}: ${sample.metric}`);
    const thin = await run(id, { use: 'low-rank', rank: 1 });
    assert.ok(thin.result.traffic.bytes.sent < whole.result.traffic.bytes.sent, `${id}: low rank sends less`);
    const sparse = await run(id, delta({ use: 'top-k', fraction: '20%' }));
    assert.equal(sparse.result.rounds, whole.result.rounds, id);
  }
});
