/** FedRep on ŷ = b·w·x, body b and head w: rounds by hand, and what they cost. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { givenTargets } from '../../test/support/given-rows.js';
import { record } from '../../test/support/recording.js';
import { lastParams, paramsByRound, paramsProbe } from '../testing/params-probe.js';
import { type PlanSketch, planOf } from '../testing/plans.js';
import { runToEnd } from '../testing/run.js';
import { fedrep } from './fedrep.js';

interface State {
  own: { values: Float32Array };
}

/** Client 0 has one row with target 1, client 1 two with target 2; b starts at 1, w at 0. */
async function byHand(options: object, rounds: number) {
  let server: State | undefined;
  const { algorithm } = record(fedrep, {
    init(state, id) {
      if (id !== 2) return;
      server = state as State;
      server.own.values = Float32Array.of(1);
    },
  });
  const plan = planOf({
    nodes: 2,
    data: givenTargets(
      [
        [1, 1],
        [1, 2],
        [1, 2],
      ],
      [[0], [1, 2]],
    ),
    model: { use: 'linear-representation', rank: 1 },
    algorithm: { use: algorithm, headEpochs: 1, bodyEpochs: 1, batch: 2, learningRate: 0.5, ...options },
    measure: { at: 'adapted', probes: [{ use: paramsProbe }] },
    stop: { after: `${rounds} rounds` },
  });
  const finished = await runToEnd(plan);
  return { finished, body: [...server!.own.values] };
}

test('by hand: heads first, bodies at the new heads, their mean by samples', async () => {
  const { finished, body } = await byHand({}, 1);
  // w ← 0 − ½(0 − y), b ← 1 − ½(w − y)·w.
  assert.deepEqual(lastParams(finished), [
    [1.125, 0.5],
    [1.5, 1],
  ]);
  assert.deepEqual(body, [(1.125 + 2 * 1.5) / 3]);
});

test('by hand: the second round begins with the mean body and the client’s own head', async () => {
  const { finished } = await byHand({}, 2);
  const second = (y: number, w: number) => {
    const b = 1.375;
    const head = w - 0.5 * (b * w - y) * b;
    return [b - 0.5 * (b * head - y) * head, head];
  };
  const expected = [...second(1, 0.5), ...second(2, 1)];
  for (const [k, value] of lastParams(finished).flat().entries()) {
    assert.ok(Math.abs(value - expected[k]!) < 1e-6, `${value} is not ${expected[k]}`);
  }
});

test('each phase starts with a new optimiser: the first step of Adam is as long as the learning rate', async () => {
  const { finished } = await byHand({ optimizer: 'adam', learningRate: 0.125 }, 3);
  const rounds = [...paramsByRound(finished).entries()].filter(([round]) => round > 0);
  assert.equal(rounds.length, 3);
  for (const [round, nodes] of rounds) {
    for (const [b, w] of nodes) {
      assert.ok(Math.abs(b! - (1 + 0.125 * round)) < 1e-5, `b = ${b} after round ${round}`);
      assert.ok(Math.abs(w! - 0.125 * round) < 1e-5, `w = ${w} after round ${round}`);
    }
  }
});

test('a round costs 4·d_φ down and up for each client that takes part, and 4 for its count', async () => {
  const [rounds, takingPart, body] = [3, 2, 6 * 5 + 5];
  const sketch: PlanSketch = {
    nodes: 5,
    data: { use: 'blobs', features: 6, classes: 3, train: 100, test: 30 },
    model: { use: 'mlp', hidden: [5] },
    algorithm: { use: 'fedrep', headEpochs: 1, participation: 0.4 },
    stop: { after: `${rounds} rounds` },
  };
  const { parts, messages } = (await runToEnd(planOf(sketch))).result.traffic;
  assert.equal(messages.sent, rounds * 2 * takingPart);
  assert.equal(parts.values, rounds * 2 * takingPart * 4 * body);
  assert.equal(parts.header, rounds * takingPart * (32 + 32 + 4));
});
