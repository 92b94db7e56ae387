import assert from 'node:assert/strict';
import { test } from 'node:test';
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
import { lastParams, type PlanSketch, paramsProbe, planOf, testAlgorithm } from '../../testing/index.js';
import { type FinishedRun, runToEnd } from '../../testing/run.js';
import { l2c } from './l2c.js';

/** Two nodes that start at 0 and go half of the way to 4 and to 8 in a step. */
function pair(options: object, rounds: number, more: PlanSketch = {}): Promise<FinishedRun> {
  return runToEnd(
    planOf({
      nodes: 2,
      data: validatedQuadratics([4, 8]),
      model: 'quadratic',
      topology: 'complete',
      algorithm: { use: 'l2c', localSteps: 1, batch: 1, learningRate: 0.5, ...options },
      measure: { probes: [{ use: paramsProbe }, 'series'] },
      stop: { after: `${rounds} rounds` },
      ...more,
    }),
  );
}

function groups(options: object, more: PlanSketch = {}): Promise<FinishedRun> {
  const algorithm = {
    use: 'l2c',
    localEpochs: 4,
    batch: 8,
    learningRate: 0.1,
    keep: 2,
    pruneAfter: 8,
    ...options,
  };
  return runToEnd(planOf({ ...GROUPS, algorithm, stop: { after: '12 rounds' }, ...more }));
}

function near(actual: readonly number[][], expected: readonly number[]): void {
  for (const [node, params] of actual.entries()) {
    assert.ok(
      Math.abs(params[0]! - expected[node]!) < 1e-5,
      `node ${node}: ${params[0]} and ${expected[node]}`,
    );
  }
}

/** Weight of the other node's update once Adam's first step has moved both logits by 0.1. */
const MORE = 1 / (1 + Math.exp(-0.2));

test('the first round averages with equal weights, the second with weights learned from the validation loss', async () => {
  // Updates 2 and 4: both at 3, short of 4 and 8, so that both want more of the second node.
  near(lastParams(await pair({}, 1)), [3, 3]);
  // Steps of ½ and 2½ from 3.
  const second = 3 + (1 - MORE) * 0.5 + MORE * 2.5;
  near(lastParams(await pair({}, 2)), [second, second]);
});

test('with alphaMode: lookahead a trial mix comes first', async () => {
  const first = (1 - MORE) * 2 + MORE * 4;
  near(lastParams(await pair({ alphaMode: 'lookahead' }, 1)), [first, first]);
});

test('mixing models is the same as mixing updates in the first round, when all nodes start alike, but not later', async () => {
  near(lastParams(await pair({ aggregate: 'model' }, 1)), [3, 3]);
  const data = validatedQuadratics([0, 8]);
  // Both at 2; node 0 then wants less of node 1, whose steps are 2 and 1 for 2 − 1 and 2 + 3.
  const less = 1 - MORE;
  near(lastParams(await pair({ aggregate: 'model' }, 2, { data })), [
    MORE * 1 + less * 5,
    less * 1 + MORE * 5,
  ]);
  const third = async (aggregate: string) => lastParams(await pair({ aggregate }, 3, { data }));
  assert.notDeepEqual(await third('model'), await third('update'));
});

test('without the message of its neighbour a node trains alone', async () => {
  const faults = [{ use: 'node-down', node: 1, at: '0s' }];
  const run = await pair({ deadline: '1s' }, 2, { faults });
  near(lastParams(run).slice(0, 1), [3]);
  // A step costs 7 FLOPs at 1 GFLOPS, the validation gradient 5.
  assert.equal(run.result.time, 2 * (1e9 + 7 + 5));
});

