/** The self-test of engines: what all of them give, and that a wrong bit is noticed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { Arena } from './arena.js';
import { type Engine, nativeEngine, referenceEngine, wasmEngine } from './engine.js';
import { INSTRUCTION_NAMES, INSTRUCTIONS } from './instructions.js';
import { Machine, NOWHERE } from './machine.js';
import { ProgramBuilder } from './program.js';
import { EXPECTED, selfTest } from './self-test.js';

function engines(): Array<{ arena: Arena; engine: Engine }> {
  const all = [referenceEngine, wasmEngine, nativeEngine].map((make) => {
    const arena = new Arena();
    return { arena, engine: make(arena.memory) };
  });
  return all.flatMap(({ arena, engine }) => ('missing' in engine ? [] : [{ arena, engine }]));
}

for (const { arena, engine } of engines()) {
  test(`${engine.name} (${engine.instructions}) passes the self-test, again and again`, () => {
    const machine = new Machine(arena, engine);
    assert.equal(selfTest(machine), EXPECTED);
    assert.equal(selfTest(machine), EXPECTED);
  });
}

test('the self-test has every instruction, meets no NaN, and notices one wrong bit of any of its results', () => {
  const arena = new Arena();
  const inner = referenceEngine(arena.memory);
  let program = new Int32Array(0);
  let results = 0;
  const spy = (spoil: (numbers: Int32Array) => void): Engine => ({
    ...inner,
    run(address, words, registers, times) {
      inner.run(address, words, registers, times);
      program = new Int32Array(arena.buffer, address, words).slice();
      // Registers move on by nothing.
      results = new Uint32Array(arena.buffer, registers, 10)[9]!;
      spoil(new Int32Array(arena.buffer, results, 1 << 14));
    },
  });
  let last = 0;
  const numbers = (words: Int32Array) => {
    assert.ok(new Float32Array(words.buffer, words.byteOffset, words.length).every((x) => !Number.isNaN(x)));
    last = words.findLastIndex((word) => word !== 0);
  };
  assert.equal(selfTest(new Machine(arena, spy(numbers))), EXPECTED);
  assert.ok(last > 8000);
  assert.deepEqual(new Set(namesIn(program)), new Set(INSTRUCTION_NAMES));
  for (const place of [0, 1, 777, last]) {
    const spoil = (words: Int32Array) => {
      words[place]! ^= 1;
    };
    assert.notEqual(selfTest(new Machine(arena, spy(spoil))), EXPECTED);
  }
});

for (const { arena, engine } of engines()) {
  const machine = new Machine(arena, engine);

  test(`${engine.name}: a program that runs several times moves its registers on`, () => {
    const builder = new ProgramBuilder();
    const places = (['results', 'data', 'state'] as const).map((base) => ({ base, offset: 0 }));
    builder.emit('add', places, [5]);
    machine.frame((frame) => {
      const data = frame.floats(15);
      data.numbers.set(Array.from({ length: 15 }, (_, i) => i));
      const state = frame.floats(5);
      state.numbers.fill(100);
      const results = frame.floats(15);
      const registers = { ...NOWHERE, data: data.address, state: state.address, results: results.address };
      machine.run(builder.finish(), registers, 3, { ...NOWHERE, data: 20, results: 20 });
      assert.deepEqual(
        [...results.numbers],
        Array.from({ length: 15 }, (_, i) => 100 + i),
      );
      machine.run(builder.finish(), registers, 2);
      assert.deepEqual([...results.numbers.subarray(0, 5)], [100, 101, 102, 103, 104], 'they stay otherwise');
    });
  });

  test(`${engine.name}: the checksum is that of zlib`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), fc.nat(20), (bytes, shift) => {
        const address = arena.take(bytes.length + shift);
        new Uint8Array(arena.buffer).set(bytes, address + shift);
        assert.equal(machine.crc32(address + shift, bytes.length), crc32(bytes));
        arena.giveBack(address);
      }),
    );
  });
}

function namesIn(program: Int32Array): string[] {
  const names = [];
  for (let at = 0; at < program.length; ) {
    const name = INSTRUCTION_NAMES[program[at]!]!;
    names.push(name);
    at += 1 + 2 * INSTRUCTIONS[name][0] + INSTRUCTIONS[name][1];
  }
  return names;
}
