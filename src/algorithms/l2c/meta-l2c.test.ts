import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  GROUPS,
  groupOf,
  lastLinks,
  messages,
  ownGroupMass,
  payload,
  validatedQuadratics,
} from '../../../test/support/mixing-runs.js';
import { UsageError } from '../../errors.js';
import { buildModel } from '../../models/index.js';
import { lastParams, type PlanSketch, paramsProbe, planOf, testAlgorithm } from '../../testing/index.js';
import { type FinishedRun, runToEnd } from '../../testing/run.js';
import { encoderLayout, scores } from './attention-encoder.js';
import { difference, softmaxWeights } from './learned-mixing.js';
import { metaL2c } from './meta-l2c.js';

const folder = mkdtempSync(join(tmpdir(), 'mycel-encoder-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const model = buildModel({
  use: 'mlp',
  options: { hidden: [6], headLayers: 1, bias: true, kernelInit: 'uniform' },
  input: [8],
  classes: 6,
});
const ENCODER = encoderLayout(model.slices, { hidden: 10, output: 20 }).length;
const LINKS = 9 * 8;

function groups(options: object, more: PlanSketch = {}): Promise<FinishedRun> {
  const training = { localEpochs: 4, batch: 8, learningRate: 0.1 };
  return runToEnd(planOf({ ...GROUPS, algorithm: { use: 'meta-l2c', ...training, ...options }, ...more }));
}

/** An encoder that was trained on the groups, as its file's name. */
let trained: Promise<string> | undefined;

function trainedEncoder(): Promise<string> {
  trained ??= groups({}, { seed: 1, stop: { after: '14 rounds' } }).then(({ result }) => {
    const file = join(folder, 'artifacts.json');
    writeFileSync(file, JSON.stringify(result.artifacts));
    return file;
  });
  return trained;
}

test('nodes with equal updates give each other the same weight as themselves', async () => {
  const run = await runToEnd(
    planOf({
      nodes: 2,
      data: validatedQuadratics([4, 4]),
      model: 'quadratic',
      topology: 'complete',
      algorithm: { use: 'meta-l2c', localSteps: 1, batch: 1, learningRate: 0.5 },
      measure: { probes: [{ use: paramsProbe }, 'series'] },
      stop: { after: '2 rounds' },
    }),
  );
  // Both go half of the way to 4, twice; with equal scores, whatever the encoder says of them.
  assert.deepEqual(lastParams(run), [[3], [3]]);
  for (const { metric, value } of run.samples) {
    if (metric === 'own-weight' && !Number.isNaN(value)) assert.equal(value, 0.5);
  }
});

test('a round costs 8·d per link, or 4·d, and 2(N−1)·4·⌈|ϕ|/N⌉ per node while the encoder learns', async () => {
  for (const [form, vectors] of [
    ['faithful', 2],
    ['model', 1],
  ] as const) {
    const run = await groups({ payload: form, keep: 2, pruneAfter: 2, freezeEncoderAfterPrune: true });
    const exchange = 4 * vectors * model.length;
    assert.deepEqual(payload(run, 'update'), [LINKS * exchange, LINKS * exchange, 9 * 2 * exchange]);
    const chunks = LINKS * 4 * Math.ceil(ENCODER / 9);
    for (const type of ['reduce', 'gather']) assert.deepEqual(payload(run, type), [chunks, chunks]);
    assert.deepEqual([messages(run, 'prune'), messages(run, 'keep')], [9 * 6, 9 * 2]);
  }
});

test('an untrained encoder gives all nodes about equal weights, and learns to find a node’s own group', async () => {
  const masses = [1, 3, 8].map(async (rounds) =>
    ownGroupMass(await groups({}, { stop: { after: `${rounds} rounds` } })),
  );
  const [first, middle, last] = (await Promise.all(masses)) as [number, number, number];
  assert.ok(Math.abs(first - 1 / 3) < 0.05, String(first));
  assert.ok(middle > first && last > 0.8, `${first}, ${middle}, ${last}`);
});

test('a trained encoder finds the groups of nodes that it was not trained on in their first round, without messages of its own', async () => {
  const encoder = await trainedEncoder();
  const more = { seed: 5, stop: { after: '1 round' } };
  const frozen = await groups({ encoder }, more);
  const fresh = await groups({}, more);
  assert.ok(ownGroupMass(frozen) > 0.6, String(ownGroupMass(frozen)));
  assert.ok(ownGroupMass(fresh) < 0.4, String(ownGroupMass(fresh)));
  assert.deepEqual([messages(frozen, 'reduce'), messages(frozen, 'gather')], [0, 0]);
  assert.deepEqual(frozen.result.artifacts, {});
  const pruned = await groups({ encoder, keep: 2, pruneAfter: 1 }, { ...more, stop: { after: '2 rounds' } });
  assert.ok(lastLinks(pruned).every(([from, to]) => groupOf(from) === groupOf(to)));
  assert.equal(lastLinks(pruned).length, 18);
});

test('nodes start from the initial params of the run that trained the encoder', async () => {
  const encoder = await trainedEncoder();
  const measure = { probes: [{ use: paramsProbe }] };
  const start = async (options: object, seed: number) => {
    const { samples } = await groups(options, { seed, measure, stop: { after: '1 round' } });
    return samples.filter(({ round, node }) => round === 0 && node === 3).map(({ value }) => value);
  };
  assert.deepEqual(await start({ encoder }, 5), await start({}, 1));
  assert.notDeepEqual(await start({}, 5), await start({}, 1));
});

