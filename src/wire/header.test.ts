import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  CorruptMessageError,
  decodeHeader,
  decodeMessage,
  encodeHeader,
  encodeMessage,
  HEADER_BYTES,
  type Header,
  withChecksum,
} from './header.js';

const u32 = fc.integer({ min: 0, max: 0xffffffff });
const arbitraryHeader: fc.Arbitrary<Header> = fc
  .record({
    type: fc.integer({ min: 0, max: 255 }),
    from: u32,
    to: u32,
    round: u32,
    sequence: u32,
    payloadBytes: u32,
    indexBytes: u32,
    crc32: u32,
  })
  .map((header) => ({ ...header, indexBytes: Math.min(header.indexBytes, header.payloadBytes) }));

const body = withChecksum({
  bytes: new Uint8Array([9, 8, 7]),
  indexBytes: 1,
  valuesBytes: 2,
  headerBytes: 0,
});
const addresses = { type: 1, from: 2, to: 3, round: 4, sequence: 5 };

test('a decoded header equals the encoded one, at any place in memory', () => {
  fc.assert(
    fc.property(arbitraryHeader, fc.nat(7), (header, offset) => {
      const bytes = encodeHeader(header);
      assert.equal(bytes.length, HEADER_BYTES);
      const memory = new Uint8Array(offset + HEADER_BYTES + 3).fill(0xff);
      memory.set(bytes, offset);
      assert.deepEqual(decodeHeader(memory.subarray(offset)), header);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('any bytes are either refused or the encoding of the header that they are decoded to', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 40 }), (bytes) => {
      if (bytes.length > 2) bytes.set([0x4d, 0x79, 1]);
      let header: Header;
      try {
        header = decodeHeader(bytes);
      } catch (error) {
        assert.ok(error instanceof CorruptMessageError);
        return;
      }
      assert.deepEqual(encodeHeader(header), bytes.slice(0, HEADER_BYTES));
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('another magic, another version, a short header and an index part beyond the body are refused', () => {
  const good = encodeMessage(addresses, body);
  const changed = (offset: number, value: number) => {
    const bytes = good.slice();
    bytes[offset] = value;
    return bytes;
  };
  assert.throws(() => decodeHeader(changed(0, 0)), /expected magic 0x794d, got 0x7900/);
  assert.throws(() => decodeHeader(changed(2, 9)), /expected version 1, got 9/);
  assert.throws(() => decodeHeader(changed(24, 4)), /within the body of 3 bytes, got 4/);
  assert.throws(() => decodeHeader(good.subarray(0, 31)), /expected 32 bytes, got 31/);
});

test('a field that does not fit fails an assertion', () => {
  const header = decodeHeader(encodeMessage(addresses, body));
  assert.throws(
    () => encodeHeader({ ...header, type: 256 }),
    /expected an unsigned 8-bit number as type, got 256/,
  );
  assert.throws(
    () => encodeHeader({ ...header, from: -1 }),
    /expected an unsigned 32-bit number as from, got -1/,
  );
  assert.throws(() => encodeHeader({ ...header, round: 1.5 }), /number as round, got 1.5/);
  assert.throws(() => encodeHeader({ ...header, sequence: 2 ** 32 }), /number as sequence, got 4294967296/);
});

test('a decoded message has the header and body that were encoded', () => {
  const message = decodeMessage(encodeMessage(addresses, body));
  assert.deepEqual(message.header, { ...addresses, payloadBytes: 3, indexBytes: 1, crc32: body.crc32 });
  assert.deepEqual([...message.body], [9, 8, 7]);
});

test('a body that was changed, shortened or extended is refused', () => {
  const good = encodeMessage(addresses, body);
  for (let bit = 0; bit < 24; bit++) {
    const flipped = good.slice();
    flipped[HEADER_BYTES + (bit >> 3)]! ^= 1 << (bit & 7);
    assert.throws(() => decodeMessage(flipped), /expected a body with crc32/);
  }
  assert.throws(() => decodeMessage(good.subarray(0, 34)), /expected a body of 3 bytes, got 2/);
  assert.throws(() => decodeMessage(new Uint8Array([...good, 0])), /expected a body of 3 bytes, got 4/);
});
