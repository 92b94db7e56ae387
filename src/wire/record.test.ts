import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { Random } from '../random.js';
import { arbitraryVector, testCodec } from '../testing/codecs.js';
import { type Codec, CorruptBodyError, type VectorBody } from './codec.js';
import { number, numbers } from './control.js';
import { float32 } from './float32.js';
import { record } from './record.js';
import { topK } from './top-k.js';

const random = new Random('unused');
const varint = topK({ k: 2, indices: 'varint' }, 400);
const plainVector = (length: number) => arbitraryVector(length).map(({ values }): VectorBody => ({ values }));
const u32 = fc.integer({ min: 0, max: 0xffffffff });

/** ASCII text of any length: a codec that declares no sizes, all of it in one part. */
function text(part: 'indexBytes' | 'valuesBytes' | 'headerBytes'): Codec<string> {
  return {
    id: `text(${part})`,
    encode(body) {
      const bytes = new TextEncoder().encode(body);
      return { bytes, indexBytes: 0, valuesBytes: 0, headerBytes: 0, [part]: bytes.length };
    },
    decode(bytes, indexBytes) {
      if (indexBytes !== (part === 'indexBytes' ? bytes.length : 0)) throw new CorruptBodyError('part');
      if (bytes.some((byte) => byte > 127)) throw new CorruptBodyError('no ASCII');
      return new TextDecoder().decode(bytes);
    },
  };
}

test('params and a sample count have exactly 4 bytes per param and 4 for the count', () => {
  const codec = record({ params: float32(3), samples: number('u32') });
  const values = new Float32Array([1, 2, 3]);
  const body = codec.encode({ params: { values }, samples: 600 }, random);
  assert.equal(codec.id, 'record(params: float32, samples: u32)');
  assert.deepEqual([body.bytes.length, body.indexBytes, body.valuesBytes, body.headerBytes], [16, 0, 16, 0]);
  const decoded = codec.decode(body.bytes, 0);
  assert.deepEqual([...decoded.params.values], [1, 2, 3]);
  assert.equal(decoded.samples, 600);
  assert.equal(decoded.params.values.buffer, body.bytes.buffer, 'a dense vector is a view on the body');
});

test('index parts come first, then values, then headers, each in the order of the fields', () => {
  const codec = record({ count: number('u32', 'header'), a: number('u32'), sparse: varint });
  const values = new Float32Array(400);
  values.set([1], 7);
  values.set([2], 9);
  const body = codec.encode({ count: 5, a: 6, sparse: { values } }, random);
  assert.deepEqual([...body.bytes], [7, 1, 6, 0, 0, 0, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 5, 0, 0, 0]);
  assert.deepEqual([body.indexBytes, body.valuesBytes, body.headerBytes], [2, 12, 4]);
});

test('a length is written only if it does not follow from others', () => {
  const values = new Float32Array(400);
  const size = (codec: Codec<never, unknown>, body: unknown) =>
    codec.encode(body as never, random).headerBytes;
  const vector = { values };
  assert.equal(size(record({ x: varint }), { x: vector }), 0);
  assert.equal(size(record({ x: varint, y: varint }), { x: vector, y: vector }), 4);
  assert.equal(size(record({ x: varint, t: text('valuesBytes') }), { x: vector, t: 'a' }), 4 * 2);
  assert.deepEqual(record({ x: float32(2), n: number('u32', 'header') }).sizes, {
    index: 0,
    values: 8,
    header: 4,
  });
  assert.deepEqual(record({ x: varint, y: varint }).sizes, { values: 16, header: 4 });
});

test('records of fields of fixed size keep the laws', () => {
  testCodec({
    make: () => record({ dense: float32(3), some: numbers('float64', 2), sparse: varint, n: number('u32') }),
    body: fc.record({
      dense: plainVector(3),
      some: fc.array(fc.double(), { minLength: 2, maxLength: 2 }),
      sparse: plainVector(400),
      n: u32,
    }),
    matches: (body, decoded) =>
      isDeepStrictEqual(body.dense.values, decoded.dense.values) &&
      isDeepStrictEqual(body.some, decoded.some) &&
      decoded.sparse.indices!.every((index, i) =>
        Object.is(decoded.sparse.values[i], body.sparse.values[index]),
      ) &&
      body.n === decoded.n,
  });
});

test('records of fields of any size keep the laws, and refuse bytes that they cannot have written', () => {
  const ascii = fc.string({ unit: 'binary-ascii', maxLength: 9 });
  testCodec({
    make: () =>
      record({
        head: text('headerBytes'),
        at: text('indexBytes'),
        n: number('u32'),
        more: text('indexBytes'),
        said: text('valuesBytes'),
      }),
    body: fc.record({ head: ascii, at: ascii, n: u32, more: ascii, said: ascii }, { noNullPrototype: true }),
    matches: isDeepStrictEqual,
    reencode: (decoded) => decoded,
    numRuns: 300,
  });
});

test('a record can be a field of another', () => {
  const inner = record({ a: varint, b: varint });
  testCodec({
    make: () => record({ first: inner, n: number('u32'), second: inner }),
    body: fc.record({
      first: fc.record({ a: plainVector(400), b: plainVector(400) }),
      n: u32,
      second: fc.record({ a: plainVector(400), b: plainVector(400) }),
    }),
    matches: (body, decoded) =>
      [
        [body.first.a, decoded.first.a],
        [body.first.b, decoded.first.b],
        [body.second.a, decoded.second.a],
        [body.second.b, decoded.second.b],
      ].every(([sent, got]) =>
        (got as { indices: Uint32Array }).indices.every((index, i) =>
          Object.is(got!.values[i], sent!.values[index]),
        ),
      ) && body.n === decoded.n,
    numRuns: 50,
  });
});

test('the name of a field cannot be a whole number, since objects do not keep their order', () => {
  assert.throws(() => record({ b: float32(1), '0': float32(1) }), /not whole numbers.*got "0"/);
});
