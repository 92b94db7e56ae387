import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Streams } from '../random.js';
import { rowSample } from './sampled.js';

const rowsFrom = (first: number, length: number) => Uint32Array.from({ length }, (_, i) => first + i);

test('a sample has as many rows as asked for, each once, in their order, and always the same', () => {
  const take = rowSample(50, new Streams(1));
  const sample = take(rowsFrom(1000, 400));
  assert.equal(new Set(sample).size, 50);
  assert.ok(sample.every((row, i) => row >= 1000 && row < 1400 && (i === 0 || row > sample[i - 1]!)));
  assert.deepEqual(take(rowsFrom(1000, 400)), sample);
  assert.deepEqual(
    take(rowsFrom(5000, 400)),
    sample.map((row) => row + 4000),
  );
  assert.notDeepEqual(rowSample(50, new Streams(2))(rowsFrom(1000, 400)), sample);
});

test('a sample is no regular pattern, so rows in the order of their classes have all classes in it', () => {
  const sample = rowSample(50, new Streams(1))(rowsFrom(0, 1000));
  assert.equal(new Set(sample.map((row) => row % 10)).size, 10);
});

test('few rows, and those of a measurement without a sample, are taken as they are', () => {
  const rows = rowsFrom(0, 50);
  assert.equal(rowSample(50, new Streams(1))(rows), rows);
  assert.equal(rowSample(undefined, new Streams(1))(rows), rows);
});
