/** Transference on runs that can be followed by hand: two nodes with one shared number each. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { type Departures, record } from '../../../test/support/recording.js';
import type { DataSource, Split } from '../../data/index.js';
import { sharedFloats, sharedLabels } from '../../data/source.js';
import type { AnyAlgorithm } from '../../learning/algorithm.js';
import { lastParams, paramsByRound, paramsProbe } from '../../testing/params-probe.js';
import { type PlanSketch, planOf } from '../../testing/plans.js';
import { CHECKED, runToEnd } from '../../testing/run.js';
import { transference } from './transference.js';

type Hand = Departures<ReturnType<typeof transference.init>>;

/** Row 0 is the training row of all nodes and moves nothing (0 → 0); row 1 is public: x = 1, y = 1. */
const oneNumber = (() => {
  const source: DataSource = {
    id: 'one-number',
    description: 'a row without effect, and a public one',
    options: z.strictObject({}),
    async load() {
      const features = sharedFloats(2);
      features[1] = 1;
      const targets = sharedFloats(2);
      targets[1] = 1;
      const labels = sharedLabels(2);
      return {
        id: 'one-number',
        shape: [1],
        features,
        scale: 1,
        labels,
        targets,
        classes: 0,
        train: 1,
        test: 0,
        publicRows: 1,
      };
    },
  };
  const none = new Uint32Array(0);
  const split: Split = {
    id: 'all-alike',
    description: 'row 0 for everybody',
    options: z.strictObject({}),
    split: (_options, { nodes }) =>
      Array.from({ length: nodes }, () => ({ train: Uint32Array.of(0), validation: none, test: none })),
  };
  return { use: source, split: { use: split } };
})();

/** ŷ = w·B·x with shared B and personal w: L = (w·B − 1)²/2, g = w·(w·B − 1). */
const tiny = (entry: AnyAlgorithm, options: object, nodes = 2): PlanSketch => ({
  nodes,
  data: oneNumber,
  model: { use: 'linear-representation', rank: 1 },
  topology: 'complete',
  algorithm: {
    use: entry,
    optimizer: 'sgd',
    batch: 1,
    epochBatches: 1,
    window: 1,
    sharedSteps: 1,
    ...options,
  },
  measure: { probes: [{ use: paramsProbe }] },
  stop: { after: '1 round' },
});

/** B = 1/2 and 3/4, with these heads. */
const starting =
  (...heads: number[]): NonNullable<Hand['init']> =>
  ({ own }, id) => {
    own.params = Float32Array.of([0.5, 0.75][id]!, heads[id]!);
  };

test('two nodes, by hand: opposed gradients separate them, and agreeing ones make both the mean', async () => {
  for (const [head, gradient, loss, bodies] of [
    // w₁B₁ − 1 = −1.75: Z = (2, −0.57; −7, 2).
    [-1, 1.75, 1.53125, [0.5, 0.75]],
    // w₁B₁ − 1 = −0.25: Z = (2, 4; 1, 2).
    [1, -0.25, 0.03125, [0.625, 0.625]],
  ] as const) {
    const { algorithm, sent } = record(transference, { init: starting(1, head) });
    const finished = await runToEnd(planOf(tiny(algorithm, {})));
    const transfers = sent
      .filter(({ type }) => type === 'transfer')
      .sort((a, b) => a.from - b.from)
      .map(({ body }) => body);
    assert.deepEqual(transfers, [
      { gradient: { values: Float32Array.of(-0.5) }, loss: { values: Float32Array.of(0.125) } },
      { gradient: { values: Float32Array.of(gradient) }, loss: { values: Float32Array.of(loss) } },
    ]);
    assert.deepEqual(
      lastParams(finished).map(([b]) => b),
      bodies,
    );
    assert.equal(
      sent.some(({ type, to }) => type === 'shared-1' && to.length > 0),
      head === 1,
    );
  }
});

test('two nodes, by hand: a trial step applies the other’s gradient to a node’s own shared network', async () => {
  const { algorithm, sent } = record(transference, { init: starting(1, -1) });
  const finished = await runToEnd(planOf(tiny(algorithm, { form: 'exact', lookahead: 0.5 })));
  const columns = sent
    .filter(({ type }) => type === 'column')
    .sort((a, b) => a.from - b.from)
    .map(({ body }) => body as { values: Float32Array });
  // Node 0 at B = 1/2 tries 3/4 and −3/8: losses 1/8 → 1/32 and 121/128. Node 1 at 3/4 tries 1 and −1/8: 49/32 → 2 and 49/128.
  assert.deepEqual(
    columns.map(({ values }) => [...values]),
    [
      [0.75, 1 - 121 / 16],
      [Math.fround(1 - 64 / 49), 0.75],
    ],
  );
  assert.deepEqual(
    lastParams(finished).map(([b]) => b),
    [0.5, 0.75],
  );
});

