import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.js';
import { arbitraryVector, testCodec } from '../testing/codecs.js';
import { entropyQuantized, entropyQuantizedEntry } from './entropy-quantized.js';

const random = new Random('unused');
const LARGEST = 3.4028234663852886e38;

/** The step worked out apart. */
function stepOf(values: Float32Array, relative: number): number {
  const squares = [...values].reduce((sum, value) => sum + value * value, 0);
  const step = Math.fround(relative * Math.sqrt(squares / values.length));
  return squares > 0 ? Math.min(LARGEST, Math.max(2 ** -149, step)) : 0;
}

test('entropy-quantized keeps the laws: a coordinate arrives as the nearest multiple of the step', () => {
  for (const step of [0.001, 0.25, 3]) {
    testCodec({
      make: () => entropyQuantized({ step }, 7),
      body: arbitraryVector(7),
      matches: ({ values }, view) => {
        if (!values.every(Number.isFinite)) return view.values.every(Number.isNaN);
        const size = stepOf(values, step);
        return values.every((value, i) => {
          const got = view.values[i]!;
          if (size === 0) return got === 0;
          const multiple = Math.round(got / size);
          const isMultiple = Math.fround(multiple * size) === got || Math.abs(got) === LARGEST;
          return isMultiple && Math.abs(value - got) <= 0.5000001 * size + Math.abs(value) * 2 ** -24;
        });
      },
    });
  }
});

test('by hand: a root mean square of 2 and half of it as step', () => {
  const codec = entropyQuantized({ step: 0.5 }, 4);
  const { bytes, valuesBytes } = codec.encode({ values: Float32Array.of(2, -2, 2, -2) }, random);
  assert.equal(Buffer.from(bytes.subarray(0, 4)).toString('hex'), '0000803f');
  assert.equal(valuesBytes, bytes.length);
  assert.deepEqual([...codec.decode(bytes, 0).values], [2, -2, 2, -2]);
});

test('the bytes of a vector are those that they always were', () => {
  const values = Float32Array.from({ length: 20 }, (_, i) => Math.fround(((i * 7) % 20) - 9.3));
  const { bytes } = entropyQuantized({ step: 0.25 }, 20).encode({ values }, random);
  assert.equal(Buffer.from(bytes).toString('hex'), 'c8a1b83f95868c1ecf98e35db881b06f00');
});

test('normal numbers take what theory says: h − log₂ step bits, and have the error step²/12', () => {
  const draws = new Random('normal');
  const values = Float32Array.from({ length: 60_000 }, () => 3 * draws.normal());
  const codec = entropyQuantized({ step: 0.25 }, values.length);
  const { bytes } = codec.encode({ values }, random);
  // The differential entropy of a standard normal number is ½ log₂ 2πe = 2.047 bits.
  const bits = 0.5 * Math.log2(2 * Math.PI * Math.E) - Math.log2(0.25);
  assert.ok(Math.abs((8 * bytes.length) / values.length / bits - 1) < 0.01);
  const got = codec.decode(bytes, 0).values;
  const error = values.reduce((sum, value, i) => sum + (value - got[i]!) ** 2, 0) / values.length;
  assert.ok(Math.abs(error / ((0.25 * 3) ** 2 / 12) - 1) < 0.02);
});

test('of zeros and of what is not finite only the step is sent', () => {
  const codec = entropyQuantized({ step: 1 }, 3);
  const zeros = codec.encode({ values: new Float32Array(3) }, random).bytes;
  assert.deepEqual([...zeros], [0, 0, 0, 0]);
  assert.deepEqual([...codec.decode(zeros, 0).values], [0, 0, 0]);
  const diverged = codec.encode({ values: Float32Array.of(1, Infinity, 2) }, random).bytes;
  assert.deepEqual([...diverged], [0, 0, 0xc0, 0x7f]);
  assert.deepEqual([...codec.decode(diverged, 0).values], [Number.NaN, Number.NaN, Number.NaN]);
  assert.throws(() => codec.decode(Uint8Array.of(...zeros, 1), 0), { name: 'CorruptBodyError' });
});

test('the options have defaults and bounds', () => {
  assert.deepEqual(entropyQuantizedEntry.options.parse({}), { step: 0.25 });
  for (const step of [0, 0.0001, 11])
    assert.equal(entropyQuantizedEntry.options.safeParse({ step }).success, false);
});
