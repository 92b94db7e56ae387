import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { largest } from './select.js';

test('the largest magnitudes are chosen, in ascending order of their indices', () => {
  assert.deepEqual([...largest(new Float32Array([1, -5, 3, 0, 4]), 3)], [1, 2, 4]);
});

test('ties go to the lowest index', () => {
  assert.deepEqual([...largest(new Float32Array([2, -2, 3, 2, -2]), 3)], [0, 1, 2]);
  assert.deepEqual([...largest(new Float32Array(5), 2)], [0, 1]);
  assert.deepEqual([...largest(new Float32Array([-0, 0, 0]), 1)], [0]);
});

test('NaN counts as larger than infinity, and all NaNs are equal', () => {
  assert.deepEqual([...largest(new Float32Array([1, Infinity, NaN]), 1)], [2]);
  const nans = new Float32Array(new Uint32Array([0x7f800001, 0xffffffff, 0x7fc00000]).buffer);
  assert.deepEqual([...largest(nans, 1)], [0]);
});

test('none or all of the values can be selected, but not more', () => {
  assert.deepEqual([...largest(new Float32Array([1, 2]), 0)], []);
  assert.deepEqual([...largest(new Float32Array([1, 2]), 2)], [0, 1]);
  assert.throws(() => largest(new Float32Array([1, 2]), 3), /expected to select 0 to 2 of 2 values, got 3/);
});

test('selection agrees with a full sort', () => {
  const few = fc.constantFrom(0, -0, 1, -1, 1.5, Infinity, -Infinity, NaN, 1e-45, -1e-45);
  const values = fc.array(fc.oneof(fc.float(), few), { maxLength: 60 });
  fc.assert(
    fc.property(values, fc.nat(), (list, choice) => {
      const k = choice % (list.length + 1);
      const array = new Float32Array(list);
      const key = (i: number) => (Number.isNaN(array[i]) ? 2 : Math.abs(array[i]!) === Infinity ? 1 : 0);
      const order = Array.from(array.keys()).sort(
        (a, b) => key(b) - key(a) || (key(a) === 0 ? Math.abs(array[b]!) - Math.abs(array[a]!) : 0) || a - b,
      );
      assert.deepEqual(
        [...largest(array, k)],
        order.slice(0, k).sort((a, b) => a - b),
      );
    }),
    { seed: 1, numRuns: 1000 },
  );
});
