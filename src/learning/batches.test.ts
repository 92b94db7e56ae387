import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Random } from '../random.js';
import { type BatchCursor, nextBatches, startCursor } from './batches.js';

/** A shard, and how it is read. */
const arbitraryReading = fc.record({
  shard: fc.uniqueArray(fc.nat(1000), { minLength: 1, maxLength: 12 }).map((rows) => Uint32Array.from(rows)),
  calls: fc.array(
    fc.record({ steps: fc.integer({ min: 1, max: 4 }), batch: fc.integer({ min: 1, max: 7 }) }),
    { minLength: 1, maxLength: 5 },
  ),
});

test('every row comes once per epoch, however batches wrap around its end', () => {
  fc.assert(
    fc.property(arbitraryReading, ({ shard, calls }) => {
      const cursor = startCursor();
      const random = new Random('batches');
      const rows = calls.flatMap((size) => {
        const batches = nextBatches(cursor, shard, random, size);
        assert.equal(batches.length, size.steps * size.batch);
        return [...batches];
      });
      const ascending = [...shard].sort((a, b) => a - b);
      for (let from = 0; from + shard.length <= rows.length; from += shard.length) {
        const epoch = rows.slice(from, from + shard.length);
        assert.deepEqual(
          epoch.sort((a, b) => a - b),
          ascending,
        );
      }
      const rest = rows.slice(rows.length - (rows.length % shard.length));
      assert.equal(new Set(rest).size, rest.length);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('two calls give the same rows as one', () => {
  fc.assert(
    fc.property(arbitraryReading, ({ shard, calls }) => {
      const read = (sizes: ReadonlyArray<{ steps: number; batch: number }>) => {
        const [cursor, random] = [startCursor(), new Random('batches')];
        return sizes.flatMap((size) => [...nextBatches(cursor, shard, random, size)]);
      };
      const total = calls.reduce((sum, { steps, batch }) => sum + steps * batch, 0);
      assert.deepEqual(read(calls), read([{ steps: 1, batch: total }]));
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('a cursor is plain data: a copy of it and of the stream reads the same rows', () => {
  const shard = Uint32Array.of(3, 5, 8, 13, 21);
  const cursor = startCursor();
  const random = new Random('batches');
  nextBatches(cursor, shard, random, { steps: 1, batch: 7 });
  const copy: BatchCursor = structuredClone(cursor);
  const copied = new Random('', random.state());
  const size = { steps: 3, batch: 4 };
  assert.deepEqual(nextBatches(copy, shard, copied, size), nextBatches(cursor, shard, random, size));
});

test('each epoch is shuffled anew, and the shard does not change', () => {
  const shard = Uint32Array.from({ length: 50 }, (_, row) => row);
  const rows = nextBatches(startCursor(), shard, new Random('batches'), { steps: 2, batch: 50 });
  assert.notDeepEqual(rows.slice(0, 50), rows.slice(50));
  assert.deepEqual([...shard], [...shard.keys()]);
});

test('an empty shard has no batches', () => {
  const read = () => nextBatches(startCursor(), new Uint32Array(0), new Random(''), { steps: 1, batch: 1 });
  assert.throws(read, /at least one row/);
});