test('the logit of a node that was not heard stays as it is, while the others learn', async () => {
  // Adam's first step moves both logits of node 0 by 0.1. Its second one, without node 1, has the gradient 0.
  const second = (0.1 * (0.09 / 0.19)) / Math.sqrt(0.000999 / 0.001999);
  const expected = 1 / (1 + Math.exp(0.2 + second));
  const found: number[] = [];
  for (let seed = 1; seed <= 30; seed++) {
    const { samples } = await pair({ deadline: '1s', alphaWeightDecay: 0 }, 3, {
      seed,
      network: { drop: '30%' },
    });
    const own = samples.filter(
      ({ metric, node, round }) => metric === 'own-weight' && node === 0 && round > 0,
    );
    const [first, next, last] = own.map(({ value }) => value);
    if (first === 0.5 && next === 1 && last! < 1) found.push(last!);
  }
  assert.ok(found.length > 0, 'heard, not heard, heard');
  for (const weight of found) assert.ok(Math.abs(weight - expected) < 1e-6, `${weight} is not ${expected}`);
});

test('final epochs train each model once more after the last round, without messages', async () => {
  const measure = { at: 'adapted', probes: [{ use: paramsProbe }] };
  const run = await pair({ finalLocalEpochs: 1 }, 1, { measure });
  near(lastParams(run), [3.5, 5.5]);
  assert.equal(messages(run, 'update'), 2);
});

test('topology.csv has the weights of every round, and the series have a node’s own weight', async () => {
  const { topology, samples } = await pair({}, 2);
  const stated = topology.filter(({ time, to }) => time > 0 && to === 0).map(({ weight }) => weight);
  assert.equal(stated.length, 2);
  assert.equal(stated[0], 0.5);
  assert.ok(Math.abs(stated[1]! - MORE) < 1e-7);
  const own = samples.filter(({ metric, node }) => metric === 'own-weight' && node === 0).at(-1)!;
  assert.ok(Math.abs(own.value - (1 - MORE)) < 1e-7);
});

test('a round costs 4·d per link, 4·d·Σ(|A_i| − 1) after pruning, at the size of the paper’s small network', async () => {
  const run = await runToEnd(
    planOf({
      nodes: 20,
      data: {
        use: 'blobs',
        features: 784,
        classes: 10,
        train: 200,
        test: 10,
        validation: '50%',
        split: 'iid',
      },
      model: { use: 'mlp', hidden: [32] },
      topology: 'complete',
      algorithm: { use: 'l2c', localSteps: 1, batch: 5, keep: 3, pruneAfter: 1 },
      measure: { every: '10 rounds', probes: [] },
      stop: { after: '3 rounds' },
    }),
    { backend: 'cpu', workers: 0 },
  );
  assert.deepEqual(payload(run, 'update'), [38_684_000, 6_108_000, 6_108_000]);
  assert.deepEqual([messages(run, 'prune'), messages(run, 'keep')], [20 * 16, 20 * 3]);
  assert.equal(payload(run, 'prune')[0]! + payload(run, 'keep')[0]!, 0);
  assert.equal(lastLinks(run).length, 60);
});

test('on few rows of disjoint classes the weight of a node’s own group grows, and its members are kept', async () => {
  const run = await groups({});
  const times = [...new Set(run.topology.map(({ time }) => time))];
  const masses = [0.2, 0.5].map((share) => ownGroupMass(run, times[Math.floor(share * times.length)]));
  assert.ok(masses[0]! > 1 / 3 && masses[1]! > masses[0]! + 0.05, String(masses));
  assert.ok(
    lastLinks(run).every(([from, to]) => groupOf(from) === groupOf(to)),
    String(lastLinks(run)),
  );
  assert.equal(lastLinks(run).length, 18);
  assert.equal(ownGroupMass(run), 1);
});

test('frozen weights do not change after the neighbours are chosen', async () => {
  const [frozen, free] = await Promise.all(
    [true, false].map(async (freezeAlphaAfterPrune) => {
      const { samples } = await groups({ freezeAlphaAfterPrune }, { measure: { probes: ['series'] } });
      const own = samples.filter(
        ({ metric, node, round }) => metric === 'own-weight' && node === 4 && round > 8,
      );
      return new Set(own.map(({ value }) => value)).size;
    }),
  );
  assert.deepEqual([frozen, free], [1, 4]);
});

