import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.js';
import { arbitraryVector, testCodec } from '../testing/codecs.js';
import { type QsgdOptions, qsgd, qsgdEntry } from './qsgd.js';

const settings: readonly QsgdOptions[] = [
  { levels: 7, bucket: 512, norm: 'max', coding: 'packed' },
  { levels: 1, bucket: 4, norm: 'l2', coding: 'packed' },
  { levels: 100, bucket: 3, norm: 'l2', coding: 'arithmetic' },
  { levels: 32_767, bucket: 5, norm: 'max', coding: 'arithmetic' },
];

/** The norm of the bucket of coordinate i, as float32, worked out apart. */
function normOf(values: Float32Array, i: number, { bucket, norm }: QsgdOptions): number {
  const from = i - (i % bucket);
  const own = [...values.subarray(from, from + bucket)].map(Math.abs);
  const exact =
    norm === 'max' ? Math.max(...own) : Math.sqrt(own.reduce((sum, value) => sum + value * value, 0));
  return Math.fround(exact);
}

test('qsgd keeps the laws: a coordinate arrives as one of the two levels around it', () => {
  for (const options of settings) {
    testCodec({
      make: () => qsgd(options, 11),
      body: arbitraryVector(11),
      matches: ({ values }, view) =>
        view.length === 11 &&
        values.every((value, i) => {
          const norm = normOf(values, i, options);
          const got = view.values[i]!;
          if (!Number.isFinite(norm)) return Number.isNaN(got);
          const exact = norm === 0 ? 0 : (value / norm) * options.levels;
          return [Math.floor(exact), Math.ceil(exact)].some(
            (level) => Math.fround((norm * level) / options.levels) === got,
          );
        }),
    });
  }
});

test('the mean of what arrives is what was sent, and its variance that of the paper', () => {
  const random = new Random('unbiased');
  const values = Float32Array.from({ length: 40 }, () => random.normal());
  const times = 4000;
  for (const norm of ['max', 'l2'] as const) {
    const options: QsgdOptions = { levels: 3, bucket: 20, norm, coding: 'packed' };
    const codec = qsgd(options, 40);
    const sums = new Float64Array(40);
    let squares = 0;
    for (let k = 0; k < times; k++) {
      const { bytes } = codec.encode({ values }, random);
      const got = codec.decode(bytes, 0).values;
      for (const [i, value] of got.entries()) {
        sums[i]! += value;
        squares += (value - values[i]!) ** 2;
      }
    }
    let variance = 0;
    for (const [i, value] of values.entries()) {
      const gap = normOf(values, i, options) / 3;
      const share = Math.abs(value) / gap - Math.floor(Math.abs(value) / gap);
      const own = gap * gap * share * (1 - share);
      variance += own;
      const error = Math.abs(sums[i]! / times - value);
      assert.ok(error <= 5 * Math.sqrt(own / times) + 1e-6, `coordinate ${i} is off by ${error}`);
    }
    assert.ok(Math.abs(squares / times / variance - 1) < 0.05, `${squares / times} for ${variance}`);
    if (norm === 'max') continue;
    // Lemma 3.1: E‖Q(v) − v‖² ≤ min(n / s², √n / s) ‖v‖², for each bucket.
    const bound = Math.min(20 / 9, Math.sqrt(20) / 3) * values.reduce((sum, value) => sum + value ** 2, 0);
    assert.ok(variance <= bound);
  }
});

test('scaled, less is lost than was sent, by as much as the paper says', () => {
  const random = new Random('scaled');
  const values = Float32Array.from({ length: 250 }, () => random.normal());
  const size = values.reduce((sum, value) => sum + value * value, 0);
  for (const norm of ['max', 'l2'] as const) {
    for (const levels of [1, 3, 20]) {
      const lost = (scaled: boolean) => {
        const codec = qsgd({ levels, bucket: 100, norm, coding: 'packed', scaled }, 250);
        let squares = 0;
        for (let k = 0; k < 1000; k++) {
          const got = codec.decode(codec.encode({ values }, random).bytes, 0).values;
          squares += got.reduce((sum, value, i) => sum + (value - values[i]!) ** 2, 0);
        }
        return squares / 1000 / size;
      };
      // Of the larger bucket.
      const shrink = 1 + Math.min(100 / levels ** 2, Math.sqrt(100) / levels);
      assert.ok(lost(true) <= 1.02 * (1 - 1 / shrink), `${norm}, ${levels}: ${lost(true)}`);
      const options = { levels, bucket: 100, norm, coding: 'packed' } as const;
      assert.equal(lost(false) > 1, qsgdEntry.expands!(options, 250), `${norm}, ${levels}: ${lost(false)}`);
      assert.equal(qsgdEntry.expands!({ ...options, scaled: true }, 250), false);
    }
  }
});

