import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { Random } from '../random.js';
import { testCodec } from '../testing/codecs.js';
import { number } from './control.js';
import { groupedValues } from './grouped-values.js';
import { record } from './record.js';

const random = new Random('unused');

/** Nine groups; coordinate i is in group i mod 10, or in none. */
const GROUPS = 9;
const layoutOf = (length: number) => ({
  groupOf: Int32Array.from({ length }, (_, i) => (i % 10 === GROUPS ? -1 : i % 10)),
  groups: GROUPS,
});

/** All kinds of float32, −0 and NaN among them, under any choice of groups. */
const bodies = (length: number): fc.Arbitrary<{ values: Float32Array; kept: Uint8Array }> =>
  fc
    .tuple(
      fc.float32Array({ minLength: length, maxLength: length }),
      fc.uint8Array({ minLength: GROUPS, maxLength: GROUPS, max: 1 }),
    )
    .map(([values, kept]) => {
      const { groupOf } = layoutOf(length);
      return { values: values.map((value, i) => (groupOf[i]! < 0 || kept[groupOf[i]!] ? value : 0)), kept };
    });

for (const length of [0, 1, 9, 10, 61]) {
  test(`${length} values in groups keep the laws of codecs`, () => {
    testCodec({
      make: () => groupedValues(layoutOf(length)),
      body: bodies(length),
      matches: ({ values, kept }, view) =>
        view.length === length &&
        values.every((value, i) => Object.is(value, view.values[i])) &&
        kept.every((bit, g) => bit === view.kept[g]),
      reencode: ({ values, kept }) => ({ values, kept }),
    });
  });
}

test('a body has one bit a group, and four bytes for each coordinate of a kept group or of none', () => {
  const kept = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 1);
  const values = new Float32Array(20);
  values[8] = 1;
  values[9] = -2;
  const body = groupedValues(layoutOf(20)).encode({ values, kept }, random);
  // Groups 0 and 8, and the coordinates 9 and 19 of none.
  assert.deepEqual([body.indexBytes, body.valuesBytes, body.headerBytes], [2, 4 * 6, 0]);
  assert.deepEqual([...body.bytes.subarray(0, 2)], [1, 1]);
});

test('values of groups that are not kept are refused, and so are bytes of another size', () => {
  const codec = groupedValues({ groupOf: Int32Array.of(0, 1), groups: 2 });
  const body = { values: Float32Array.of(1, 1), kept: Uint8Array.of(1, 0) };
  assert.throws(() => codec.encode(body, random), /expected 0 at index 1, whose group is not kept, got 1/);
  assert.throws(() => codec.decode(Uint8Array.of(1, 0, 0), 1), /expected 4 bytes of values, got 2/);
  assert.throws(() => codec.decode(new Uint8Array(0), 0), /expected a mask of 1 bytes, got 0/);
});

test('grouped values can be a field of a record', () => {
  const codec = record({ model: groupedValues(layoutOf(12)), samples: number('u32', 'header') });
  const body = { values: new Float32Array(12), kept: new Uint8Array(GROUPS) };
  const { bytes, indexBytes } = codec.encode({ model: body, samples: 7 }, random);
  assert.equal(bytes.length, 2 + 4 + 4);
  assert.equal(codec.decode(bytes, indexBytes).samples, 7);
});

test('the example in the documentation has the bytes that are sent', () => {
  const layout = { groupOf: Int32Array.of(0, 1, 0, 1, -1), groups: 2 };
  const body = { values: Float32Array.of(1, 0, -2, 0, 0.5), kept: Uint8Array.of(1, 0) };
  const block = /```hex grouped-values\n([^`]*)```/.exec(readFileSync(join('docs', 'wire.md'), 'utf8'))!;
  const lines = [...block[1]!.matchAll(/^ *\d+ {2}((?:[0-9a-f]{2} )*[0-9a-f]{2})/gm)];
  const hex = lines.map(([, line]) => line!.replaceAll(' ', '')).join('');
  assert.equal(hex, Buffer.from(groupedValues(layout).encode(body, random).bytes).toString('hex'));
});
