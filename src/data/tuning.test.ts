/** Rows to choose options by. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Streams } from '../random.js';
import { rowsForTuning, shardsForTuning } from './tuning.js';

const shardOf = (from: number, length: number) => ({
  train: Uint32Array.from({ length }, (_, i) => from + i),
  validation: Uint32Array.of(900 + from),
  test: Uint32Array.of(1000),
});

test('models are measured on a share of the training rows, on which they do not train, and never on test rows', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 99 }),
      (sizes, percent) => {
        const shards = sizes.map((size, node) => shardOf(100 * node, size));
        const share = percent / 100;
        const expected = sizes.map((size) => Math.min(size - 1, Math.floor((percent * size) / 100)));
        const deal = () => {
          const streams = new Streams(1);
          return shardsForTuning(shards, share, (node) => streams.stream(`node ${node}`));
        };
        if (expected.every((count) => count === 0)) {
          assert.throws(deal, /data\.tuning|expected a share of the training rows that is a row at least/);
          return;
        }
        const tuned = deal();
        for (const [node, { train, test: rows, validation }] of tuned.entries()) {
          assert.equal(rows.length, expected[node]);
          assert.deepEqual(
            [...train, ...rows].sort((a, b) => a - b),
            [...shards[node]!.train],
          );
          assert.deepEqual(
            [...rows],
            [...rows].sort((a, b) => a - b),
          );
          assert.equal(validation, shards[node]!.validation);
        }
        assert.equal(
          rowsForTuning(tuned).length,
          expected.reduce((sum, count) => sum + count, 0),
        );
      },
    ),
    { seed: 1, numRuns: 200 },
  );
});

test('rows are drawn, and rows that several nodes have are measured once', () => {
  const streams = new Streams(2);
  const [tuned] = shardsForTuning([shardOf(0, 20)], 0.5, () => streams.stream('one'));
  assert.notDeepEqual([...tuned!.test], [...shardOf(0, 10).train]);
  assert.deepEqual(rowsForTuning([tuned!, tuned!]), tuned!.test);
});