test('scaled by hand: a bucket of 4 with one level has τ = 1 + 2', () => {
  const codec = qsgd({ levels: 1, bucket: 4, norm: 'max', coding: 'packed', scaled: true }, 5);
  const { bytes } = codec.encode({ values: Float32Array.of(6, -6, 0, 6, 1) }, new Random('any'));
  // The last bucket has one number: τ = 1 + 1.
  assert.deepEqual([...codec.decode(bytes, 0).values], [2, -2, 0, 2, 0.5]);
});

test('by hand: norm 4, four levels, of which every coordinate here is one', () => {
  const codec = qsgd({ levels: 4, bucket: 3, norm: 'max', coding: 'packed' }, 5);
  const values = Float32Array.of(4, -3, 0, 0, 0);
  const { bytes, valuesBytes } = codec.encode({ values }, new Random('any'));
  // Norms 4 and 0; then in 4 bits each, low bits first, 4 + 4, −3 + 4, 4, 4, 4.
  assert.equal(Buffer.from(bytes).toString('hex'), '0000804000000000184404');
  assert.equal(valuesBytes, 4 * 2 + 3);
  assert.deepEqual([...codec.decode(bytes, 0).values], [...values]);
});

test('the bytes of a vector and a stream are those that they always were', () => {
  const values = Float32Array.from({ length: 12 }, (_, i) => Math.fround(((i * 7) % 12) - 5.3));
  const hex = (coding: 'packed' | 'arithmetic') => {
    const codec = qsgd({ levels: 7, bucket: 8, norm: 'l2', coding }, 12);
    return Buffer.from(codec.encode({ values }, new Random('golden')).bytes).toString('hex');
  };
  assert.deepEqual(
    [hex('packed'), hex('arithmetic')],
    ['89d4264113aabc4083a5b6474a6d', '89d4264113aabc409dea13ed598a3e00'],
  );
});

test('the sizes are those of the formula', () => {
  for (const [levels, bits] of [
    [1, 2],
    [3, 3],
    [4, 4],
    [7, 4],
    [8, 5],
    [127, 8],
  ] as const) {
    const codec = qsgd({ levels, bucket: 100, norm: 'max', coding: 'packed' }, 1001);
    const { bytes } = codec.encode({ values: new Float32Array(1001).fill(1) }, new Random('size'));
    assert.equal(bytes.length, 4 * 11 + Math.ceil((1001 * bits) / 8));
  }
});

test('norms and levels that no encoder writes are refused', () => {
  const codec = qsgd({ levels: 4, bucket: 2, norm: 'max', coding: 'packed' }, 2);
  const corrupt = { name: 'CorruptBodyError' };
  const body = (...bytes: number[]) => Uint8Array.from(bytes);
  assert.deepEqual([...codec.decode(body(0, 0, 0x80, 0x3f, 0x08), 0).values], [1, -1]);
  assert.throws(() => codec.decode(body(0, 0, 0x80, 0x3f, 0x09), 0), corrupt, 'level 5');
  assert.throws(() => codec.decode(body(0, 0, 0, 0, 0x08), 0), corrupt, 'a level under a norm of 0');
  assert.throws(() => codec.decode(body(0, 0, 0x80, 0xbf, 0x44), 0), corrupt, 'a norm of −1');
  assert.throws(() => codec.decode(body(0, 0, 0x80, 0x7f, 0x44), 0), corrupt, 'an infinite norm');
  assert.throws(() => codec.decode(body(0, 0, 0x80, 0x3f, 0x44), 1), corrupt, 'an index part');
});

test('the options have defaults and bounds', () => {
  assert.deepEqual(qsgdEntry.options.parse({}), { levels: 7, bucket: 512, norm: 'max', coding: 'packed' });
  for (const wrong of [{ levels: 0 }, { levels: 40_000 }, { bucket: 0 }, { norm: 'l1' }, { coding: 'elias' }])
    assert.equal(qsgdEntry.options.safeParse(wrong).success, false);
});
