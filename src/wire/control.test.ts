import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Random } from '../random.js';
import { testCodec } from '../testing/codecs.js';
import { empty, number, numbers } from './control.js';

const random = new Random('unused');

test('empty keeps the laws and has no bytes', () => {
  testCodec({
    make: () => empty,
    body: fc.constant(null),
    matches: (_body, decoded) => decoded === null,
    reencode: () => null,
  });
  assert.equal(empty.encode(null, random).bytes.length, 0);
  assert.throws(() => empty.encode({} as never, random), /expected null as body/);
});

test('numbers keep the laws in both forms and both parts', () => {
  const u32 = fc.integer({ min: 0, max: 0xffffffff });
  for (const part of ['values', 'header'] as const) {
    for (const [form, one] of [
      ['u32', u32],
      ['float64', fc.double()],
    ] as const) {
      testCodec({
        make: () => numbers(form, 3, part),
        body: fc.array(one, { minLength: 3, maxLength: 3 }),
        matches: (body, decoded) => body.every((value, i) => Object.is(value, decoded[i])),
        reencode: (decoded) => decoded,
      });
      testCodec({
        make: () => number(form, part),
        body: one,
        matches: (body, decoded) => Object.is(body, decoded),
        reencode: (decoded) => decoded,
      });
    }
  }
});

test('the sizes that are known beforehand are those of the bodies', () => {
  for (const { sizes, body } of [
    { sizes: empty.sizes, body: empty.encode(null, random) },
    { sizes: number('u32').sizes, body: number('u32').encode(1, random) },
    {
      sizes: numbers('float64', 3, 'header').sizes,
      body: numbers('float64', 3, 'header').encode([1, 2, 3], random),
    },
  ]) {
    const { indexBytes: index, valuesBytes: values, headerBytes: header } = body;
    assert.deepEqual(sizes, { index, values, header });
  }
});

test('numbers are counted in the requested part', () => {
  const { bytes, ...values } = number('u32').encode(600, random);
  assert.deepEqual([...bytes], [0x58, 0x02, 0, 0]);
  assert.deepEqual(values, { indexBytes: 0, valuesBytes: 4, headerBytes: 0 });
  const header = numbers('float64', 2, 'header').encode([1, 2], random);
  assert.deepEqual([header.indexBytes, header.valuesBytes, header.headerBytes], [0, 0, 16]);
});

test('every NaN is sent with the same bits, and received ones with other bits are refused', () => {
  const { bytes } = number('float64').encode(Number.NaN, random);
  assert.deepEqual([...bytes], [0, 0, 0, 0, 0, 0, 0xf8, 0x7f]);
  bytes[0] = 1;
  assert.throws(() => number('float64').decode(bytes, 0), { name: 'CorruptBodyError' });
});

test('numbers that do not fit their form are refused', () => {
  for (const bad of [-1, 1.5, 2 ** 32, Number.NaN]) {
    assert.throws(() => number('u32').encode(bad, random), /whole number from 0 to 4294967295/);
  }
  assert.throws(() => number('float64').encode('1' as never, random), /expected a number, got 1/);
  assert.throws(() => numbers('u32', 2).encode([1], random), /expected 2 numbers, got 1/);
});
