import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.js';
import { arbitraryVector, testCodec } from '../testing/codecs.js';
import type { CodecMemory } from './codec.js';
import { codecOption, createCodec } from './codecs.js';
import { fedBack } from './fed-back.js';
import { float16 } from './float16.js';
import { qsgd } from './qsgd.js';
import { sign } from './sign.js';

const random = new Random('error feedback');

test('without memory it is the codec that it is around', () => {
  testCodec({
    make: () => fedBack(sign({}, 5)),
    body: arbitraryVector(5),
    matches: (body, view) => {
      const plain = sign({}, 5).encode(body, random);
      return sign({}, 5)
        .decode(plain.bytes, 0)
        .values.every((value, i) => Object.is(value, view.values[i]));
    },
    reencode: ({ values }) => ({ values }),
  });
});

test('by hand: signs of 3 and −1, and then of what they owe', () => {
  const codec = fedBack(sign({}, 2));
  const memory: CodecMemory = { value: undefined };
  const next = (values: readonly number[]) => {
    const { bytes } = codec.encode({ values: Float32Array.from(values) }, random, memory);
    return [...codec.decode(bytes, 0).values];
  };
  assert.deepEqual(next([3, -1]), [2, -2]);
  // Owed 1 and 1: sent 4 and 0, mean 2.
  assert.deepEqual(next([3, -1]), [2, 2]);
  // Owed 2 and −2: sent 5 and −3.
  assert.deepEqual(next([3, -1]), [4, -4]);
});

test('what one receiver is owed is not sent to another one', () => {
  const codec = fedBack(sign({}, 2));
  const memory: CodecMemory = { value: undefined };
  const next = (to: readonly number[], values: readonly number[]) => {
    const { bytes } = codec.encode(
      { values: Float32Array.from(values) },
      random,
      Object.assign(memory, { to }),
    );
    return [...codec.decode(bytes, 0).values];
  };
  assert.deepEqual(next([7], [3, -1]), [2, -2]);
  assert.deepEqual(next([8], [-3, 1]), [-2, 2]);
  assert.deepEqual(next([7, 8], [3, -1]), [2, -2]);
  // Owed 1 and 1, as in the test by hand; −1 and −1; 1 and 1.
  assert.deepEqual(next([7], [3, -1]), [2, 2]);
  assert.deepEqual(next([8], [-3, 1]), [-2, 2]);
  assert.deepEqual(next([8, 7], [3, -1]), [2, 2]);
});

test('what has arrived and what is owed add up to what was sent', () => {
  for (const inner of [
    float16(8),
    sign({ bucket: 3 }, 8),
    qsgd({ levels: 2, bucket: 8, norm: 'max', coding: 'packed' }, 8),
  ]) {
    const codec = fedBack(inner);
    const memory: CodecMemory = { value: undefined };
    const [wanted, got] = [new Float64Array(8), new Float64Array(8)];
    for (let k = 0; k < 50; k++) {
      const values = Float32Array.from({ length: 8 }, () => random.normal());
      const { bytes } = codec.encode({ values }, random, memory);
      const view = codec.decode(bytes, 0);
      for (let i = 0; i < 8; i++) {
        wanted[i]! += values[i]!;
        got[i]! += view.values[i]!;
      }
    }
    const { error } = (memory.value as { all: { error: Float32Array } }).all;
    for (let i = 0; i < 8; i++) assert.ok(Math.abs(wanted[i]! - got[i]! - error[i]!) < 1e-3);
  }
});

test('what is not finite is not fed back', () => {
  const codec = fedBack(float16(2));
  const memory: CodecMemory = { value: undefined };
  codec.encode({ values: Float32Array.of(1e6, Number.NaN) }, random, memory);
  const { bytes } = codec.encode({ values: Float32Array.of(1, 2) }, random, memory);
  assert.deepEqual([...codec.decode(bytes, 0).values], [1, 2]);
});

test('it has the sizes of the other codec, and refuses a sparse one', () => {
  assert.deepEqual((fedBack(sign({}, 9)) as { sizes?: unknown }).sizes, { index: 0, values: 6, header: 0 });
  const chosen = codecOption().parse({ use: 'error-feedback', codec: { use: 'qsgd', levels: 3 } });
  assert.equal(createCodec(chosen, { length: 4 }).id, 'error-feedback(qsgd(3, 512, max, packed))');
  assert.throws(
    () => codecOption().parse({ use: 'error-feedback', codec: 'top-k' }),
    /expected a dense codec, or delta around the sparse one, got .*top-k/,
  );
});
