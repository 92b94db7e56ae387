/** Copies of arrays in the memory of kernels: found by any view, given up when there are too many, never while in use. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Arena } from './arena.js';
import { Resident } from './resident.js';

const BYTES = 4096;

function numbersAt(arena: Arena, address: number, length: number): Float32Array {
  return new Float32Array(arena.buffer, address, length).slice();
}

test('an array is copied once, and any view on it is found', () => {
  const arena = new Arena();
  const resident = new Resident(arena, 10 * BYTES);
  const array = Float32Array.from({ length: BYTES / 4 }, (_, i) => i);
  assert.equal(resident.find(array), undefined);
  const use = resident.hold(array)!;
  assert.deepEqual(numbersAt(arena, use.address, array.length), array);
  assert.equal(resident.hold(array)!.address, use.address);
  assert.equal(resident.find(array.subarray(100))!.address, use.address + 400);
  assert.equal(resident.hold(new Float32Array(3)), undefined, 'small arrays are not held');
});

test('what lies in the memory already is found there', () => {
  const arena = new Arena();
  const resident = new Resident(arena, BYTES);
  const view = resident.move(Float32Array.of(1, 2, 3));
  assert.deepEqual([...view], [1, 2, 3]);
  assert.equal(resident.hold(view)!.address, arena.addressOf(view));
  assert.equal(resident.move(view), view);
  const taken = arena.taken;
  resident.release(view);
  assert.equal(arena.taken, taken, 'it was moved twice');
  resident.release(view);
  assert.ok(arena.taken < taken);
  assert.throws(() => resident.move(view), /memory was given back/);
});

test('an adopted block becomes the copy of a new array', () => {
  const arena = new Arena();
  const resident = new Resident(arena, BYTES);
  const address = arena.take(BYTES);
  new Float32Array(arena.buffer, address, BYTES / 4).fill(7);
  const array = resident.copyOut(address, BYTES / 4, { finite: true });
  assert.ok(array.every((value) => value === 7));
  assert.equal(resident.find(array)!.address, address);
  assert.ok(resident.isFinite(array));
  assert.ok(!resident.isFinite(Float32Array.of(1)));
});

test('whatever is held and released, what is in use keeps its numbers and memory stays bounded', () => {
  const step = fc.record({ array: fc.nat(19), release: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 200 }), (steps) => {
      const arena = new Arena();
      const resident = new Resident(arena, 4 * BYTES);
      const arrays = Array.from({ length: 20 }, (_, k) => new Float32Array(BYTES / 4).fill(k));
      const uses = new Map<number, { address: number; release(): void }>();
      for (const { array, release } of steps) {
        uses.get(array)?.release();
        uses.delete(array);
        const use = resident.hold(arrays[array]!)!;
        if (release) use.release();
        else uses.set(array, use);
        for (const [k, { address }] of uses) {
          assert.ok(numbersAt(arena, address, BYTES / 4).every((value) => value === k));
        }
        assert.ok(arena.taken <= (Math.max(4, uses.size) + 1) * BYTES);
      }
    }),
    { seed: 1, numRuns: 30 },
  );
});

test('what a thread had that has ended is given back, and only that', () => {
  const arena = new Arena();
  const other = new Arena(arena.memory, 2);
  const own = arena.take(100);
  const taken = arena.taken;
  const given = other.take(BYTES);
  for (let k = 0; k < 5; k++) other.take(1000 * (k + 1));
  arena.takeOver(given);
  arena.giveBackAllOf(2);
  assert.equal(arena.taken, taken + BYTES);
  arena.giveBack(given);
  arena.giveBack(own);
  assert.equal(arena.taken, taken - 128);
});