test('nodes with the same objective and data become equal with any W', async () => {
  const nodes = 3;
  for (const form of ['first-order', 'exact']) {
    const { algorithm, sent } = record(transference, {
      init({ own }) {
        own.params = Float32Array.of(0.5, 1);
        own.window.mixing = own.window.mixing.map((row, i) => row.map((_, j) => (i === j ? 1 : 0)));
      },
    });
    const { topology } = await runToEnd(planOf(tiny(algorithm, { form }, nodes)));
    assert.deepEqual(
      topology.filter(({ time }) => time > 0).map(({ weight }) => weight),
      new Array(nodes * (nodes - 1)).fill(1 / nodes),
    );
    const averages = sent.filter(({ type }) => type === 'shared-1');
    assert.deepEqual(
      averages.map(({ to }) => to.length),
      new Array(nodes).fill(nodes - 1),
    );
  }
});

test('W is sought until stopAt, or until it is a clustering that is kept', async () => {
  for (const [options, evaluations] of [
    [{}, 5],
    [{ stopAt: 2 }, 2],
    [{ stopAt: 3, window: 2 }, 2],
    [{ freezeOnConsensus: true }, 1],
  ] as const) {
    for (const exchange of ['all-to-all', 'coordinator']) {
      const { algorithm, sent } = record(transference, { init: starting(1, -1) });
      const sketch = { ...tiny(algorithm, { ...options, exchange }), stop: { after: '5 rounds' } };
      await runToEnd(planOf(sketch));
      const transfers = sent.filter(({ type }) => type === 'transfer');
      assert.equal(transfers.length, evaluations * (exchange === 'coordinator' ? 1 : 2));
    }
  }
});

test('the weight of a shared network that is lost or late goes to the node’s own', async () => {
  const options = { graph: 'complete', deadline: '100ms' };
  const bodiesAfter = async (lose: NonNullable<Hand['lose']>) => {
    const { algorithm } = record(transference, { init: starting(1, 1), lose });
    const finished = await runToEnd(planOf({ ...tiny(algorithm, options), stop: { after: '2 rounds' } }));
    const bodies = [1, 2].map((round) =>
      paramsByRound(finished)
        .get(round)!
        .map(([b]) => b),
    );
    return { bodies, ignored: finished.result.traffic.messages.ignored };
  };
  // Node 0 misses one message, hears of the next one, and is in time again.
  assert.deepEqual(await bodiesAfter(({ from, round }) => from === 1 && round === 0), {
    bodies: [
      [0.5, 0.625],
      [0.5625, 0.5625],
    ],
    ignored: 0,
  });
  // Node 0 hears nothing and waits out each deadline, so that its second message comes too late for node 1.
  assert.deepEqual(await bodiesAfter(({ from }) => from === 1), {
    bodies: [
      [0.5, 0.625],
      [0.5, 0.625],
    ],
    ignored: 1,
  });
});

test('a node that lacks a gradient keeps its W while the other changes its own, and both continue', async () => {
  const { algorithm, sent } = record(transference, {
    init: starting(1, -1),
    lose: ({ from, type }) => from === 1 && type === 'transfer',
  });
  const sketch = { ...tiny(algorithm, { deadline: '100ms' }), stop: { after: '3 rounds' } };
  const { result, topology, samples } = await runToEnd(planOf(sketch));
  assert.equal(result.stopped, 'rounds');
  const changes = topology
    .filter(({ time }) => time > 0)
    .map(({ from, to, weight }) => ({ from, to, weight }));
  assert.deepEqual(changes, [{ from: 0, to: 1, weight: undefined }]);
  const averages = sent.filter(({ type }) => type === 'shared-1');
  assert.ok(averages.every(({ from, to }) => to.length === (from === 0 ? 1 : 0)));
  assert.deepEqual(
    lastParams({ samples }).map(([b]) => b),
    [0.5, 0.75],
  );
});

test('a node without its row from the coordinator keeps the old one, and no node waits for ever', async () => {
  const { algorithm } = record(transference, {
    init: starting(1, -1),
    lose: ({ type }) => type === 'row',
  });
  const options = { exchange: 'coordinator', deadline: '100ms' };
  const { result, topology } = await runToEnd(
    planOf({ ...tiny(algorithm, options), stop: { after: '3 rounds' } }),
  );
  assert.equal(result.stopped, 'rounds');
  const changes = topology
    .filter(({ time }) => time > 0)
    .map(({ from, to, weight }) => ({ from, to, weight }));
  assert.deepEqual(changes, [{ from: 1, to: 0, weight: undefined }]);
});

test('with trial steps all nodes skip an evaluation in which one of them lacks a gradient', async () => {
  const { algorithm } = record(transference, {
    init({ own }) {
      own.params = Float32Array.of(0.5, 1);
      own.window.mixing = own.window.mixing.map((row, i) => row.map((_, j) => (i === j ? 1 : 0)));
    },
    lose: ({ from, to, type }) => type === 'transfer' && from === 1 && to === 0,
  });
  const { topology } = await runToEnd(planOf(tiny(algorithm, { form: 'exact', deadline: '100ms' }, 3)));
  assert.deepEqual(
    topology.filter(({ time }) => time > 0),
    [],
  );
});

test('a worker gives the same fingerprints as none', async () => {
  const plan = planOf(tiny(transference, { form: 'exact' }));
  const [none, one] = [await runToEnd(plan), await runToEnd(plan, { ...CHECKED, workers: 1 })];
  assert.deepEqual(one.result.fingerprints, none.result.fingerprints);
});
