/** When a line on the cost of measuring is due. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { World } from '../simulation/world.js';
import { measuringCost } from './measuring-cost.js';

/** 1,000 nodes with 2,000 test rows each, a forward pass of 30 kFLOP, measured at one point: 60 GFLOP. */
const world = (timingOnly: boolean) =>
  ({
    plan: {
      nodes: 1000,
      timingOnly,
      measure: { probes: [{ entry: { id: 'accuracy' } }], at: ['adapted'] },
    },
    constants: {
      shards: Array.from({ length: 1000 }, () => ({ test: { length: 2000 } })),
      dataset: { test: 2000 },
      modelOf: () => ({ flops: { forward: 30_000 } }),
    },
  }) as unknown as World;

test('a measurement that takes long has a line, and a run that learns nothing has none', () => {
  assert.match(
    measuringCost(world(false)) ?? '',
    /^each measurement evaluates 1,000 nodes on 2,000 rows, 60(\.0)? GFLOP: /,
  );
  assert.equal(measuringCost(world(true)), undefined);
});
