import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNear, runOnQuadratics } from '../../test/support/quadratic-runs.js';
import type { NodeContext } from '../learning/algorithm.js';
import { lastParams } from '../testing/index.js';
import { ifca } from './ifca.js';

/** (a, b); the last client has its row twice. */
const ROWS = [
  [1, -5],
  [0.5, -7],
  [1.5, 6],
  [1, 8],
  [1, 8],
];
const OWN = [[0], [1], [2], [3, 4]];

/** The algorithm with models that start at these numbers. */
function startingAt(models: readonly (number | readonly number[])[]) {
  const init = (node: NodeContext<never>) => {
    const state = ifca.init(node);
    if (state.role === 'server') state.own.models = models.map((x) => Float32Array.from([x].flat()));
    return state;
  };
  return { ...ifca, init };
}

/** Algorithm 1 in float64: the models, and the choice of each client in the last round. */
function reference(start: readonly number[], { steps, rate, rounds }: Record<string, number>) {
  let models = [...start];
  let choices: number[] = [];
  for (let round = 0; round < rounds!; round++) {
    const ends = OWN.map((own) => {
      const [a, b] = ROWS[own[0]!]!;
      const losses = models.map((x) => (a! / 2) * (x - b!) ** 2);
      const choice = losses.indexOf(Math.min(...losses));
      let x = models[choice]!;
      for (let step = 0; step < steps!; step++) x -= rate! * a! * (x - b!);
      return { choice, x, n: own.length };
    });
    models = models.map((model, j) => {
      const members = ends.filter(({ choice }) => choice === j);
      const total = members.reduce((sum, { n }) => sum + n, 0);
      return total === 0 ? model : members.reduce((sum, { n, x }) => sum + n * x, 0) / total;
    });
    choices = ends.map(({ choice }) => choice);
  }
  return choices.map((choice) => [models[choice]!]);
}

for (const [name, start] of [
  ['two models that start apart', [-1, 2]],
  ['three models, of which nobody takes the third', [0.5, -0.5, 40]],
  ['models that start alike: all take the first', [3, 3]],
] as const) {
  test(`rounds are those of the paper: ${name}`, async () => {
    const algorithm = {
      use: startingAt(start),
      localSteps: 3,
      learningRate: 0.1,
      clusters: start.length,
    };
    const run = await runOnQuadratics({ rows: ROWS, own: OWN, algorithm, stop: { after: '4 rounds' } });
    assertNear(lastParams(run), reference(start, { steps: 3, rate: 0.1, rounds: 4 }));
  });
}

test('clients of two groups end in two clusters, each at the optimum of its group', async () => {
  const algorithm = { use: startingAt([-1, 1]), learningRate: 0.5 };
  const run = await runOnQuadratics({ rows: ROWS, own: OWN, algorithm, stop: { after: '60 rounds' } });
  // One step of each: the fixed point is Σ n a b / Σ n a.
  const left = (1 * -5 + 0.5 * -7) / 1.5;
  const right = (1.5 * 6 + 2 * 8) / 3.5;
  assertNear(lastParams(run), [[left], [left], [right], [right]]);
});

test('models with several params stay apart in a message, and each client gets its own', async () => {
  const rows = [
    [1, -5, 40],
    [1, -7, 20],
    [1, 6, -10],
    [1, 8, -30],
  ];
  const starts = [
    [-1, 1],
    [0, 0],
    [1, -1],
  ];
  const algorithm = { use: startingAt(starts), clusters: 3, learningRate: 0.5 };
  const run = await runOnQuadratics({ rows, algorithm, stop: { after: '60 rounds' } });
  assertNear(lastParams(run), [
    [-6, 30],
    [-6, 30],
    [7, -20],
    [7, -20],
  ]);
});

test('all models but the first are drawn, and differ', async () => {
  const drawn: number[][] = [];
  const init = (node: NodeContext<never>) => {
    const state = ifca.init(node);
    if (state.role === 'server') drawn.push(...state.own.models.map((model) => [...model]));
    return state;
  };
  await runOnQuadratics({
    rows: ROWS,
    own: OWN,
    model: { use: 'quadratic', initBound: 1 },
    algorithm: { use: { ...ifca, init }, clusters: 3 },
  });
  assert.equal(new Set(drawn.map(String)).size, 3);
});

test('a round costs 4·k·d down and 4·d + 8 up for each client', async () => {
  const algorithm = { use: 'ifca', clusters: 3 };
  const run = await runOnQuadratics({ rows: ROWS, own: OWN, algorithm, stop: { after: '2 rounds' } });
  assert.equal(run.result.traffic.bytes.sent, 2 * 4 * (32 + 4 * 3 + (32 + 4 + 8)));
});