test('a node that does not get the message `prune` gets another when it sends again', async () => {
  const at = (await groups({}, { stop: { after: '7 rounds' } })).result.time;
  const faults = [{ use: 'node-down', node: 0, at: `${at + 1}ns`, for: '800ms' }];
  const run = await groups({ deadline: '100ms' }, { faults, stop: { after: '20 rounds' } });
  const sent = (type: string, from: number, to: number) =>
    [...run.result.trafficRows()].filter((row) => row.type === type && row.from === from && row.to === to);
  for (const to of [3, 4, 5, 6, 7, 8]) {
    assert.deepEqual([sent('prune', to, 0).length, sent('prune', to, 0)[0]!.cut_messages], [2, 1]);
    const late = sent('update', 0, to).filter(({ round }) => round >= 7);
    assert.deepEqual([late.length, late[0]!.ignored_messages], [1, 1]);
  }
  assert.ok(lastLinks(run).every(([from, to]) => groupOf(from) === groupOf(to)));
});

test('rounds continue under drops, late messages and churn, on a ring too', async () => {
  const troubles: PlanSketch[] = [
    { network: { drop: '30%' } },
    { network: { latency: { use: 'uniform', from: '1ms', to: '120ms' } } },
    { topology: 'ring', faults: [{ use: 'node-down', node: 2, at: '100ms', for: '300ms', task: 'lose' }] },
  ];
  for (const trouble of troubles) {
    const { result } = await groups(
      { deadline: '60ms', keep: 1, pruneAfter: 3 },
      { ...trouble, stop: { after: '8 rounds' } },
    );
    assert.equal(result.stopped, 'rounds', JSON.stringify(trouble));
  }
});

test('a worker gives the same run as none', async () => {
  const sketch = {
    ...GROUPS,
    algorithm: { use: 'l2c', localSteps: 2, keep: 2, pruneAfter: 2 },
    stop: { after: '3 rounds' },
  };
  const fingerprints = [0, 1].map(async (workers) => {
    const { result } = await runToEnd(planOf(sketch), { backend: 'wasm', workers });
    return result.fingerprints;
  });
  assert.deepEqual(await fingerprints[0], await fingerprints[1]);
});

test('pruning, whole models, a trial mix and final epochs keep the laws of algorithms', async () => {
  const variant = { aggregate: 'model', alphaMode: 'lookahead', freezeAlphaAfterPrune: true };
  const options = { ...variant, keep: 1, pruneAfter: 2, finalLocalEpochs: 1 };
  const { encoded } = await testAlgorithm(l2c, { options });
  assert.deepEqual(Object.keys(encoded), ['update', 'prune', 'keep']);
  assert.ok(Object.values(encoded).every((count) => count > 0));
});

test('a node without validation rows is refused, and the error says what to do', async () => {
  await assert.rejects(
    runToEnd(planOf({ algorithm: { use: 'l2c' } })),
    (error) =>
      error instanceof UsageError &&
      /validation: 20%.*node 0, which has 40 training rows/.test(error.message),
  );
});

test('after refitAfter rounds the weights stay, and nodes train on their validation rows too', async () => {
  const measure = { every: '1 round', at: 'mixed', probes: ['series'] };
  const algorithm = { use: 'l2c', localEpochs: 4, batch: 8, learningRate: 0.1, keep: 2, pruneAfter: 8 };
  const { samples, result } = await groups({ refitAfter: 9 }, { measure });
  const plain = await runToEnd(planOf({ ...GROUPS, algorithm, stop: { after: '12 rounds' }, measure }));
  const ofNode = (run: FinishedRun, metric: string) =>
    run.samples.filter((sample) => sample.metric === metric && sample.node === 0).map(({ value }) => value);
  // A validation loss is computed as long as weights learn.
  const losses = ofNode({ samples, result } as FinishedRun, 'validation-loss');
  assert.equal(new Set(losses.slice(9)).size, 1);
  assert.ok(new Set(ofNode(plain, 'validation-loss').slice(9)).size > 1);
  // Half of 16 rows are for validation: 4 epochs of 8 rows in batches of 8 are 4 steps; with all 16 rows they are 8.
  const steps = (run: FinishedRun) => run.result.work.steps;
  const learned = (rounds: number) => 9 * rounds;
  assert.equal(steps(plain), 9 * 12 * 4 + learned(12));
  assert.equal(result.work.steps, 9 * (9 * 4 + 3 * 8) + learned(9));
});
