import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { withValues } from '../../../test/support/evaluated.js';
import type { Split } from '../../data/index.js';
import { sources } from '../../data/index.js';
import type { Evaluated } from '../../learning/algorithm.js';
import type { Result } from '../../simulation/result.js';
import { lastParams, paramsProbe, planOf, testAlgorithm } from '../../testing/index.js';
import { runToEnd } from '../../testing/run.js';
import { watch } from '../../testing/watch.js';
import { directedGraph } from '../../topology/edges.js';
import type { TopologyEntry } from '../../topology/index.js';
import { mhd } from './mhd.js';

const [NODES, CLASSES, FEATURES, HIDDEN, SAMPLES, HEADS] = [4, 3, 6, 5, 7, 2];
const HEADER = 32;
const MODEL_BYTES = 4 * ((FEATURES + 1) * HIDDEN + (HEADS + 1) * (HIDDEN + 1) * CLASSES);
const blobs = {
  use: 'blobs',
  features: FEATURES,
  classes: CLASSES,
  train: 80,
  test: 30,
  publicRows: 20,
  split: 'iid',
};

const sketch = (algorithm: object = {}, more: object = {}) =>
  ({
    nodes: NODES,
    data: blobs,
    model: { use: 'mlp', hidden: [HIDDEN] },
    topology: 'complete',
    algorithm: {
      use: 'mhd',
      auxiliaryHeads: HEADS,
      batch: 5,
      publicBatch: SAMPLES,
      learningRate: 0.1,
      ...algorithm,
    },
    ...more,
  }) as never;

/** Runs, and gives what every node evaluates at the end, too. */
async function evaluatedBy(
  given: never,
): Promise<{ result: Result; heads: Record<string, Evaluated<Float32Array>>[] }> {
  let seen: Record<string, Evaluated<Float32Array>>[] = [];
  const watched = {
    ...mhd,
    evaluate(...given: Parameters<typeof mhd.evaluate>) {
      const evaluated = mhd.evaluate(...given);
      seen.push(withValues(evaluated));
      return evaluated;
    },
  };
  const plan = planOf(given);
  const { result } = await runToEnd({ ...plan, algorithm: { ...plan.algorithm, entry: watched } });
  seen = seen.slice(-plan.nodes);
  return { result, heads: seen };
}

const bitsOf = (heads: Record<string, Evaluated<Float32Array>>[]) =>
  heads.map((node) => Object.values(node).map(({ params }) => [...params]));
const predictionBytes = (withEmbeddings: boolean) =>
  HEADER + SAMPLES * 4 * ((withEmbeddings ? HIDDEN : 0) + HEADS * CLASSES);

for (const options of [
  {},
  { synchronised: false, delta: 2, refresh: 2, deadline: '400ms' },
  { mode: 'checkpoint', refresh: 2, target: 'random', pool: 2, delta: 2, nuEmb: 0 },
]) {
  test(`mhd keeps the laws of an algorithm with ${JSON.stringify(options)}`, async () => {
    const report = await testAlgorithm(mhd, { options: { batch: 4, publicBatch: 6, ...options } });
    assert.deepEqual(report.scenarios, ['blobs']);
    assert.equal(report.bytesInFlight, 0);
    for (const [type, count] of Object.entries(report.encoded)) assert.ok(count > 0, type);
  });
}

test('a round costs 4·Q·(E + m·C) bytes for each teacher, and 4·Q more where ids are sent', async () => {
  for (const delta of [1, 2, 9]) {
    const links = 3 * NODES * Math.min(delta, NODES - 1);
    for (const nuEmb of [0, 1]) {
      const answers = links * predictionBytes(nuEmb > 0);
      const { result } = await runToEnd(planOf(sketch({ delta, nuEmb })));
      assert.equal(result.traffic.bytes.sent, answers);
      const asked = await runToEnd(planOf(sketch({ delta, nuEmb, synchronised: false })));
      assert.equal(asked.result.traffic.bytes.sent, answers + links * (HEADER + 4 * SAMPLES));
      assert.equal(asked.result.traffic.messages.sent, 2 * links);
    }
  }
});

test('a refresh of 2 rounds sends in every second round only, and the batch is used twice', async () => {
  const { result } = await runToEnd(planOf(sketch({ refresh: 2 }, { stop: { after: '5 rounds' } })));
  assert.equal(result.traffic.bytes.sent, 3 * NODES * predictionBytes(true));
});

