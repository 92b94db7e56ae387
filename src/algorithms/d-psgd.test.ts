import assert from 'node:assert/strict';
import { test } from 'node:test';
import { givenQuadratics } from '../../test/support/given-quadratics.js';
import { record } from '../../test/support/recording.js';
import { Random } from '../random.js';
import { lastParams, type PlanSketch, paramsProbe, planOf } from '../testing/index.js';
import { paramsByRound } from '../testing/params-probe.js';
import { type FinishedRun, runToEnd } from '../testing/run.js';
import type { VectorBody } from '../wire/codec.js';
import { float16 } from '../wire/float16.js';
import { dPsgd } from './d-psgd.js';

/** Nodes that start at 0 and go half of the way to their own target in a step, on a complete graph. */
function sketchOf(targets: readonly (readonly number[])[], rounds: number, options: object): PlanSketch {
  return {
    nodes: targets.length,
    data: givenQuadratics(targets.map((target) => [1, ...target])),
    model: 'quadratic',
    topology: 'complete',
    algorithm: { use: 'd-psgd', localSteps: 1, batch: 1, learningRate: 0.5, ...options },
    measure: { probes: [{ use: paramsProbe }, 'series'] },
    stop: { after: `${rounds} rounds` },
  };
}

async function run(...given: Parameters<typeof sketchOf>): Promise<FinishedRun> {
  return runToEnd(planOf(sketchOf(...given)));
}

test('adapt-then-combine takes the local steps first, and then averages the results', async () => {
  // Steps: 2 and 4, mean 3; then 3.5 and 5.5, mean 4.5.
  assert.deepEqual(lastParams(await run([[4], [8]], 1, {})), [[3], [3]]);
  assert.deepEqual(lastParams(await run([[4], [8]], 2, {})), [[4.5], [4.5]]);
});

test('combine-then-adapt averages the params before the local steps, and adds the node’s own change', async () => {
  const options = { order: 'combine-then-adapt' };
  // Steps of 2 and 4 on a mean of 0; then the mean is 3, and the steps from 2 and 4 are 1 and 2.
  assert.deepEqual(lastParams(await run([[4], [8]], 1, options)), [[2], [4]]);
  assert.deepEqual(lastParams(await run([[4], [8]], 2, options)), [[4], [5]]);
});

test('several local steps are taken before averaging', async () => {
  // 0 → 2 → 3 and 0 → 4 → 6.
  assert.deepEqual(lastParams(await run([[4], [8]], 1, { localSteps: 2 })), [[4.5], [4.5]]);
});

test('a node keeps its momentum from round to round', async () => {
  // v = −4 and −8: steps 2 and 4, mean 3. Then v = −2 − 1 = −3 and −4 − 5 = −9: 4.5 and 7.5.
  assert.deepEqual(lastParams(await run([[4], [8]], 2, { optimizer: { use: 'sgd', momentum: 0.5 } })), [
    [6],
    [6],
  ]);
});

test('a sparse codec sends the coordinates that have changed most since they were sent; for the others receivers use their own', async () => {
  const options = { codec: { use: 'top-k', fraction: '50%', indices: 'u32' } };
  const targets = [
    [4, 1],
    [2, 8],
  ];
  // Steps (2, ½) and (1, 4): the first node shows 2, the second 4.
  const first = await run(targets, 1, options);
  assert.deepEqual(lastParams(first), [
    [2, 2.25],
    [1.5, 4],
  ]);
  // Steps (3, 1.625) and (1.75, 6); changes since shown (1, 1.625) and (1.75, 2): both show their second coordinate.
  const second = await run(targets, 2, options);
  assert.deepEqual(lastParams(second), [
    [3, 3.8125],
    [1.75, 3.8125],
  ]);
  assert.equal(second.result.traffic.bytes.sent, 2 * 2 * (32 + 8));
  assert.equal(second.result.traffic.parts.index, 2 * 2 * 4);
});

test('float16 halves the values', async () => {
  const { result } = await run(
    [
      [4, 4, 4],
      [8, 8, 8],
    ],
    3,
    { codec: 'float16' },
  );
  assert.equal(result.traffic.bytes.sent, 3 * 2 * (32 + 2 * 3));
});

test('the series of a node is its training loss before the steps of the round', async () => {
  const { samples } = await run([[4], [8]], 1, {});
  const losses = samples.filter(
    ({ metric, time, node }) => metric === 'train-loss' && time > 0 && node !== undefined,
  );
  // ½ · 4² and ½ · 8².
  assert.deepEqual(
    losses.map(({ value }) => value),
    [8, 32],
  );
});

test('with error feedback the rounding of float16 does not add up over the rounds', async () => {
  const rounds = 30;
  const drift = async (errorFeedback: boolean) => {
    const heard = record(dPsgd);
    const options = { order: 'combine-then-adapt', codec: 'float16', errorFeedback };
    const plan = planOf(sketchOf([[1 / 3], [1]], rounds, options));
    const finished = await runToEnd({ ...plan, algorithm: { ...plan.algorithm, entry: heard.algorithm } });
    const meant = [...paramsByRound(finished)].filter(([round]) => round < rounds);
    const codec = float16(1);
    const random = new Random('unused');
    const got = heard.sent
      .filter(({ from }) => from === 0)
      .map(({ body }) => codec.decode(codec.encode(body as VectorBody, random).bytes, 0).values[0]!);
    assert.equal(got.length, rounds);
    return Math.abs(sum(got) - sum(meant.map(([, nodes]) => nodes[0]![0]!)));
  };
  // A number near 2/3 is rounded by up to 2⁻¹², always in the same direction once it stands still.
  assert.ok((await drift(true)) <= 2 ** -12);
  assert.ok((await drift(false)) > 4 * 2 ** -12);
});

test('error feedback with a sparse codec is refused', async () => {
  const codec = { use: 'top-k', fraction: '10%' };
  await assert.rejects(run([[1], [2]], 1, { codec, errorFeedback: true }), /expected a dense codec/);
});

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
