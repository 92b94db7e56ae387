/** DePRL in comparison with FedRep: what is sent, what stays on the node, and where the two are equal. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { givenTargets } from '../../test/support/given-rows.js';
import { leaks, record } from '../../test/support/recording.js';
import type { AnyAlgorithm } from '../learning/algorithm.js';
import { mix } from '../learning/vectors.js';
import { lastParams, paramsByRound, paramsProbe } from '../testing/params-probe.js';
import { type PlanSketch, planOf } from '../testing/plans.js';
import { runToEnd } from '../testing/run.js';
import { mixingRows } from '../topology/index.js';
import { deprl } from './deprl.js';
import { fedrep } from './fedrep.js';

const NODES = 4;
/** 6 × 5 + 5 of the body, 5 × 3 + 3 of the head. */
const BODY = 35;
const HEAD = 18;

const sketch = (algorithm: object, changes: Partial<PlanSketch> = {}): PlanSketch => ({
  nodes: NODES,
  data: { use: 'blobs', features: 6, classes: 3, train: 80, test: 30, split: 'iid' },
  model: { use: 'mlp', hidden: [5] },
  algorithm: { use: 'deprl', learningRate: 0.1, batch: 5, ...algorithm } as never,
  measure: { probes: [{ use: paramsProbe }] },
  stop: { after: '4 rounds' },
  ...changes,
});
const onRing = { topology: 'ring' };
const run = (...given: Parameters<typeof sketch>) => runToEnd(planOf(sketch(...given)));
const body = (params: readonly number[]) => params.slice(0, BODY);
const head = (params: readonly number[]) => params.slice(BODY);
const meanBody = (nodes: readonly number[][]) =>
  body(nodes[0]!).map((_, k) => nodes.reduce((sum, params) => sum + params[k]! / NODES, 0));

function assertNear(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of actual.entries()) {
    assert.ok(Math.abs(value - expected[i]!) <= tolerance, `${value} is not ${expected[i]} at ${i}`);
  }
}

for (const [algorithm, changes] of [
  [deprl, onRing],
  [fedrep, {}],
] as ReadonlyArray<readonly [AnyAlgorithm, Partial<PlanSketch>]>) {
  test(`heads of ${algorithm.id} are in no message`, async () => {
    const tapped = record(algorithm);
    const plan = planOf(sketch({ use: algorithm.id }, changes));
    const finished = await runToEnd({ ...plan, algorithm: { ...plan.algorithm, entry: tapped.algorithm } });
    const heads = [...paramsByRound(finished).values()].flat().map(head);
    assert.equal(heads[0]!.length, HEAD);
    assert.equal(heads.length, NODES * 5);
    for (const values of heads) assert.ok(!leaks(tapped.bodies, Float32Array.from(values)));
    assert.ok(leaks(tapped.bodies, new Float32Array(tapped.bodies[0]!.bytes.slice(0, 4 * BODY).buffer)));
  });
}

test('a changed head affects the neighbours only through the body', async () => {
  const spoil = record(deprl, {
    init(state, id) {
      if (id !== 0) return;
      const own = state as unknown as { own: { params: Float32Array } };
      own.own.params = own.own.params.map((value, i) => (i < BODY ? value : -value));
    },
  });
  const one = { stop: { after: '1 round' }, ...onRing };
  const plan = planOf(sketch({}, one));
  const [plain, spoilt] = await Promise.all([
    runToEnd(plan),
    runToEnd({ ...plan, algorithm: { ...plan.algorithm, entry: spoil.algorithm } }),
  ]);
  const [before, after] = [lastParams(plain), lastParams(spoilt)];
  for (const node of [1, 2, 3]) assert.deepEqual(head(after[node]!), head(before[node]!));
  // Node 2 is no neighbour of node 0 on a ring of four.
  assert.deepEqual(body(after[2]!), body(before[2]!));
  assert.notDeepEqual(body(after[1]!), body(before[1]!));
});

