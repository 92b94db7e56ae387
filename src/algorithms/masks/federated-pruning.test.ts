import assert from 'node:assert/strict';
import { test } from 'node:test';
import { givenTargets } from '../../../test/support/given-rows.js';
import { assertNear } from '../../../test/support/quadratic-runs.js';
import { buildModel } from '../../models/index.js';
import { lastParams, type PlanSketch, paramsProbe, planOf } from '../../testing/index.js';
import { runToEnd } from '../../testing/run.js';
import { federatedPruning } from './federated-pruning.js';
import { groupNorms, keptGroups, weightGroups } from './weight-groups.js';

/** B [2 × 2], row after row, and w. */
const START = [1, -0.5, 0.8, 0.4, 1, -1];
/** x_1, x_2 and y; the second client has two rows, which are alike. */
const ROWS = [
  [1, 2, 3],
  [-1, 1, 0.5],
  [-1, 1, 0.5],
];
const OWN = [[0], [1, 2]];

/** ŷ = wᵀBᵀx on the rows above, from the params above. */
function run(options: object, changes: Partial<PlanSketch> = {}) {
  const entry: typeof federatedPruning = {
    ...federatedPruning,
    init(node) {
      const state = federatedPruning.init(node);
      const start = Float32Array.from(START);
      if (state.role === 'server') Object.assign(state.own, { values: start, start, pruned: start });
      return state;
    },
  };
  const plan = planOf({
    nodes: OWN.length,
    data: givenTargets(ROWS, OWN),
    model: { use: 'linear-representation', rank: 2 },
    algorithm: { use: entry, localSteps: 2, batch: 1, learningRate: 0.05, rampRounds: 2, ...options },
    measure: { at: 'mixed', probes: [{ use: paramsProbe }] },
    stop: { after: '5 rounds' },
    ...changes,
  });
  return runToEnd(plan);
}

/** The same in float64, with columns or rows of B as groups: x ⊙ m after each round. */
function reference(
  {
    pattern,
    score,
    pruneEvery = 1,
  }: { pattern: 'columns' | 'rows'; score: 'magnitude' | 'update'; pruneEvery?: number },
  rounds: number,
): number[][] {
  const groupOf = (i: number) => (i > 3 ? -1 : pattern === 'columns' ? i % 2 : Math.floor(i / 2));
  let x = [...START];
  let kept = [1, 1];
  const masked = (values: readonly number[]) =>
    values.map((value, i) => (groupOf(i) < 0 || kept[groupOf(i)] === 1 ? value : 0));
  const states: number[][] = [];
  for (let round = 0; round < rounds; round++) {
    const ends = OWN.map((own) => {
      const [x1, x2, y] = ROWS[own[0]!]!;
      let p = masked(x);
      for (let step = 0; step < 2; step++) {
        const [a, b, c, d, v, w] = p as [number, number, number, number, number, number];
        const [h1, h2] = [a * x1! + c * x2!, b * x1! + d * x2!];
        const error = v * h1 + w * h2 - y!;
        const gradient = [v * x1!, w * x1!, v * x2!, w * x2!, h1, h2].map((factor) => error * factor);
        p = masked(p.map((value, i) => value - 0.05 * gradient[i]!));
      }
      return { p, n: own.length };
    });
    const mean = x.map((_, i) => ends.reduce((sum, { p, n }) => sum + n * p[i]!, 0) / ROWS.length);
    x = x.map((value, i) => (groupOf(i) < 0 || kept[groupOf(i)] === 1 ? mean[i]! : value));
    const share = 0.5 * Math.min(1, (round + 1) / 2);
    const norms = [0, 1].map((g) =>
      x.reduce((sum, value, i) => {
        const scored = score === 'magnitude' ? value : value - START[i]!;
        return groupOf(i) === g ? sum + scored ** 2 : sum;
      }, 0),
    );
    if ((round + 1) % pruneEvery === 0 && Math.floor(share * 2) === 1)
      kept = norms[0]! >= norms[1]! ? [1, 0] : [0, 1];
    states.push(masked(x));
  }
  return states;
}

