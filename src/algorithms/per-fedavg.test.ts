import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { assertNear, runOnQuadratics } from '../../test/support/quadratic-runs.js';
import type { Probe } from '../metrics/index.js';
import { lastParams } from '../testing/index.js';

/** (a, b) of three clients. */
const ROWS = [
  [1, 4],
  [0.5, -2],
  [2, 1],
];

/** x after rounds of Algorithm 1 in float64; the Hessian of a quadratic is a. */
function reference(variant: string, { steps, rounds }: { steps: number; rounds: number }): number {
  const [alpha, beta] = [0.2, 0.1];
  let x = 0;
  for (let round = 0; round < rounds; round++) {
    const ends = ROWS.map(([a, b]) => {
      let w = x;
      for (let step = 0; step < steps; step++) {
        const ahead = w - alpha * a! * (w - b!);
        const gradient = a! * (ahead - b!);
        w -= beta * (variant === 'first-order' ? gradient : (1 - alpha * a!) * gradient);
      }
      return w;
    });
    x = ends.reduce((sum, end) => sum + end, 0) / ends.length;
  }
  return x;
}

const algorithm = { use: 'per-fedavg', localSteps: 3, learningRate: 0.1, innerLearningRate: 0.2 };

for (const variant of ['first-order', 'hessian-free']) {
  test(`rounds are those of the paper: ${variant}`, async () => {
    const stop = { after: '4 rounds' };
    const run = await runOnQuadratics({ rows: ROWS, algorithm: { ...algorithm, variant }, stop });
    const x = reference(variant, { steps: 3, rounds: 4 });
    assertNear(lastParams(run), [[x], [x], [x]]);
  });
}

/** The loss of each label on the training rows. */
const trainLoss: Probe<Record<string, never>> = {
  id: 'train-loss',
  description: 'loss on training rows',
  options: z.strictObject({}),
  requests: ({ nodes }) =>
    nodes.flatMap(({ id, evaluated, shard }) =>
      Object.entries(evaluated).map(([label, one]) => ({
        node: id,
        label,
        set: 'train',
        evaluated: one,
        rows: shard.train,
      })),
    ),
  measure: (_view, results) =>
    results.map(({ node, label, loss }) => ({ metric: `loss ${label}`, node, value: loss })),
};

test('each client adapts the model before it is measured, which changes nothing in the run', async () => {
  const run = (adaptationSteps: number) =>
    runOnQuadratics({
      rows: ROWS,
      algorithm: { ...algorithm, variant: 'first-order', adaptationSteps },
      measure: { at: ['adapted', 'mixed'], probes: [{ use: trainLoss }] },
      stop: { after: '4 rounds' },
    });
  const x = reference('first-order', { steps: 3, rounds: 4 });
  const fingerprints = new Set<string>();
  for (const steps of [0, 1, 3]) {
    const { samples, result } = await run(steps);
    fingerprints.add(`${result.fingerprints.trace} ${result.fingerprints.params}`);
    for (const [node, [a, b]] of ROWS.entries()) {
      const lossAt = (at: number) => (a! / 2) * (at - b!) ** 2;
      let adapted = x;
      for (let step = 0; step < steps; step++) adapted -= 0.2 * a! * (adapted - b!);
      for (const [label, wanted] of [
        ['adapted', lossAt(adapted)],
        ['mixed', lossAt(x)],
      ] as const) {
        const found = samples.filter((one) => one.metric === `loss ${label}` && one.node === node).at(-1)!;
        assert.ok(
          Math.abs(found.value - wanted) < 1e-4,
          `${steps} ${node} ${label}: ${found.value}, ${wanted}`,
        );
      }
    }
  }
  assert.equal(fingerprints.size, 1);
});

test('a round costs 4·d down and 4·d + 4 up for each client, and 2 or 4 gradients a step', async () => {
  for (const [variant, gradients] of [
    ['first-order', 2],
    ['hessian-free', 4],
  ] as const) {
    const run = await runOnQuadratics({ rows: ROWS, algorithm: { ...algorithm, variant } });
    assert.equal(run.result.traffic.bytes.sent, 3 * 3 * (32 + 4 + (32 + 4 + 4)));
    assert.equal(run.result.work.samples, 3 * 3 * 3 * gradients);
  }
});
