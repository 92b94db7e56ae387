import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { Random } from '../random.js';
import { testCodec } from '../testing/codecs.js';
import { number } from './control.js';
import { type MaskedBody, maskedValues } from './masked-values.js';
import { record } from './record.js';

const random = new Random('unused');

/** All kinds of float32, −0 and NaN among them, under any mask. */
const bodies = (length: number): fc.Arbitrary<MaskedBody> =>
  fc
    .tuple(
      fc.float32Array({ minLength: length, maxLength: length }),
      fc.uint8Array({ minLength: length, maxLength: length, max: 1 }),
    )
    .map(([values, mask]) => ({ values: values.map((value, i) => (mask[i] === 1 ? value : 0)), mask }));

for (const length of [0, 1, 8, 9, 61]) {
  test(`values under masks of ${length} elements keep the laws of codecs`, () => {
    testCodec({
      make: () => maskedValues(length),
      body: bodies(length),
      matches: ({ values, mask }, view) =>
        view.length === length &&
        values.every((value, i) => Object.is(value, view.values[i])) &&
        mask.every((bit, i) => bit === view.mask[i]),
      reencode: ({ values, mask }) => ({ values, mask }),
    });
  });
}

test('a body has one bit per coordinate, rounded up to bytes, and four bytes per coordinate that the mask keeps', () => {
  const exact = fc.property(
    fc.integer({ min: 0, max: 70 }).chain((length) => bodies(length)),
    ({ values, mask }) => {
      const body = maskedValues(values.length).encode({ values, mask }, random);
      const ones = mask.filter((bit) => bit === 1).length;
      assert.equal(body.indexBytes, Math.ceil(values.length / 8));
      assert.equal(body.valuesBytes, 4 * ones);
      assert.equal(body.bytes.length, body.indexBytes + body.valuesBytes);
    },
  );
  fc.assert(exact, { seed: 1 });
});

test('the example in the documentation has the bytes that are sent', () => {
  const values = Float32Array.from([0, 1.5, 0, 0, 0, 0, 0, 0, 0, -2]);
  const mask = Uint8Array.from([0, 1, 0, 0, 0, 0, 0, 0, 1, 1]);
  const { bytes } = maskedValues(10).encode({ values, mask }, random);
  const block = /```hex masked-values\n([^`]*)```/.exec(documentation());
  assert.ok(block, 'docs/wire.md has a hex block named masked-values');
  const documented = [...block[1]!.matchAll(/^ *\d+ {2}((?:[0-9a-f]{2} )*[0-9a-f]{2})/gm)];
  const hex = documented.map(([, line]) => line!.replaceAll(' ', '')).join('');
  assert.equal(hex, Buffer.from(bytes).toString('hex'));
});

test('a value other than 0 where the mask is 0 is refused with its index', () => {
  const body = { values: Float32Array.of(1, 2), mask: Uint8Array.of(1, 0) };
  assert.throws(() => maskedValues(2).encode(body, random), {
    name: 'PluginError',
    message: /expected 0 at index 1, where the mask is 0, got 2/,
  });
});

test('pad bits that are set, and values that the mask does not keep, are refused', () => {
  const codec = maskedValues(2);
  const corrupt = (bytes: number[], indexBytes: number, message: RegExp) =>
    assert.throws(() => codec.decode(Uint8Array.from(bytes), indexBytes), {
      name: 'CorruptBodyError',
      message,
    });
  corrupt([0b101, 0, 0, 0, 0], 1, /pad bits/);
  corrupt([0b01], 1, /expected 4 bytes after a mask of 1 ones, got 0/);
  corrupt([0b01, 0, 0, 0, 0, 0, 0, 0, 0], 1, /expected 4 bytes .* got 8/);
  corrupt([0b00, 0, 0, 0, 0], 5, /expected a mask of 1 bytes, got 5/);
  corrupt([], 0, /expected a mask of 1 bytes, got 0/);
});

test('a record of masked values and a count writes no lengths', () => {
  const codec = record({ model: maskedValues(9), samples: number('u32', 'header') });
  const model = { values: new Float32Array(9), mask: new Uint8Array(9) };
  model.values[8] = 3;
  model.mask[8] = 1;
  const body = codec.encode({ model, samples: 7 }, random);
  assert.equal(body.bytes.length, 2 + 4 + 4);
  assert.deepEqual(codec.decode(body.bytes, body.indexBytes), { model: { length: 9, ...model }, samples: 7 });
});

function documentation(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    assert.notEqual(folder, dirname(folder), 'a package.json above this test');
    folder = dirname(folder);
  }
  return readFileSync(join(folder, 'docs', 'wire.md'), 'utf8');
}
