import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crc32, crc32ByTables } from './crc32.js';

const ascii = (text: string) => new TextEncoder().encode(text);

test('crc32 gives the check value of the standard', () => {
  for (const compute of [crc32, crc32ByTables]) {
    assert.equal(compute(ascii('123456789')), 0xcbf43926);
    assert.equal(compute(ascii('The quick brown fox jumps over the lazy dog')), 0x414fa339);
    assert.equal(compute(new Uint8Array(0)), 0);
  }
});

test('the tables agree with the bitwise definition at every length and alignment', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), fc.nat(9), (bytes, start) => {
      const part = bytes.subarray(start);
      assert.equal(crc32ByTables(part), bitwise(part));
      assert.equal(crc32(part), bitwise(part));
    }),
    { seed: 1, numRuns: 500 },
  );
});

function bitwise(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
