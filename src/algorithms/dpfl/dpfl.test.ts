import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { givenQuadratics } from '../../../test/support/given-quadratics.js';
import { loadBackend } from '../../compute/backend.js';
import { taskContext } from '../../compute/run-group.js';
import type { Dataset } from '../../data/dataset.js';
import type { Shard } from '../../data/index.js';
import { lastParams, type PlanSketch, paramsProbe, planOf } from '../../testing/index.js';
import { runToEnd } from '../../testing/run.js';
import { dpfl } from './dpfl.js';
import { doubleGreedy, probability } from './greedy-task.js';

test('a candidate joins by its share of the gains, and always where neither step gains', () => {
  const cases: [a: number, b: number, expected: number][] = [
    [3, 1, 0.75],
    [1, -1, 1],
    [-1, 1, 0],
    [-1, -2, 1],
    [0, 0, 1],
    [Number.NaN, 1, 0],
    [Number.POSITIVE_INFINITY, 2, 1],
  ];
  for (const [a, b, expected] of cases) assert.equal(probability(a, b), expected, `${a} ${b}`);
});

/** One validation row (a, b) of the quadratic. */
const dataset: Dataset = {
  id: 'test',
  shape: [2],
  features: Float32Array.of(2, 1),
  scale: 1,
  labels: new Int32Array(1),
  classes: 0,
  train: 0,
  test: 1,
};
const model = { use: 'quadratic', options: { initBound: 0 }, input: [2], classes: 0 };

/** Algorithm 2 of the paper on numbers in float64, where a/2 (x − b)² is the loss; the paper's reward is (10 − loss)/10. */
function reference(
  values: readonly number[],
  samples: readonly number[],
  { order, draws, budget }: { order: readonly number[]; draws: readonly number[]; budget: number },
): number[] {
  const reward = (set: readonly number[]) => {
    const total = set.reduce((sum, k) => sum + samples[k]!, 0);
    const mean = set.reduce((sum, k) => sum + samples[k]! * values[k]!, 0) / total;
    return (10 - (mean - 1) ** 2) / 10;
  };
  let x = [0];
  let y = [0, ...order];
  for (const [t, c] of order.entries()) {
    if (x.length >= budget) break;
    const a = Math.max(0, reward([...x, c]) - reward(x));
    const b = Math.max(0, reward(y.filter((k) => k !== c)) - reward(y));
    if (draws[t]! < (b === 0 ? 1 : a / (a + b))) x = [...x, c];
    else y = y.filter((k) => k !== c);
  }
  return x.sort((p, q) => p - q);
}

test('double greedy chooses as the paper does, with the node itself, within the budget and among the candidates', async () => {
  const { tf } = await loadBackend('cpu');
  const context = taskContext(tf, { dataset });
  const value = fc.integer({ min: -20, max: 20 }).map((x) => x / 4);
  const cases = fc.integer({ min: 0, max: 5 }).chain((count) =>
    fc.record({
      values: fc.array(value, { minLength: count + 1, maxLength: count + 1 }),
      samples: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: count + 1, maxLength: count + 1 }),
      order: fc.shuffledSubarray(
        Array.from({ length: count }, (_, k) => k + 1),
        { minLength: count, maxLength: count },
      ),
      draws: fc.array(fc.integer({ min: 0, max: 98 }), { minLength: count, maxLength: count }),
      budget: fc.integer({ min: 1, max: 6 }),
    }),
  );
  fc.assert(
    fc.property(cases, ({ values, samples, order, draws: hundredths, budget }) => {
      // Between the quotients of small numbers, so that float32 decides as float64 does.
      const draws = hundredths.map((part) => (part + 0.51234567) / 100);
      const [output] = doubleGreedy.run(
        [
          {
            model,
            vectors: values.map((x) => Float32Array.of(x)),
            samples,
            order: Uint32Array.from(order),
            draws: Float64Array.from(draws),
            budget,
            rows: Uint32Array.of(0),
          },
        ],
        context,
      );
      const { chosen } = output!;
      assert.deepEqual(chosen, reference(values, samples, { order, draws, budget }));
      assert.ok(chosen.includes(0) && chosen.length <= Math.max(1, budget));
    }),
    { seed: 3, numRuns: 60 },
  );
});

test('a candidate whose params are not finite is none, and decides nothing about others', async () => {
  const { tf } = await loadBackend('cpu');
  const context = taskContext(tf, { dataset });
  const choice = (values: readonly number[], order: readonly number[]) =>
    doubleGreedy.run(
      [
        {
          model,
          vectors: values.map((x) => Float32Array.of(x)),
          samples: values.map(() => 1),
          order: Uint32Array.from(order),
          draws: Float64Array.from(order, () => 0.5),
          budget: 3,
          rows: Uint32Array.of(0),
        },
      ],
      context,
    )[0]!.chosen;
  assert.deepEqual(choice([-1, 3, 90], [1, 2]), [0, 1]);
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY])
    for (const order of [
      [3, 1, 2],
      [1, 2, 3],
    ])
      assert.deepEqual(choice([-1, 3, 90, bad], order), [0, 1]);
});

