import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { testCodec } from '../testing/codecs.js';
import { type Codec, CorruptBodyError, type EncodedBody } from './codec.js';

/** A correct codec of lists of bytes below 100. */
const honest: Codec<number[]> = {
  id: 'honest',
  encode: (body) => encodedOf(Uint8Array.from(body)),
  decode(bytes, indexBytes) {
    if (indexBytes !== 0 || bytes.some((byte) => byte >= 100)) throw new CorruptBodyError('honest');
    return [...bytes];
  },
};

function encodedOf(bytes: Uint8Array): EncodedBody {
  return { bytes, indexBytes: 0, valuesBytes: bytes.length, headerBytes: 0 };
}

function check(make: () => Codec<number[]>): void {
  testCodec({
    make,
    body: fc.array(fc.integer({ min: 0, max: 99 }), { maxLength: 8 }),
    matches: (body, decoded) => JSON.stringify(body) === JSON.stringify(decoded),
    reencode: (decoded) => decoded,
  });
}

test('a codec that keeps the laws passes', () => {
  check(() => honest);
});

let calls = 0;
const liars: Record<string, { readonly lie: Partial<Codec<number[]>>; readonly caught: RegExp }> = {
  'changes its body': {
    lie: { encode: (body) => encodedOf(Uint8Array.from(body.reverse()).reverse()) },
    caught: /encode does not change the body that it is given/,
  },
  'miscounts its parts': {
    lie: { encode: (body) => ({ ...encodedOf(Uint8Array.from(body)), headerBytes: 1 }) },
    caught: /the parts .* add up/,
  },
  'loses a number': {
    lie: { encode: (body) => encodedOf(Uint8Array.from(body.slice(0, 5))) },
    caught: /decode gives back the body/,
  },
  'remembers earlier bodies': {
    lie: { encode: (body) => encodedOf(Uint8Array.from([...body, calls++ % 100])), decode: shorter },
    caught: /encoding depends only on the body and the random stream/,
  },
  'reads past the end': {
    lie: { decode: (bytes) => [...new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length + 1)] },
    caught: /decode reads only the bytes that it is given/,
  },
  'changes what it reads': {
    lie: { decode: (bytes) => [...bytes.fill(1)] },
    caught: /decode does not change the bytes that it is given/,
  },
  'accepts anything': {
    lie: { decode: (bytes) => [...bytes].map((byte) => byte % 100) },
    caught: /decode refuses bytes that encode would not write/,
  },
  'throws an error of its own': {
    lie: {
      decode(bytes, indexBytes) {
        if (indexBytes !== 0 || bytes.some((byte) => byte >= 100)) throw new RangeError('mine');
        return [...bytes];
      },
    },
    caught: /no error but CorruptBodyError, got RangeError: mine/,
  },
};

function shorter(bytes: Uint8Array): number[] {
  return [...bytes.subarray(0, -1)];
}

for (const [name, { lie, caught }] of Object.entries(liars)) {
  test(`a codec that ${name} is caught`, () => {
    assert.throws(() => check(() => ({ ...honest, ...lie })), caught);
  });
}