test('the head step does not change a bit of the body, nor the body step a bit of the head', async () => {
  const alone = {
    topology: { use: 'erdos-renyi', probability: '0%', connected: false, allowDisconnected: true },
    stop: { after: '1 round' },
  };
  const still = { learningRate: 1e-30, headLearningRate: 0.1 };
  const onlyHead = lastParams(await run(still, alone));
  const initial = [...paramsByRound(await run({}, alone)).get(0)!];
  for (const [i, params] of onlyHead.entries()) {
    assert.deepEqual(body(params), body(initial[i]!));
    assert.notDeepEqual(head(params), head(initial[i]!));
  }
  const onlyBody = lastParams(await run({ learningRate: 0.1, headLearningRate: 1e-30 }, alone));
  for (const [i, params] of onlyBody.entries()) {
    assert.deepEqual(head(params), head(initial[i]!));
    assert.notDeepEqual(body(params), body(initial[i]!));
  }
});

test('mixing keeps the sum of bodies and brings them together by λ per round on a ring', () => {
  const nodes = 8;
  const neighbors = Array.from({ length: nodes }, (_, i) =>
    Int32Array.from([(i + 1) % nodes, (i + nodes - 1) % nodes].sort((a, b) => a - b)),
  );
  const rows = mixingRows({ nodes, in: neighbors, out: neighbors }, 'metropolis-hastings');
  // The closed form of a ring, 1/3 + 2/3·cos(2π/8).
  const lambda = 1 / 3 + (2 / 3) * Math.SQRT1_2;
  const vector = fc.float32Array({ minLength: 3, maxLength: 3, min: -10, max: 10, noNaN: true });
  fc.assert(
    fc.property(fc.array(vector, { minLength: nodes, maxLength: nodes }), (bodies) => {
      const mixed = bodies.map((own, i) => {
        const views = Array.from(neighbors[i]!, (from, neighbor) => ({
          neighbor,
          view: { length: 3, values: bodies[from]! },
        }));
        return mix(own, rows[i]!, views);
      });
      const sum = (all: readonly Float32Array[], k: number) => all.reduce((total, one) => total + one[k]!, 0);
      const spread = (all: readonly Float32Array[]) =>
        Math.sqrt(
          [0, 1, 2].reduce((total, k) => {
            const centre = sum(all, k) / nodes;
            return total + all.reduce((squares, one) => squares + (one[k]! - centre) ** 2, 0);
          }, 0),
        );
      for (const k of [0, 1, 2]) {
        const size = bodies.reduce((total, one) => total + Math.abs(one[k]!), 1e-30);
        assert.ok(Math.abs(sum(mixed, k) - sum(bodies, k)) <= 1e-5 * size);
      }
      assert.ok(spread(mixed) <= lambda * spread(bodies) + 1e-4);
    }),
    { seed: 2 },
  );
});

test('on a complete graph with equal weights DePRL is FedRep with all clients taking part', async () => {
  const epochs = { headEpochs: 1, bodyEpochs: 0.25, batch: 5 };
  const gossip = await run({ ...epochs, mixing: 'uniform' }, { topology: 'complete' });
  const server = await run({ use: 'fedrep', ...epochs });
  for (const [i, params] of lastParams(gossip).entries()) {
    // Heads at the end of a round have seen the averages of all rounds before.
    assertNear(head(params), head(lastParams(server)[i]!), 1e-6);
  }
  // The server averages after the clients are measured: their mean is what the nodes hold.
  const bodies = meanBody(lastParams(server));
  for (const params of lastParams(gossip)) assertNear(body(params), bodies, 1e-6);
  assert.notDeepEqual(lastParams(gossip)[0], lastParams(gossip)[1]);
});

test('without learning, a run keeps the sum of bodies, brings them together by λ per round, and does not change heads', async () => {
  const finished = await run(
    { learningRate: 1e-30 },
    { ...onRing, model: { use: 'mlp', hidden: [5], init: 'per-node' } },
  );
  const rounds = [...paramsByRound(finished).values()];
  const spread = (nodes: readonly number[][]) =>
    Math.sqrt(
      nodes.reduce(
        (sum, params) =>
          sum + meanBody(nodes).reduce((squares, centre, k) => squares + (params[k]! - centre) ** 2, 0),
        0,
      ),
    );
  assert.equal(rounds.length, 5);
  for (const [r, nodes] of rounds.entries()) {
    assertNear(meanBody(nodes), meanBody(rounds[0]!), 1e-6);
    assert.deepEqual(nodes.map(head), rounds[0]!.map(head));
    // 1/3 + 2/3·cos(2π/4)
    if (r > 0) assert.ok(spread(nodes) <= spread(rounds[r - 1]!) / 3 + 1e-6);
  }
  assert.ok(spread(rounds[0]!) > 0.1);
});

