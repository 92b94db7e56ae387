/** Inputs of tasks on their way to another thread: what arrives is what was sent, and what it knows is sent once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Arena } from '../numeric/arena.js';
import { Resident } from '../numeric/resident.js';
import { deepFreeze } from './plain-data.js';
import { adoptOutput, decodeInput, encodeInput, encodeOutput, KnownRecords } from './shared-arrays.js';

/** The thread on the other side. */
function receiver(arena: Arena) {
  const has: unknown[] = [];
  return (value: unknown, records: readonly unknown[]) => {
    has.push(...structuredClone(records));
    return decodeInput(structuredClone(value), arena, has);
  };
}

const arrays = fc
  .tuple(fc.constantFrom(Float32Array, Float64Array, Uint32Array, Uint8Array), fc.constantFrom(0, 3, 400))
  .map(([kind, length]) => new kind(Array.from({ length }, (_, i) => i % 256)));
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    arrays,
    fc.array(arrays, { maxLength: 3 }),
    fc.array(fc.oneof(fc.integer(), arrays), { maxLength: 3 }),
    fc.array(fc.double(), { maxLength: 3 }),
    fc.integer(),
    fc.string(),
    fc.constant(null),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.string({ minLength: 1 }), tie('tree'), { maxKeys: 3, noNullPrototype: true }),
    fc.record({ use: fc.string(), rate: fc.double() }, { noNullPrototype: true }).map(deepFreeze),
  ),
}));

test('an input arrives as it was sent, also for the second time', () => {
  fc.assert(
    fc.property(tree, (value) => {
      const arena = new Arena();
      const resident = new Resident(arena, 1 << 20);
      const known = new KnownRecords();
      const receive = receiver(arena);
      for (let time = 0; time < 2; time++) {
        const sent = encodeInput({ value }, resident, known);
        assert.deepEqual(receive(sent.value, known.takeUnsent()), { value });
        for (const use of sent.uses) use.release();
      }
    }),
    { numRuns: 200 },
  );
});

test('a record that can never change is sent once; one that may change, or that holds arrays, each time', () => {
  const arena = new Arena();
  const resident = new Resident(arena, 1 << 20);
  const known = new KnownRecords();
  const spec = deepFreeze({ use: 'mlp', options: { hidden: [64] } });
  const open = Object.freeze({ use: 'sgd', options: { rate: 1 } });
  const input = { spec, open, view: Object.freeze({ order: Uint32Array.of(1, 2) }) };
  encodeInput(input, resident, known);
  assert.deepEqual(known.takeUnsent(), [spec]);
  open.options.rate = 2;
  const { value } = encodeInput([input, { spec }], resident, known);
  assert.deepEqual(known.takeUnsent(), []);
  const [again, other] = decodeInput(structuredClone(value), arena, [spec]) as Array<typeof input>;
  assert.deepEqual(again, input);
  assert.equal(again!.spec, spec);
  assert.equal(other!.spec, spec);
});

test('a record may have any keys', () => {
  const arena = new Arena();
  const value = JSON.parse('{ "__proto__": { "use": 1 }, "toString": 2, "": [3] }') as object;
  const { value: sent } = encodeInput(value, new Resident(arena, 1 << 20));
  const arrived = decodeInput(structuredClone(sent), arena);
  assert.deepEqual(arrived, value);
  assert.equal(JSON.stringify(arrived), JSON.stringify(value));
});

test('an output in a block that is given away arrives with its kind and its numbers', () => {
  const arena = new Arena();
  const worker = new Arena(arena.memory, 2);
  const address = worker.copy(Float32Array.of(1, 2, 3));
  const facts = { finite: true, checksum: undefined };
  const kept = new Map([[address, { length: 3, ...facts }]]);
  const floats = new Float32Array(worker.buffer as ArrayBuffer, address, 3);
  const words = new Uint32Array(worker.buffer as ArrayBuffer, address, 3);
  const outputs = { words, part: floats.subarray(0, 2), floats, again: [floats, 5, Float32Array.of(4)] };
  const { value, transfer } = encodeOutput(outputs, worker, kept);
  assert.equal(kept.size, 0);
  const sent = structuredClone(value, { transfer });
  const arrived = adoptOutput(sent, arena, new Resident(arena, 1 << 20)) as typeof outputs;
  assert.deepEqual(arrived, {
    words: Uint32Array.from(new Uint32Array(Float32Array.of(1, 2, 3).buffer)),
    part: Float32Array.of(1, 2),
    floats: Float32Array.of(1, 2, 3),
    again: [Float32Array.of(1, 2, 3), 5, Float32Array.of(4)],
  });
  assert.equal(arrived.again[0], arrived.floats);
});

test('a part of a larger buffer goes along without the rest, and what lies in the arena as a copy', () => {
  const arena = new Arena();
  const part = new Float32Array(100).fill(7).subarray(2, 4);
  const input = encodeInput({ part }, new Resident(arena, 0)).value as { part: Float32Array };
  assert.deepEqual([...input.part, input.part.buffer.byteLength], [7, 7, 8]);
  const address = arena.copy(Float64Array.of(1, 2));
  const block = new Float64Array(arena.buffer as ArrayBuffer, address, 2);
  const { value } = encodeOutput([block], arena, new Map());
  block.fill(0);
  assert.deepEqual(value, [Float64Array.of(1, 2)]);
});

test('a list of arrays with null in it arrives as it was sent', () => {
  const arena = new Arena();
  const list = [null, Float32Array.of(1, 2), Float32Array.of(3)];
  const { value } = encodeInput(list, new Resident(arena, 1 << 20));
  assert.deepEqual(receiver(arena)(value, []), list);
});
