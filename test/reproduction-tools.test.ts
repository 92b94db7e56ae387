/** What the tables and the verdicts on claims are made with, on results that are made up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beyondChance, type Claim, spread, verdictOf, withinChance } from './reproduction/claim.js';
import { Curves } from './reproduction/curves.js';
import { accuracyAt, methodTable, paired } from './reproduction/table.js';

const SEEDS = [1, 2, 3];

/** Last accuracies by variant and seed, in percent, at one point or at both. */
function curvesOf(accuracies: Record<string, { plain: number[]; mixed?: number[]; at?: string }>): Curves {
  const points = Object.entries(accuracies).flatMap(([variant, { plain, mixed }]) =>
    SEEDS.flatMap((seed, s) =>
      [
        { metric: 'time', value: 2 },
        { metric: 'sent-bytes', value: 5e6 },
        { metric: 'accuracy-mean', value: plain[s]! / 100 },
        { metric: 'accuracy-worst', value: plain[s]! / 200 },
        ...(mixed ? [{ metric: 'accuracy:mixed-mean', value: mixed[s]! / 100 }] : []),
      ].map((point) => ({ variant, seed, round: 4, node: undefined, ...point })),
    ),
  );
  const runs = Object.entries(accuracies).flatMap(([variant, { at = 'adapted' }]) =>
    SEEDS.map((seed) => ({
      ...{ variant, seed: String(seed), measured_at: at, gradient_steps: '1000', passes: '2', flops: '3e9' },
      sent_bytes: '12000000',
    })),
  );
  return new Curves(points, [], runs);
}

const CURVES = curvesOf({
  'local-only': { plain: [80, 84, 88] },
  gossip: { plain: [83, 86, 92], mixed: [60, 62, 64] },
  server: { plain: [70, 72, 71], at: 'mixed' },
});

test('a mean of margins is given with its interval, the least and the most, in the unit of the margins', () => {
  assert.equal(spread([0.01, 0.02, 0.03]), '+2.0 ± 2.5 pp (+1.0 pp … +3.0 pp)');
  assert.equal(spread([-0.01, -0.01, -0.01]), '−1.0 ± 0.0 pp (−1.0 pp … −1.0 pp)');
  assert.equal(
    spread([3, 3, 3], (value) => `${value.toFixed(2)} of 3`),
    '3.00 ± 0.00 of 3 (3.00 of 3 … 3.00 of 3)',
  );
  assert.equal(spread([0.5]), '+50.0 pp');
});

test('a claim beyond chance needs its whole interval above the threshold, one within it the whole interval inside', () => {
  const margin = (margins: number[]) => (seed: number) => margins[seed - 1]!;
  assert.equal(beyondChance(CURVES, 0, margin([0.02, 0.03, 0.025])).holds, true);
  assert.equal(beyondChance(CURVES, 0, margin([0.001, 0.05, 0.02])).holds, false);
  assert.equal(withinChance(CURVES, [-0.01, 0.01], margin([0.001, 0.002, 0])).holds, true);
  assert.equal(withinChance(CURVES, [-0.01, 0.01], margin([0.001, 0.009, 0])).holds, false);
});

test('a claim with seeds of its own is decided by them, and refused where they were not run', () => {
  const claim = (seeds?: number[]): Claim => ({
    ...{ method: 'm', scenario: 's', says: '', expected: '' },
    ...(seeds && { seeds }),
    check: ({ seeds: seen }) => ({ holds: true, figure: seen.join() }),
  });
  assert.equal(verdictOf(claim(), CURVES).figure, '1,2,3');
  assert.equal(verdictOf(claim([2, 3]), CURVES).figure, '2,3');
  assert.throws(() => verdictOf(claim([3, 4]), CURVES), /s: expected results of the seeds 3,4, got 1,2,3/);
});

test('each accuracy stands under its point of a round, the reported one in bold', () => {
  const at = (variant: string, point: 'adapted' | 'mixed') =>
    accuracyAt(CURVES, variant, 'accuracy-mean', point);
  assert.equal(at('gossip', 'adapted'), '**87.0 ± 11.4**');
  assert.equal(at('gossip', 'mixed'), '62.0 ± 5.0');
  assert.equal(at('local-only', 'mixed'), '–');
  assert.equal(at('server', 'adapted'), '–');
  assert.equal(at('server', 'mixed'), '**71.0 ± 2.5**');
});

test('differences are taken seed by seed, and the price of two points more than training alone is that of the seeds that reach it', () => {
  assert.equal(paired([83, 86, 92], [80, 84, 88]), '+3.0 ± 2.5 (3/3)');
  assert.equal(paired([70, 72, 71], [80, 84, 70]), '−7.0 ± 17.4 (2/3)');
  const row = methodTable(CURVES).find((line) => line.startsWith('| gossip'))!;
  assert.match(row, / \+3\.0 ± 2\.5 \(3\/3\) \| 1,000 \| 2 \| 3 \| 12\.0 \| 5\.00 MB, 2 s \|$/);
});
