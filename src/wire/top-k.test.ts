import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.js';
import { arbitraryVector, testCodec } from '../testing/codecs.js';
import type { VectorBody, VectorView } from './codec.js';
import { type KeptOptions, keptOf } from './kept.js';
import { largest } from './select.js';
import { topK, topKEntry } from './top-k.js';

const random = new Random('unused');

/** The body whose ranks choose what was received. */
function reencode(view: VectorView): VectorBody {
  const values = new Float32Array(view.length);
  const rank = new Float32Array(view.length);
  const from = new Uint32Array(view.values.slice().buffer);
  const to = new Uint32Array(values.buffer);
  view.indices!.forEach((index, i) => {
    to[index] = from[i]!;
    rank[index] = 1;
  });
  return { values, rank };
}

test('top-k keeps the laws with both index codings', () => {
  for (const indices of ['u32', 'varint'] as const) {
    for (const [length, options] of [
      [9, { k: 4 }],
      [300, { fraction: 0.02 }],
      [3, { fraction: 1 }],
    ] as const) {
      const kept = keptOf('top-k', options, length);
      testCodec({
        make: () => topK({ ...options, indices }, length),
        body: arbitraryVector(length),
        matches: (body, view) => {
          const chosen = largest(body.rank ?? body.values, kept);
          return (
            view.length === length &&
            view.values.length === kept &&
            chosen.every((index, i) => {
              return view.indices![i] === index && Object.is(view.values[i], body.values[index]);
            })
          );
        },
        reencode,
      });
    }
  }
});

test('a top-k body has the indices, then the values', () => {
  const values = new Float32Array([0, 0, 1, 0, 0, -2]);
  const u32 = topK({ k: 2, indices: 'u32' }, 6).encode({ values }, random);
  assert.deepEqual([...u32.bytes], [2, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
  assert.deepEqual([u32.indexBytes, u32.valuesBytes, u32.headerBytes], [8, 8, 0]);
  const varint = topK({ k: 2, indices: 'varint' }, 6).encode({ values }, random);
  assert.deepEqual([...varint.bytes], [2, 2, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
  assert.deepEqual([varint.indexBytes, varint.valuesBytes, varint.headerBytes], [2, 8, 0]);
});

test('the rank decides which values are sent, if there is one', () => {
  const codec = topK({ k: 1, indices: 'u32' }, 3);
  const { bytes } = codec.encode(
    { values: new Float32Array([9, 1, 2]), rank: new Float32Array([0, 0, -1]) },
    random,
  );
  const view = codec.decode(bytes, 4);
  assert.deepEqual([[...view.indices!], [...view.values]], [[2], [2]]);
});

test('the number of coordinates is rounded down, at least one, and exact for a decimal fraction', () => {
  const kept = (options: KeptOptions, length: number) => keptOf('top-k', options, length);
  assert.equal(kept({ fraction: 0.1 }, 59), 5);
  assert.equal(kept({ fraction: 0.001 }, 10), 1);
  assert.equal(kept({ fraction: 0.29 }, 100), 29);
  // To 12 digits.
  assert.equal(kept({ fraction: 0.299999999999 }, 100), 29);
  assert.equal(kept({ fraction: 0.29999999999999 }, 100), 30);
  assert.equal(kept({ fraction: 0.1 }, 0), 0);
  assert.equal(kept({ k: 7 }, 7), 7);
  assert.throws(() => kept({ k: 8 }, 7), { name: 'UsageError', message: /k of at most 7.* got 8/ });
});

test('the options are a fraction or k but not both, and by default the fraction 10%', () => {
  const parse = (given: unknown) => topKEntry.options.parse(given);
  assert.deepEqual(parse({}), { fraction: 0.1, indices: 'u32' });
  assert.deepEqual(parse({ fraction: '5%', indices: 'varint' }), { fraction: 0.05, indices: 'varint' });
  assert.deepEqual(parse({ k: 3 }), { k: 3, indices: 'u32' });
  assert.throws(() => parse({ fraction: '5%', k: 3 }), /fraction or k, got both/);
  assert.throws(() => parse({ fraction: 0.05 }), /expected a share, such as \\"1%\\"/);
  assert.throws(() => parse({ k: 0 }));
});

test('the id of a codec has its settings', () => {
  assert.equal(topK({ fraction: 0.07, indices: 'varint' }, 100).id, 'top-k(7%, varint)');
  assert.equal(topK({ k: 20, indices: 'u32' }, 100).id, 'top-k(20, u32)');
});

test('a share is written in per cent with at most twelve digits', () => {
  const idOf = (fraction: number) => topK({ fraction, indices: 'u32' }, 10).id;
  assert.equal(idOf(0.07), 'top-k(7%, u32)');
  assert.equal(idOf(0.1234567890123), 'top-k(12.3456789012%, u32)');
});
