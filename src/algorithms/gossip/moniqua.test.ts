import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { distanceToOptimum, paramsAfter, ROWS } from '../../../test/support/quadratic-recursions.js';
import { runOnQuadratics } from '../../../test/support/quadratic-runs.js';
import { Random } from '../../random.js';
import { lastParams } from '../../testing/index.js';
import { paramsByRound } from '../../testing/params-probe.js';
import { circleCodec, modulo } from './modulo.js';
import { circleOf } from './moniqua.js';

test('within the bound a receiver knows the sender’s number up to δB', () => {
  const numbers = fc.double({ min: -50, max: 50, noNaN: true });
  const shares = fc.double({ min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(numbers, shares, fc.integer({ min: 2, max: 12 }), (own, share, bits) => {
      const bound = 1.5;
      const circle = circleOf({ bits, bound });
      const codec = circleCodec(1, bits);
      const theirs = own + share * bound;
      const body = { values: Float32Array.of(modulo(theirs / circle, 1)) };
      const { bytes } = codec.encode(body, new Random('unused'));
      const received = codec.decode(bytes, 0).values[0]!;
      const found = modulo(received * circle - own, circle) + own;
      const most = circle * 2 ** -(bits + 1);
      assert.ok(Math.abs(found - theirs) <= most + 1e-5, `${theirs} became ${found}`);
    }),
    { seed: 1 },
  );
});

test('it ends as near to the optimum as D-PSGD with whole numbers does, for a fifth of the bytes', async () => {
  const options = { use: 'moniqua', bits: 6, bound: 12 };
  const distance = distanceToOptimum(await paramsAfter(300, options));
  // An interval is 24/64 wide.
  assert.ok(Math.abs(distance - 2.2335) < 0.2, `${distance}`);
  const run = await runOnQuadratics({ rows: ROWS, algorithm: options, stop: { after: '2 rounds' } });
  // ⌈60 bits / 8⌉.
  assert.equal(run.result.traffic.bytes.sent, 2 * 16 * 2 * (32 + 8));
});

test('averages keep the mean over the nodes, however coarse they are', async () => {
  const run = await runOnQuadratics({
    rows: ROWS,
    model: { use: 'quadratic', initBound: 1, init: 'per-node' },
    algorithm: { use: 'moniqua', learningRate: 1e-12, bits: 3 },
    stop: { after: '30 rounds' },
  });
  const sums = (all: number[][]) => all[0]!.map((_, k) => all.reduce((sum, x) => sum + x[k]!, 0));
  const first = sums(paramsByRound(run).get(0)!);
  for (const [k, sum] of sums(lastParams(run)).entries())
    assert.ok(Math.abs(sum - first[k]!) < 1e-5, `coordinate ${k}: ${first[k]} became ${sum}`);
});