const TARGETS = [10, 11, 12, -10, -11, -12];

/** How often a node has its row. */
const samplesOf = (node: number) => 1 + (node % 3);

/** The validation rows of a node are copies of its training rows. */
function quadratics() {
  const rows = TARGETS.flatMap((b, i) => Array.from({ length: samplesOf(i) }, () => [1, b]));
  const own = TARGETS.map((b) => rows.flatMap(([, target], row) => (target === b ? [row] : [])));
  const { use, split } = givenQuadratics([...rows, ...rows], own);
  const entry = {
    ...split.use,
    split: (...given: Parameters<typeof split.use.split>) =>
      (split.use.split(...given) as Shard[]).map((shard) => ({
        ...shard,
        validation: shard.train.map((row) => row + rows.length),
      })),
  };
  return { use, split: { use: entry } };
}

type Own = ReturnType<typeof dpfl.init>['own'];

async function run(options: object = {}, changes: Partial<PlanSketch> = {}) {
  const states: Own[] = [];
  const entry: typeof dpfl = {
    ...dpfl,
    evaluate(state, context) {
      states[context.id] = state.own;
      return dpfl.evaluate(state, context);
    },
  };
  const plan = planOf({
    nodes: TARGETS.length,
    data: quadratics(),
    model: 'quadratic',
    topology: 'complete',
    algorithm: {
      use: entry,
      localSteps: 5,
      batch: 1,
      learningRate: 0.3,
      budget: 3,
      warmUpRounds: 0,
      ...options,
    },
    measure: { at: 'mixed', probes: [{ use: paramsProbe }] },
    stop: { after: '5 rounds' },
    ...changes,
  });
  return { finished: await runToEnd(plan), states };
}

test('nodes average with those of their group alone, and within the budget', async () => {
  const { finished, states } = await run();
  for (const [id, { chosen }] of states.entries()) {
    assert.ok(chosen.length <= 2 && !chosen.includes(id));
    for (const other of chosen) assert.equal(TARGETS[other]! > 0, TARGETS[id]! > 0, `${id} ${other}`);
  }
  for (const [id, [x]] of lastParams(finished).entries())
    assert.ok(Math.abs(x! - TARGETS[id]!) < 2, `${id}: ${x}`);
});

test('what a node sends goes to those who chose it, and both ends know', async () => {
  const { finished, states } = await run({ searchEvery: 3 }, { stop: { after: '3 rounds' } });
  for (const [id, { followers }] of states.entries()) {
    const choosers = states.flatMap(({ chosen }, other) => (chosen.includes(id) ? [other] : []));
    assert.deepEqual(followers, choosers);
  }
  const links = states.reduce((sum, { chosen }) => sum + chosen.length, 0);
  const all = TARGETS.length * (TARGETS.length - 1);
  const model = 32 + 4 + 4;
  assert.equal(finished.result.traffic.bytes.sent, all * (model + 32 + 4) + 2 * links * model);
});

test('a round without a search averages the chosen by samples', async () => {
  const [before, after] = await Promise.all(
    [1, 2].map((rounds) => run({ searchEvery: 5 }, { stop: { after: `${rounds} rounds` } })),
  );
  const start = lastParams(before!.finished).map(([x]) => x!);
  const trained = start.map((x, i) => TARGETS[i]! + 0.7 ** 5 * (x - TARGETS[i]!));
  for (const [id, [x]] of lastParams(after!.finished).entries()) {
    const members = [id, ...after!.states[id]!.chosen];
    const total = members.reduce((sum, k) => sum + samplesOf(k), 0);
    const mean = members.reduce((sum, k) => sum + samplesOf(k) * trained[k]!, 0) / total;
    assert.ok(Math.abs(x! - mean) < 1e-4, `${id}: ${x}, expected ${mean}`);
  }
});

test('before the first choice nodes train alone and send nothing', async () => {
  const [alone, after] = await Promise.all(
    [2, 3].map((rounds) => run({ warmUpRounds: 2, searchEvery: 5 }, { stop: { after: `${rounds} rounds` } })),
  );
  assert.equal(alone!.finished.result.traffic.messages.sent, 0);
  for (const [id, [x]] of lastParams(alone!.finished).entries())
    assert.ok(Math.abs(x! - TARGETS[id]! * (1 - 0.7 ** 10)) < 1e-4, `${id}: ${x}`);
  assert.equal(after!.finished.result.traffic.messages.sent, 2 * TARGETS.length * (TARGETS.length - 1));
  assert.ok(after!.states.every(({ candidates }) => candidates.length <= 2));
});

test('a budget of one is training alone', async () => {
  const { finished } = await run({ budget: 1 });
  for (const [id, [x]] of lastParams(finished).entries())
    assert.ok(Math.abs(x! - TARGETS[id]! * (1 - 0.7 ** 25)) < 1e-4, `${id}: ${x}`);
});