test('paths of encoders start from the scenario’s folder, and a missing file is a UsageError', async () => {
  const file = await trainedEncoder();
  const plan = planOf({
    ...GROUPS,
    algorithm: { use: 'meta-l2c', localSteps: 1, encoder: 'artifacts.json' },
    stop: { after: '1 round' },
  });
  const elsewhere = { ...plan, data: { ...plan.data, directory: join(file, '..') } };
  assert.equal((await runToEnd(elsewhere)).result.stopped, 'rounds');
  await assert.rejects(
    runToEnd(plan),
    (error) =>
      error instanceof UsageError && error.path === 'algorithm.encoder' && /no such file/.test(error.message),
  );
});

type States = Parameters<NonNullable<typeof metaL2c.artifacts>>[0];

/** The states in which a run ends. */
async function endsOf(options: object, rounds: number): Promise<States> {
  let ends: States = [];
  const watched = {
    ...metaL2c,
    artifacts(states: States) {
      ends = states;
      return {};
    },
  };
  const algorithm = { use: 'meta-l2c', localSteps: 2, batch: 4, ...options };
  const plan = planOf({ ...GROUPS, algorithm, stop: { after: `${rounds} rounds` } });
  await runToEnd({ ...plan, algorithm: { ...plan.algorithm, entry: watched } });
  return ends;
}

test('after the all-reduce all copies are the same, bit by bit', async () => {
  const copies = (await endsOf({}, 3)).map(({ own }) => own.encoder);
  assert.equal(copies.length, 9);
  for (const copy of copies) assert.deepEqual(copy, copies[0]);
  assert.equal(copies[0]!.length, ENCODER);
});

test('weights are the softmax of the scores of the nodes’ changes since the common start, in either form', async () => {
  const encoder = await trainedEncoder();
  for (const payload of ['faithful', 'model']) {
    const ends = (await endsOf({ encoder, payload }, 3)).map(({ own }) => own);
    const since = ends.map(({ own }) => own.cumulative);
    for (const [node, { layout, encoder: numbers, weights }] of ends.entries()) {
      assert.deepEqual(weights, softmaxWeights(scores(layout, numbers, since, node)), payload);
    }
    const [{ own, initial }] = ends as [(typeof ends)[0]];
    if (payload === 'model') assert.deepEqual(own.cumulative, difference(own.vector, initial));
    else
      assert.notDeepEqual(
        own.cumulative,
        difference(
          own.vector.map(() => 0),
          own.vector,
        ),
      );
  }
});

test('rounds continue under drops, late messages and churn, on a ring too', async () => {
  const troubles: PlanSketch[] = [
    { network: { drop: '30%' } },
    { network: { latency: { use: 'uniform', from: '1ms', to: '120ms' } } },
    { topology: 'ring', faults: [{ use: 'node-down', node: 2, at: '100ms', for: '300ms', task: 'lose' }] },
  ];
  for (const trouble of troubles) {
    const options = { deadline: '60ms', keep: 1, pruneAfter: 3 };
    const { result } = await groups(options, { ...trouble, stop: { after: '6 rounds' } });
    assert.equal(result.stopped, 'rounds', JSON.stringify(trouble));
  }
});

test('a worker gives the same run as none', async () => {
  const sketch = { ...GROUPS, algorithm: { use: 'meta-l2c', localSteps: 2, keep: 2, pruneAfter: 2 } };
  const fingerprints = [0, 1].map(async (workers) => {
    const { result } = await runToEnd(planOf(sketch), { backend: 'wasm', workers });
    return { ...result.fingerprints, encoder: JSON.stringify(result.artifacts) };
  });
  assert.deepEqual(await fingerprints[0], await fingerprints[1]);
});

test('one vector per message, pruning and final epochs keep the laws of algorithms', async () => {
  const options = { payload: 'model', keep: 1, pruneAfter: 2, finalLocalEpochs: 1 };
  const { encoded } = await testAlgorithm(metaL2c, { options });
  assert.deepEqual(Object.keys(encoded), ['update', 'reduce', 'gather', 'prune', 'keep']);
  assert.ok(Object.values(encoded).every((count) => count > 0));
});

test('a node without validation rows is refused', async () => {
  await assert.rejects(
    runToEnd(planOf({ algorithm: { use: 'meta-l2c' } })),
    /expected validation rows on every node/,
  );
});

test('a neighbour whose message is missing in the round of the choice is not kept where there are enough others', async () => {
  const run = await groups(
    { keep: 2, pruneAfter: 1, deadline: '200ms' },
    { faults: [{ use: 'node-down', node: 8, at: '0s' }], stop: { after: '3 rounds' } },
  );
  // Node 8 is never told, so its links are still there.
  const kept = lastLinks(run).filter(([from]) => from !== 8);
  for (let node = 0; node < 8; node++) assert.equal(kept.filter(([, to]) => to === node).length, 2);
});

test('a neighbour whose message is missing in the round of the choice is kept where there are too few others', async () => {
  for (const seed of [1, 2]) {
    const run = await groups(
      { keep: 3, pruneAfter: 3, deadline: '60ms' },
      { seed, network: { drop: '40%' }, stop: { after: '6 rounds' } },
    );
    const senders = lastLinks(run).map(([, to]) => to);
    // A word that somebody is left out may still be on its way.
    for (let node = 0; node < 9; node++) assert.ok(senders.filter((to) => to === node).length >= 3);
  }
});