test('a model costs 4·(d_enc + (m + 1)(E·C + C)) bytes: the whole pool in round 0, then one per refresh', async () => {
  for (const [pool, first] of [
    [undefined, NODES - 1],
    [2, 2],
    [9, NODES - 1],
  ] as const) {
    const { result } = await runToEnd(
      planOf(
        sketch({ mode: 'checkpoint', refresh: 2, ...(pool && { pool }) }, { stop: { after: '5 rounds' } }),
      ),
    );
    assert.equal(result.traffic.bytes.sent, NODES * (first + 2) * (HEADER + MODEL_BYTES));
  }
});

test('by default predictions are sent in every round and models in every 200th', () => {
  assert.equal(mhd.options.parse({}).refresh, 1);
  assert.equal(mhd.options.parse({ mode: 'checkpoint' }).refresh, 200);
  assert.equal(mhd.options.parse({ mode: 'checkpoint', refresh: 20 }).refresh, 20);
});

test('predictions and models are sent only along the links of the topology, ids in the opposite direction', async () => {
  for (const mode of ['predictions', 'checkpoint']) {
    const given = sketch({ mode, refresh: 1, synchronised: false }, { topology: 'directed-ring' });
    const { result } = await runToEnd(planOf(given));
    const rows = [...result.trafficRows()].filter(({ sent_messages }) => sent_messages > 0);
    for (const { type, from, to } of rows) {
      assert.equal(
        type === 'samples' ? (to + 1) % NODES : (from + 1) % NODES,
        type === 'samples' ? from : to,
      );
    }
    assert.equal(rows.length, (mode === 'predictions' ? 2 : 1) * 3 * NODES);
  }
});

test('between two nodes that refresh each round, models and predictions give the same run, bit for bit', async () => {
  const [sent, asked] = await Promise.all(
    ['checkpoint', 'predictions'].map((mode) =>
      evaluatedBy(
        sketch(
          { mode, refresh: 1, optimizer: { use: 'sgd', momentum: 0.9, weightDecay: 0.01 } },
          { nodes: 2, stop: { after: '4 rounds' } },
        ),
      ),
    ),
  );
  assert.deepEqual(bitsOf(sent!.heads), bitsOf(asked!.heads));
  assert.notEqual(sent!.result.traffic.bytes.sent, asked!.result.traffic.bytes.sent);
});

test('the main head is the adapted model, the others are called aux 1 … aux m, and each is a model of the node', async () => {
  const { heads } = await evaluatedBy(sketch());
  assert.deepEqual(Object.keys(heads[0]!), ['adapted', 'aux 1', 'aux 2']);
  const body = (FEATURES + 1) * HIDDEN;
  for (const { params } of Object.values(heads[0]!)) {
    assert.equal(params.length, body + (HIDDEN + 1) * CLASSES);
    assert.deepEqual(params.subarray(0, body), heads[0]!.adapted!.params.subarray(0, body));
  }
});

test('with nuEmb and nuAux of 0, encoder and main head are those of local training', async () => {
  const training = { batch: 5, learningRate: 0.1, optimizer: { use: 'sgd', momentum: 0.9 } };
  const measure = { probes: [{ use: paramsProbe }] };
  const [own, local] = await Promise.all(
    [
      { nuEmb: 0, nuAux: 0 },
      { use: 'local-only', localSteps: 1, ...training },
    ].map((algorithm) => {
      const given = sketch(algorithm, { measure }) as { algorithm: object };
      const isLocal = 'use' in algorithm;
      return runToEnd(planOf({ ...given, algorithm: isLocal ? algorithm : given.algorithm } as never));
    }),
  );
  assert.deepEqual(lastParams(own!), lastParams(local!));
});

test('a step without any answer is the same as one without teachers', async () => {
  const stop = { after: '3 rounds' };
  const alone = await evaluatedBy(
    sketch({}, { topology: { use: 'islands', size: 1, allowDisconnected: true }, stop }),
  );
  assert.equal(alone.result.traffic.messages.sent, 0);
  const unheard = await evaluatedBy(sketch({ deadline: '50ms' }, { network: { drop: '100%' }, stop }));
  assert.ok(unheard.result.traffic.messages.dropped > 0);
  assert.deepEqual(bitsOf(unheard.heads), bitsOf(alone.heads));
  const heard = await evaluatedBy(sketch({}, { stop }));
  assert.notDeepEqual(bitsOf(heard.heads), bitsOf(alone.heads));
});

