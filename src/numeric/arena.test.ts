import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Arena } from './arena.js';

const KB = 1024;

/** What a program of takes and gives back does; numbers choose the block that is given back. */
const steps = fc.array(
  fc.oneof(
    fc.record({ take: fc.integer({ min: 1, max: 300 * KB }) }),
    fc.record({ giveBack: fc.nat() }),
    fc.constant({ trim: true } as const),
  ),
  { maxLength: 60 },
);

test('blocks that somebody has never overlap and keep what is in them, whatever is given back or trimmed', () => {
  fc.assert(
    fc.property(steps, (program) => {
      const arena = new Arena();
      const held: Array<{ address: number; bytes: number; value: number }> = [];
      for (const [number, step] of program.entries()) {
        if ('take' in step) {
          const block = { address: arena.take(step.take), bytes: step.take, value: number % 256 };
          new Uint8Array(arena.buffer, block.address, block.bytes).fill(block.value);
          held.push(block);
        } else if ('trim' in step) {
          arena.trim();
        } else if (held.length > 0) {
          arena.giveBack(held.splice(step.giveBack % held.length, 1)[0]!.address);
        }
        for (const { address, bytes, value } of held) {
          assert.ok(new Uint8Array(arena.buffer, address, bytes).every((byte) => byte === value));
        }
      }
    }),
    { numRuns: 30 },
  );
});

test('a block that was given back is used again for the next one of its size', () => {
  const arena = new Arena();
  const address = arena.take(100 * KB);
  arena.take(KB);
  arena.giveBack(address);
  assert.equal(arena.take(100 * KB), address);
});

test('trimmed, the room behind the last block serves blocks of any size', () => {
  const arena = new Arena();
  const kept = arena.take(KB);
  for (const bytes of [100 * KB, 200 * KB, 300 * KB]) arena.giveBack(arena.take(bytes));
  const before = arena.extent;
  arena.trim();
  assert.ok(arena.extent < before / 100);
  assert.ok(arena.take(500 * KB) > kept);
  arena.giveBack(kept);
  assert.equal(arena.take(KB), kept);
});

test('what a thread had that has ended is free', () => {
  const arena = new Arena();
  const other = new Arena(arena.memory, 2);
  const own = arena.take(KB);
  for (let k = 0; k < 5; k++) other.take(10 * KB);
  arena.giveBackAllOf(2);
  assert.equal(arena.taken, KB);
  arena.giveBack(own);
  assert.equal(arena.taken, 0);
});