for (const pattern of ['columns', 'rows'] as const)
  for (const score of ['magnitude', 'update'] as const)
    test(`rounds are those of the equations: ${pattern} by ${score}`, async () => {
      const finished = await run({ pattern, score });
      const x = reference({ pattern, score }, 5).at(-1)!;
      assertNear(lastParams(finished), [x, x]);
      assert.equal(x.filter((value) => value === 0).length, 2);
    });

test('groups are chosen every `pruneEvery` rounds alone', async () => {
  for (const rounds of [3, 4]) {
    const given = { pattern: 'columns', score: 'magnitude', pruneEvery: 4 } as const;
    const x = reference(given, rounds).at(-1)!;
    assertNear(lastParams(await run(given, { stop: { after: `${rounds} rounds` } })), [x, x]);
    assert.equal(x.filter((value) => value === 0).length, rounds === 4 ? 2 : 0);
  }
});

test('a client gets and sends what is kept alone, and one bit a group', async () => {
  const { result } = await run({});
  const message = (params: number) => 32 + 4 * params + 1;
  // Rounds 0 and 1 are whole; then one column of two params is left out.
  const bytes = [6, 6, 4, 4, 4].reduce((sum, params) => sum + 2 * message(params) + 4, 0);
  assert.equal(result.traffic.bytes.sent, OWN.length * bytes);
});

test('groups of a model are columns, halves of columns or rows of the kernels of its body', () => {
  const mlp = {
    use: 'mlp',
    options: { hidden: [2, 3], headLayers: 1, bias: true, kernelInit: 'uniform' },
    input: [4],
    classes: 2,
  };
  const model = buildModel(mlp);
  const kernel = (pattern: 'columns' | 'half-columns' | 'rows') => {
    const { groupOf, kernels, groups } = weightGroups(model, pattern);
    // 4 × 2, two biases, 2 × 3, three biases, and the head.
    assert.ok(groupOf.subarray(8, 10).every((group) => group === -1));
    assert.ok(groupOf.subarray(16).every((group) => group === -1));
    return { first: [...groupOf.subarray(0, 8)], second: [...groupOf.subarray(10, 16)], kernels, groups };
  };
  assert.deepEqual(kernel('columns'), {
    first: [0, 1, 0, 1, 0, 1, 0, 1],
    second: [2, 3, 4, 2, 3, 4],
    kernels: [
      { from: 0, count: 2 },
      { from: 2, count: 3 },
    ],
    groups: 5,
  });
  assert.deepEqual(kernel('half-columns').first, [0, 2, 0, 2, 1, 3, 1, 3]);
  assert.deepEqual(kernel('rows').first, [0, 0, 1, 1, 2, 2, 3, 3]);
  assert.deepEqual(kernel('rows').second, [4, 4, 4, 5, 5, 5]);
});

test('the groups of the least norms are pruned in each kernel, and of equal ones the first stay', () => {
  const layout = {
    groupOf: Int32Array.of(0, 1, 0, 1, 2, 3, 4, -1),
    groups: 5,
    kernels: [
      { from: 0, count: 2 },
      { from: 2, count: 3 },
    ],
  };
  const norms = groupNorms(Float32Array.of(3, 1, 4, -1, 2, -2, 2, 99), layout);
  assert.deepEqual([...norms], [5, Math.fround(Math.SQRT2), 2, 2, 2]);
  assert.deepEqual([...keptGroups(norms, layout, 0)], [1, 1, 1, 1, 1]);
  assert.deepEqual([...keptGroups(norms, layout, 0.5)], [1, 0, 1, 1, 0]);
  assert.deepEqual([...keptGroups(norms, layout, 0.7)], [1, 0, 1, 0, 0]);
});
