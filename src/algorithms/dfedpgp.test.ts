import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { givenTargets } from '../../test/support/given-rows.js';
import { assertNear } from '../../test/support/quadratic-runs.js';
import { lastParams, type PlanSketch, paramsProbe, planOf } from '../testing/index.js';
import { runToEnd } from '../testing/run.js';
import { directedGraph, type Edge } from '../topology/edges.js';
import { dfedpgp } from './dfedpgp.js';

/** Node 0 sends to both others, node 1 to node 2, node 2 to node 0. */
const LINKS: readonly Edge[] = [
  [0, 1],
  [0, 2],
  [1, 2],
  [2, 0],
];
const directed = {
  id: 'given-links',
  description: 'given links',
  options: z.strictObject({}),
  build: () => directedGraph(3, LINKS),
};
const TARGETS = [1, 2, 4];
/** (b, w) of each node at the start. */
const START = [
  [1, 0.5],
  [2, 0],
  [-1, 1],
];

type Own = ReturnType<typeof dfedpgp.init>['own'];

/** ŷ = b·w on targets y: what the run ends with, and the states of its nodes. */
async function run(options: object, changes: Partial<PlanSketch> = {}) {
  const states: Own[] = [];
  const entry: typeof dfedpgp = {
    ...dfedpgp,
    init(node) {
      const state = dfedpgp.init(node);
      state.own.params = Float32Array.from(START[node.id]!);
      state.own.biased = state.own.params.slice(0, 1);
      return state;
    },
    evaluate(state, context) {
      states[context.id] = state.own;
      return dfedpgp.evaluate(state, context);
    },
  };
  const plan = planOf({
    nodes: 3,
    data: givenTargets(TARGETS.map((target) => [1, target] as const)),
    model: { use: 'linear-representation', rank: 1 },
    topology: { use: directed },
    algorithm: { use: entry, batch: 1, headEpochs: 1, bodyEpochs: 2, learningRate: 0.1, ...options },
    measure: { at: 'mixed', probes: [{ use: paramsProbe }] },
    stop: { after: '4 rounds' },
    ...changes,
  });
  const finished = await runToEnd(plan);
  return { finished, states };
}

/** Algorithm 1 in float64. */
function reference(rounds: number): number[][] {
  let nodes = START.map(([b, w]) => ({ u: b!, v: w!, mu: 1 }));
  const outDegree = [2, 1, 1];
  for (let round = 0; round < rounds; round++) {
    for (const [i, node] of nodes.entries()) {
      const y = TARGETS[i]!;
      const at = node.u / node.mu;
      node.v -= 0.1 * (at * node.v - y) * at;
      for (let step = 0; step < 2; step++) node.u -= 0.1 * ((node.u / node.mu) * node.v - y) * node.v;
    }
    nodes = nodes.map(({ v }, i) => {
      const senders = [i, ...LINKS.filter(([, to]) => to === i).map(([from]) => from)];
      const sum = (value: (k: number) => number) =>
        senders.reduce((total, from) => total + value(from) / (outDegree[from]! + 1), 0);
      return { v, u: sum((k) => nodes[k]!.u), mu: sum((k) => nodes[k]!.mu) };
    });
  }
  return nodes.map(({ u, v, mu }) => [u / mu, v]);
}

for (const rounds of [1, 4]) {
  test(`${rounds} rounds over directed links are those of the paper`, async () => {
    const { finished } = await run({}, { stop: { after: `${rounds} rounds` } });
    assertNear(lastParams(finished), reference(rounds));
  });
}

test('without learning the sums of bodies and weights stay, and bodies come to their mean though degrees differ', async () => {
  const { finished, states } = await run({ learningRate: 1e-30 }, { stop: { after: '80 rounds' } });
  const mean = (1 + 2 - 1) / 3;
  assertNear(
    lastParams(finished),
    START.map(([, w]) => [mean, w!]),
  );
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  assert.ok(Math.abs(sum(states.map(({ weight }) => weight)) - 3) < 1e-12);
  assert.ok(Math.abs(sum(states.map(({ biased }) => biased[0]!)) - 2) < 1e-5);
  assert.ok(states.some(({ weight }) => Math.abs(weight - 1) > 0.1));
});

test('with doubly stochastic weights the push-sum weight stays 1', async () => {
  const { states } = await run({ mixing: 'metropolis-hastings' }, { topology: 'complete' });
  for (const { weight } of states) assert.ok(Math.abs(weight - 1) < 1e-12, `${weight}`);
});

test('a rule whose columns do not sum to 1 is refused', () => {
  const refused = () =>
    planOf({ topology: { use: directed }, nodes: 3, algorithm: { use: 'dfedpgp', mixing: 'uniform' } });
  assert.throws(refused, /columns sum to 1/);
});

test('a round costs 4·d_φ + 8 on each link', async () => {
  const { finished } = await run({});
  assert.equal(finished.result.traffic.bytes.sent, 4 * LINKS.length * (32 + 4 + 8));
});

test('a network that loses messages for good is refused; with reliable messages the sum of the weights stays', async () => {
  const network = {
    drop: '30%',
    latency: { use: 'constant', value: '1ms' },
    uplink: '1Mbps',
    downlink: '1Mbps',
  };
  const refusal = (pattern: RegExp) => ({ code: 'lost-mass', message: pattern });
  await assert.rejects(run({}, { network }), refusal(/algorithm\.reliable: true: push-sum/));
  const givingUp = { ...network, retry: { tries: 3 } };
  await assert.rejects(
    run({ reliable: true }, { network: givingUp }),
    refusal(/network\.retry without `tries`: /),
  );
  const faults = [{ use: 'node-down', node: 1, at: '1ms', for: '1ms' }];
  await assert.rejects(run({}, { faults }), refusal(/a scenario without faults: /));
  const { finished, states } = await run({ reliable: true }, { network });
  assert.ok(finished.result.traffic.messages.retried > 0);
  assert.ok(Math.abs(states.reduce((sum, { weight }) => sum + weight, 0) - 3) < 1e-12);
  assertNear(lastParams(finished), reference(4));
});
