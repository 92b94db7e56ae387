import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Random } from '../random.js';
import { arbitraryVector, testCodec } from '../testing/codecs.js';
import { type CodecMemory, OutOfStepError, type VectorCodec } from './codec.js';
import { codecs, createCodec } from './codecs.js';
import { delta } from './delta.js';
import { float32 } from './float32.js';
import { sign } from './sign.js';
import { topK } from './top-k.js';

const random = new Random('unused');

/** A sender with its memory, and receivers with theirs. */
function sender(codec: VectorCodec) {
  let value: unknown;
  return (values: readonly number[], to: readonly number[] = [1]) => {
    const memory = { value, to };
    const encoded = codec.encode({ values: Float32Array.from(values) }, random, memory);
    value = memory.value;
    return encoded;
  };
}
function receiver(codec: VectorCodec) {
  const memory: CodecMemory = { value: undefined };
  return ({ bytes, indexBytes }: ReturnType<VectorCodec['encode']>) => [
    ...codec.decode(bytes, indexBytes, memory).values,
  ];
}
const isOutOfStep = (mayCome: boolean) => (error: unknown) =>
  error instanceof OutOfStepError && error.mayCome === mayCome;

test('a first message, or one without memory, keeps the laws of float32', () => {
  testCodec({
    make: () => delta({ refresh: 5 }, sign({}, 6), 6),
    body: arbitraryVector(6),
    matches: ({ values }, view) => values.every((value, i) => Object.is(value, view.values[i])),
  });
});

test('by hand: a whole vector, then differences in signs; what was left out stays in the next difference', () => {
  const codec = delta({ refresh: 10 }, sign({}, 2), 2);
  const [send, receive] = [sender(codec), receiver(codec)];
  const first = send([4, 8]);
  assert.equal(Buffer.from(first.bytes).toString('hex'), '000080400000004100000000');
  assert.deepEqual([first.indexBytes, first.valuesBytes, first.headerBytes], [0, 8, 4]);
  assert.deepEqual(receive(first), [4, 8]);
  // Differences 3 and −1: the mean of the magnitudes is 2.
  const second = send([7, 7]);
  assert.equal(Buffer.from(second.bytes).toString('hex'), '000000400200000100');
  assert.deepEqual([second.indexBytes, second.valuesBytes, second.headerBytes], [0, 5, 4]);
  assert.deepEqual(receive(second), [6, 6]);
  // Both are 1 short.
  assert.deepEqual(receive(send([7, 7])), [7, 7]);
});

test('a sparse codec gives dense vectors: what it leaves out has not changed', () => {
  const codec = delta({ refresh: 10 }, topK({ k: 1, indices: 'u32' }, 3), 3);
  const [send, receive] = [sender(codec), receiver(codec)];
  assert.deepEqual(receive(send([1, 2, 3])), [1, 2, 3]);
  const second = send([2, 5, 3]);
  assert.deepEqual([second.indexBytes, second.valuesBytes, second.headerBytes], [4, 4, 4]);
  assert.deepEqual(receive(second), [1, 5, 3]);
  assert.deepEqual(receive(send([2, 5, 3])), [2, 5, 3]);
});

test('every message is whole that is the first for a receiver, the last but refresh, or not finite', () => {
  const codec = delta({ refresh: 3 }, sign({}, 2), 2);
  const send = sender(codec);
  const isWhole = (values: readonly number[], to: readonly number[]) => send(values, to).bytes.length === 12;
  const ends: [readonly number[], readonly number[]][] = [
    [
      [1, 1],
      [1, 2],
    ],
    [
      [1, 2],
      [1, 2],
    ],
    [[1, 3], [1]],
    [[1, 3], [1]],
    [[1, 3], [1]],
    [
      [1, 4],
      [1, 2],
    ],
    [
      [1, Infinity],
      [1, 2],
    ],
    [
      [1, 4],
      [1, 2],
    ],
    [[1, 4], [2]],
    [[1, 4], [1]],
  ];
  assert.deepEqual(
    ends.map(([values, to]) => isWhole(values, to)),
    //     refresh: after three          node 2 is new; not finite; from infinity; node 1 has missed one
    [true, false, false, true, false, true, true, true, false, true],
  );
});