/** ŷ = b·w·x with b from 1 and w from 0, x = 1 and targets 1, 2, 4 …; params (b, w). */
async function linear(
  targets: readonly number[],
  changes: Partial<PlanSketch>,
  lost: (to: number) => boolean,
) {
  const { algorithm } = record(deprl, {
    init: (state) => {
      (state as unknown as { own: { params: Float32Array } }).own.params = Float32Array.of(1, 0);
    },
    lose: ({ from, to }) => from === 1 && lost(to),
  });
  const options = { batch: 1, headSteps: 1, learningRate: 0.5, deadline: '1s' };
  const plan = planOf({
    nodes: targets.length,
    data: givenTargets(targets.map((target) => [1, target] as const)),
    model: { use: 'linear-representation', rank: 1 },
    topology: 'star',
    algorithm: { use: algorithm, ...options },
    measure: { probes: [{ use: paramsProbe }] },
    stop: { after: '1 round' },
    ...changes,
  });
  return lastParams(await runToEnd(plan));
}

test('by hand: head step, body step at the new head, mixing with the weights of a star', async () => {
  // w ← 0 − ½(0 − y); b ← 1 − ½(w − y)·w = 1.125, 1.5, 3; a leaf has 1/3 for the centre and 2/3 for itself.
  const nodes = await linear([1, 2, 4], {}, () => false);
  assert.deepEqual(nodes, [
    [1.875, 0.5],
    [1.375, 1],
    [2.375, 2],
  ]);
});

test('by hand: the weight of a missing body goes to the node’s own, and no other node is affected', async () => {
  // 2/3 · 1.125 + 1/3 · 3 at the centre, which has no message of node 1.
  const nodes = await linear([1, 2, 4], {}, (to) => to === 0);
  assert.deepEqual(
    nodes.map(([b]) => b),
    [1.75, 1.375, 2.375],
  );
});

test('a single node trains head and body in turn', async () => {
  let [b, w] = [1, 0];
  for (let round = 0; round < 4; round++) {
    w -= 0.5 * (b * w - 2) * b;
    b -= 0.5 * (b * w - 2) * w;
  }
  const [alone] = await linear([2], { topology: 'complete', stop: { after: '4 rounds' } }, () => false);
  assertNear(alone!, [b, w], 1e-6);
});

for (const [newOptimizer, body] of [
  ['each-phase', 1],
  ['each-round', 1.25],
] as const) {
  test(`by hand: with momentum the body inherits a velocity from the head steps or not (${newOptimizer})`, async () => {
    // Head: w = 1, then 2, where the body's gradients 0 and −1 leave a velocity of −1; the body step is at its minimum.
    const changes = {
      topology: 'complete',
      algorithm: {
        use: holdingFrom(1, 0),
        batch: 1,
        headSteps: 2,
        learningRate: 0.5,
        optimizer: { use: 'sgd', momentum: 0.5 },
        newOptimizer,
      },
    } as const;
    const [alone] = await linear([2], changes as never, () => false);
    assert.deepEqual(alone, [body, 2]);
  });
}

/** DePRL that starts from these params. */
function holdingFrom(...params: number[]): AnyAlgorithm {
  const init = (state: unknown) => {
    (state as { own: { params: Float32Array } }).own.params = Float32Array.from(params);
  };
  return record(deprl, { init }).algorithm;
}

for (const topology of ['ring', 'star', 'complete']) {
  test(`on topology ${topology} a round costs 4·d_φ for each neighbour of each node`, async () => {
    const degrees = { ring: 2 * NODES, star: 2 * (NODES - 1), complete: NODES * (NODES - 1) }[topology]!;
    const { parts } = (await run({}, { topology })).result.traffic;
    assert.equal(parts.values, 4 * 4 * BODY * degrees);
  });
}

test('a node that receives nothing trains like one without neighbours', async () => {
  const lonely = record(deprl, { lose: () => true });
  const plan = planOf(sketch({ deadline: '200ms' }, onRing));
  const [deaf, alone] = await Promise.all([
    runToEnd({ ...plan, algorithm: { ...plan.algorithm, entry: lonely.algorithm } }),
    run(
      {},
      { topology: { use: 'erdos-renyi', probability: '0%', connected: false, allowDisconnected: true } },
    ),
  ]);
  for (const [i, params] of lastParams(deaf).entries()) assertNear(params, lastParams(alone)[i]!, 1e-6);
});
