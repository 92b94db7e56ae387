import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../errors.js';
import { startCursor } from '../../learning/batches.js';
import { Random } from '../../random.js';
import { requireValidationRows, validationRows } from './validation-rows.js';

function nodeWith(count: number) {
  const random = new Random('validation');
  const validation = Uint32Array.from({ length: count }, (_, k) => 3 * k);
  const shard = { train: Uint32Array.of(1, 2), validation, test: new Uint32Array(0) };
  return { id: 4, shard, random: () => random };
}

test('up to 512 rows are taken as they are', () => {
  for (const count of [1, 512]) {
    const node = nodeWith(count);
    assert.deepEqual(validationRows(node, startCursor()), node.shard.validation);
  }
});

test('of more, batches of 100 go through all of them', () => {
  const node = nodeWith(600);
  const cursor = startCursor();
  const batches = Array.from({ length: 6 }, () => validationRows(node, cursor));
  assert.ok(batches.every(({ length }) => length === 100));
  const seen = batches.flatMap((rows) => [...rows]);
  assert.deepEqual(
    seen.sort((a, b) => a - b),
    [...node.shard.validation],
  );
});

test('a node without any is refused, with its number of rows', () => {
  requireValidationRows(nodeWith(1));
  assert.throws(
    () => requireValidationRows(nodeWith(0)),
    (error) =>
      error instanceof UsageError &&
      error.code === 'no-validation-rows' &&
      /node 4's 2 rows/.test(error.message),
  );
});
