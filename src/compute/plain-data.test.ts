import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertUnchanged, hashArrays } from './frozen.js';
import { visitArrays } from './plain-data.js';

test('arrays are visited with their paths, depth first', () => {
  const paths: string[] = [];
  const value = { b: [new Uint8Array(1), { c: new Float32Array(2) }], a: new Int32Array(3), n: null, s: 'x' };
  visitArrays(value, (array, path) => paths.push(`${path}:${array.length}`));
  assert.deepEqual(paths, ['.b[0]:1', '.b[1].c:2', '.a:3']);
});

test('a value that is not plain is refused with its place and kind', () => {
  const visit = (value: unknown) => visitArrays(value, () => {}, 'input');
  assert.throws(() => visit({ a: [new Map()] }), /input\.a\[0\]: expected plain data .* an instance of Map/);
  assert.throws(() => visit({ f: () => 1 }), /input\.f: .* a function/);
  assert.throws(() => visit(new Date(0)), /input: .* an instance of Date/);
  assert.throws(() => visit({ n: 1n }), /input\.n: .* a bigint/);
  assert.throws(() => visit(new DataView(new ArrayBuffer(1))), /an instance of DataView/);
});

test('any changed element of a hashed value is noticed, and its field named', () => {
  const kinds = [Uint8Array, Int16Array, Float32Array, Float64Array] as const;
  for (const Kind of kinds) {
    const memory = new Kind(9);
    const value = { list: [{ numbers: memory.subarray(1) }] };
    const hashes = hashArrays(value);
    assertUnchanged(value, hashes, 'input');
    for (let i = 1; i < 9; i++) {
      memory[i] = 1;
      assert.throws(
        () => assertUnchanged(value, hashes, 'input'),
        /input: the array at "\.list\[0\]\.numbers"/,
      );
      memory[i] = 0;
    }
    assertUnchanged(value, hashes, 'input');
    memory[0] = 1;
    assertUnchanged(value, hashes, 'input');
  }
});

test('an array that appears after hashing is noticed', () => {
  const value: Record<string, unknown> = { a: 1 };
  const hashes = hashArrays(value);
  value.a = new Uint8Array(1);
  assert.throws(() => assertUnchanged(value, hashes, 'input'), /"\.a" was changed/);
});
