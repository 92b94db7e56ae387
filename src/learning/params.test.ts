import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createMachine } from '../compute/machines.js';
import { sharedMemory } from '../numeric/thread.js';
import {
  areFinite,
  copyOf,
  isFrozen,
  isParams,
  lengthOfParams,
  valuesOf,
  valuesWithin,
  type WeightedSum,
} from './params.js';

/** As it is specified: float64 sums in the order of the vectors, rounded once. */
function plainSum({ weights, vectors }: WeightedSum): Float32Array {
  return vectors[0]!.map((_, i) => vectors.reduce((sum, vector, k) => sum + weights[k]! * vector[i]!, 0));
}

/** An array that is known to be finite, as the outputs of tasks are. */
function adopted(values: readonly number[]): Float32Array {
  const { arena, resident } = sharedMemory();
  const address = arena.copy(Float32Array.from(values));
  return resident.copyOut(address, values.length, { finite: values.every(Number.isFinite) });
}

const numbers = fc.float({ noNaN: true, min: -1000, max: 1000 });

const sums = fc
  .record({ length: fc.integer({ min: 1, max: 40 }), count: fc.integer({ min: 1, max: 6 }) })
  .chain(({ length, count }) =>
    fc.record({
      weights: fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: count, maxLength: count }),
      vectors: fc.array(
        fc.float32Array({ minLength: length, maxLength: length, noNaN: true, min: -9, max: 9 }),
        {
          minLength: count,
          maxLength: count,
        },
      ),
    }),
  );

test('a sum has the same bits wherever it is computed', () => {
  const machine = createMachine('cpu');
  fc.assert(
    fc.property(sums, (sum) => {
      const expected = plainSum(sum);
      assert.deepEqual(valuesOf(sum), expected);
      assert.deepEqual(valuesWithin(undefined, sum), expected);
      assert.deepEqual(valuesWithin(machine, sum), expected);
      const within = machine.frame((frame) => Float32Array.from(copyOf(machine, frame, sum).numbers));
      assert.deepEqual(within, expected);
      assert.equal(lengthOfParams(sum), expected.length);
      assert.ok(isParams(sum) && isFrozen(sum));
    }),
  );
});

test('numbers are themselves; only those that a task or a sum made are known to be frozen', () => {
  const params = Float32Array.of(1, 2);
  assert.equal(valuesOf(params), params);
  assert.ok(isParams(params) && !isFrozen(params));
  assert.ok(isFrozen(adopted([1, 2])));
  for (const other of [undefined, null, 7, [1, 2], { vectors: [] }, { vectors: [[1]] }]) {
    assert.ok(!isParams(other), JSON.stringify(other));
  }
});

test('whether a sum is finite is what its numbers say', () => {
  const most = 3.4028234663852886e38;
  const cases: Array<[WeightedSum, boolean]> = [
    [{ weights: [0.5, 0.5], vectors: [adopted([most]), adopted([most])] }, true],
    [{ weights: [0.5, 0.5 + 1e-12], vectors: [adopted([most]), adopted([most])] }, true],
    [{ weights: [1, 1], vectors: [adopted([most]), adopted([most])] }, false],
    [{ weights: [2, -1], vectors: [adopted([most]), adopted([-most])] }, false],
    [{ weights: [0, 1], vectors: [adopted([Number.NaN]), adopted([1])] }, false],
    [{ weights: [1], vectors: [Float32Array.of(Number.POSITIVE_INFINITY)] }, false],
    [{ weights: [1], vectors: [Float32Array.of(3)] }, true],
  ];
  for (const [sum, finite] of cases) {
    assert.equal(areFinite(sum), finite);
    assert.equal(valuesOf(sum).every(Number.isFinite), finite);
  }
  fc.assert(
    fc.property(fc.array(numbers, { minLength: 1, maxLength: 9 }), (values) => areFinite(adopted(values))),
  );
});