test('late messages, drops and churn leave no node waiting', async () => {
  const network = { latency: { use: 'log-normal', median: '30ms', sigma: 1 }, drop: '20%' };
  const faults = [{ use: 'random-node-down', up: '300ms', down: '100ms' }];
  for (const options of [{}, { synchronised: false }, { mode: 'checkpoint', refresh: 2 }]) {
    const given = sketch(
      { ...options, delta: 2, deadline: '60ms' },
      { network, faults, stop: { after: '12 rounds' } },
    );
    const { result } = await runToEnd(planOf(given));
    assert.equal(result.stopped, 'rounds');
    assert.equal(result.rounds, 12);
    assert.deepEqual(result.diverged, []);
  }
});

test('the learning rate falls to 0 over decayRounds', async () => {
  const after = async (rounds: number) =>
    bitsOf((await evaluatedBy(sketch({ decayRounds: 2 }, { stop: { after: `${rounds} rounds` } }))).heads);
  assert.notDeepEqual(await after(2), await after(1));
  assert.deepEqual(await after(4), await after(2));
});

test('labels of public rows are not read, and ids that are sent are those of public rows', async () => {
  const entry = sources.find(({ id }) => id === 'blobs')!;
  const blind = {
    ...entry,
    async load(...given: Parameters<typeof entry.load>) {
      const dataset = await entry.load(...given);
      const labels = dataset.labels.map((label, row) => (row < 110 ? label : (label + 1) % CLASSES));
      return { ...dataset, labels };
    },
  };
  const options = { synchronised: false };
  const { result } = await runToEnd(planOf(sketch(options)));
  const other = await runToEnd(planOf(sketch(options, { data: { ...blobs, use: blind } })));
  assert.deepEqual(other.result.fingerprints, result.fingerprints);
  const watched = watch(mhd);
  const plan = planOf(sketch(options));
  await runToEnd({ ...plan, algorithm: { ...plan.algorithm, entry: watched.algorithm } });
  const ids = watched.types.get('samples')!.bodies.flatMap((body) => body as number[]);
  assert.ok(ids.length > 0 && ids.every((row) => row >= 110 && row < 130));
});

test('the knowledge of a node reaches head k of the nodes at most k links away', async () => {
  // No encoder, no embedding loss: heads are all that learns, along 0 → 1 → 2 → 3.
  const path: TopologyEntry = {
    id: 'path',
    description: 'a directed path',
    options: z.strictObject({}),
    build: (_options, { nodes }) =>
      directedGraph(
        nodes,
        Array.from({ length: nodes - 1 }, (_, node) => [node, node + 1] as const),
      ),
  };
  const split = (ofFirst: number): Split => ({
    id: 'given',
    description: 'twenty rows per node, those of node 0 as given',
    options: z.strictObject({}),
    split: (_options, { nodes }) =>
      Array.from({ length: nodes }, (_, node) => ({
        train: Uint32Array.from({ length: 20 }, (_, k) => (node === 0 ? ofFirst : 20 * node) + k),
        validation: new Uint32Array(0),
        test: Uint32Array.of(100),
      })),
  });
  const run = async (ofFirst: number) =>
    (
      await evaluatedBy(
        sketch(
          { auxiliaryHeads: 4, nuEmb: 0 },
          {
            data: { ...blobs, train: 100, split: { use: split(ofFirst) } },
            model: 'softmax',
            topology: { use: path },
            stop: { after: '10 rounds' },
          },
        ),
      )
    ).heads;
  const [one, other] = [await run(0), await run(80)];
  for (let node = 0; node < NODES; node++) {
    for (const [k, label] of Object.keys(one[node]!).entries()) {
      const isSame = one[node]![label]!.params.every((value, i) => value === other[node]![label]!.params[i]);
      assert.equal(isSame, k < node, `${label} of node ${node}`);
    }
  }
});

test('data without public rows are refused before the run', async () => {
  await assert.rejects(runToEnd(planOf(sketch({}, { data: { ...blobs, publicRows: 0 } }))), {
    name: 'UsageError',
    code: 'no-public-rows',
  });
});