test('who has missed a message waits for it, or else for the next whole one', () => {
  const codec = delta({ refresh: 3 }, float32(1), 1);
  const [send, receive] = [sender(codec), receiver(codec)];
  const sent = [1, 2, 3, 4, 5, 6, 7].map((value) => send([value]));
  receive(sent[0]!);
  assert.throws(() => receive(sent[2]!), isOutOfStep(true), 'the second may still come');
  assert.throws(() => receive(sent[4]!), isOutOfStep(true), 'of a chain whose whole message may still come');
  assert.deepEqual(receive(sent[3]!), [4], 'a whole one needs nothing');
  assert.deepEqual(receive(sent[1]!), [2], 'the chain before goes on');
  assert.deepEqual(receive(sent[4]!), [5]);
  assert.deepEqual(receive(sent[6]!), [7]);
  assert.throws(() => receive(sent[2]!), isOutOfStep(false), 'two chains before: it will never be read');
  assert.throws(() => receive(sent[4]!), isOutOfStep(false), 'twice');
});

test('all receivers that have missed nothing have what the sender reckons with, in every codec', () => {
  const layout = { length: 20, slices: [{ shape: [5, 4], offset: 0, length: 20 }] };
  const vectors = fc.array(fc.float32Array({ minLength: 20, maxLength: 20, noNaN: true, min: -9, max: 9 }), {
    minLength: 2,
    maxLength: 6,
  });
  for (const entry of codecs.filter(({ id }) => id !== 'delta' && id !== 'error-feedback')) {
    const inner = createCodec({ entry, options: entry.options.parse({}) }, layout);
    const codec = delta({ refresh: 4 }, inner, 20);
    fc.assert(
      fc.property(vectors, (list) => {
        const memory: { value: unknown; to: number[] } = { value: undefined, to: [1] };
        const receive = receiver(codec);
        for (const values of list) {
          const got = receive(codec.encode({ values }, new Random('x'), memory));
          assert.deepEqual(got, [...(memory.value as { values: Float32Array }).values]);
        }
      }),
      { seed: 5, numRuns: 20 },
    );
  }
});

test('with top-k, all of a vector that stays has arrived after n ÷ k messages', () => {
  const codec = delta({ refresh: 100 }, topK({ k: 5, indices: 'varint' }, 20), 20);
  const [send, receive] = [sender(codec), receiver(codec)];
  receive(send(new Array<number>(20).fill(0)));
  const values = Array.from({ length: 20 }, (_, i) => i - 9.5);
  const got = [1, 2, 3, 4].map(() => receive(send(values)));
  assert.deepEqual(got.at(-1), values);
  assert.notDeepEqual(got[2], values);
});

test('numbers of chains go round', () => {
  const codec = delta({ refresh: 2 }, float32(1), 1);
  const at = (chain: number) => ({
    value: { chain, place: 1, values: new Float32Array(1), reached: [1] },
    to: [1],
  });
  const receive = receiver(codec);
  const memory = at(65_535);
  const last = codec.encode({ values: Float32Array.of(3) }, random, at(65_534));
  const next = codec.encode({ values: Float32Array.of(4) }, random, memory);
  assert.deepEqual(
    [last, next].map(({ bytes }) => [...bytes.subarray(4)]),
    [
      [255, 255, 0, 0],
      [0, 0, 0, 0],
    ],
  );
  receive(last);
  const later = codec.encode({ values: Float32Array.of(5) }, random, memory);
  assert.throws(() => receive(later), isOutOfStep(true), 'chain 0 comes after chain 65,535');
  receive(next);
  assert.deepEqual(receive(later), [5]);
});
