/**
 * The laws of codec.ts as one function, for our codecs and for users' own. It throws an error at the first law that is
 * broken, with fast-check's smallest counterexample, so it works under any test runner.
 */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { Random } from '../random.js';
import { type Codec, CorruptBodyError, type EncodedBody, type VectorBody } from '../wire/codec.js';

/** A codec under test. @public */
export interface CodecSubject<Body, Decoded> {
  /** A new codec at each call, always with the same settings. */
  readonly make: () => Codec<Body, Decoded>;
  readonly body: fc.Arbitrary<Body>;
  /** Whether `decoded` is `body`, or `body` with the rounding that the codec documents. */
  readonly matches: (body: Body, decoded: Decoded) => boolean;
  /**
   * A body that must encode to the very bytes that `decoded` came from. With it, the suite also checks that
   * bytes which no `encode` can have written are refused. Leave it out for a codec that draws from its random stream.
   */
  readonly reencode?: (decoded: Decoded) => Body;
  /** @defaultValue 1 */
  readonly seed?: number;
  /** Number of cases per law. @defaultValue 100 */
  readonly numRuns?: number;
}

/**
 * Checks every law of {@link Codec}. Throws an Error that names the codec, the law and the smallest counterexample.
 * @public
 */
export function testCodec<Body, Decoded>(subject: CodecSubject<Body, Decoded>): void {
  const settings = { seed: subject.seed ?? 1, numRuns: subject.numRuns ?? 100, includeErrorInReport: true };
  fc.assert(
    fc.property(subject.body, subject.body, (body, other) => checkDeterminism(subject, body, other)),
    settings,
  );
  fc.assert(
    fc.property(subject.body, (body) => checkEncoding(subject, body)),
    settings,
  );
  fc.assert(
    fc.property(subject.body, arbitraryDamage, (body, damage) => {
      const { bytes, indexBytes } = encode(subject.make(), body);
      const damaged = damage(bytes, indexBytes);
      checkDecoding(subject, damaged.bytes, damaged.indexBytes);
    }),
    settings,
  );
}

/**
 * Vector bodies of `length` coordinates: all kinds of float32, subnormals, infinities and NaN; some with ranks.
 * @public
 */
export function arbitraryVector(length: number): fc.Arbitrary<VectorBody> {
  const array = fc.float32Array({ minLength: length, maxLength: length });
  return fc.oneof(
    array.map((values) => ({ values })),
    fc.record({ values: array, rank: array }, { noNullPrototype: true }),
  );
}

/** The parts add up to the body, and decoding gives back what was encoded. */
function checkEncoding<Body, Decoded>(subject: CodecSubject<Body, Decoded>, body: Body): void {
  const codec = subject.make();
  const encoded = encode(codec, body);
  for (const part of ['indexBytes', 'valuesBytes', 'headerBytes'] as const) {
    const size = encoded[part];
    expect(
      codec,
      Number.isInteger(size) && size >= 0,
      `${part} is a whole number of bytes of at least 0, got ${size}`,
    );
  }
  const parts = encoded.indexBytes + encoded.valuesBytes + encoded.headerBytes;
  const length = encoded.bytes.length;
  expect(codec, parts === length, `the parts (${parts} bytes) add up to the body (${length} bytes)`);
  const outcome = checkDecoding(subject, encoded.bytes, encoded.indexBytes);
  expect(codec, !outcome.refused, 'decode accepts the bytes that encode wrote');
  expect(codec, subject.matches(body, outcome.decoded), 'decode gives back the body');
}

/** The same bytes from a new codec, and from one that has encoded something else in between. */
function checkDeterminism<Body, Decoded>(
  subject: CodecSubject<Body, Decoded>,
  body: Body,
  other: Body,
): void {
  const codec = subject.make();
  const first = snapshot(encode(codec, body));
  encode(codec, other);
  const law = 'encoding depends only on the body and the random stream';
  expect(codec, isDeepStrictEqual(first, snapshot(encode(codec, body))), law);
  expect(codec, isDeepStrictEqual(first, snapshot(encode(subject.make(), body))), law);
}

type Outcome<Decoded> = { readonly refused: true } | { readonly refused: false; readonly decoded: Decoded };

/** Bytes are either refused with a CorruptBodyError or decoded, whatever stands before and after them in memory. */
function checkDecoding<Body, Decoded>(
  subject: CodecSubject<Body, Decoded>,
  bytes: Uint8Array,
  indexBytes: number,
): Outcome<Decoded> {
  const codec = subject.make();
  const outcome = decodeAmong(codec, bytes, indexBytes, { filler: 0x00, offset: 8 });
  for (const surroundings of [
    { filler: 0xff, offset: 8 },
    { filler: 0x01, offset: 3 },
  ]) {
    const again = decodeAmong(codec, bytes, indexBytes, surroundings);
    expect(
      codec,
      isDeepStrictEqual(outcome, again),
      'decode reads only the bytes that it is given, at any alignment',
    );
  }
  if (!outcome.refused && subject.reencode) {
    const written = encode(codec, subject.reencode(outcome.decoded));
    const same = written.indexBytes === indexBytes && isDeepStrictEqual(plain(written.bytes), plain(bytes));
    expect(codec, same, 'decode refuses bytes that encode would not write');
  }
  return outcome;
}

function decodeAmong<Decoded>(
  codec: Codec<never, Decoded>,
  bytes: Uint8Array,
  indexBytes: number,
  surroundings: { readonly filler: number; readonly offset: number },
): Outcome<Decoded> {
  const { filler, offset } = surroundings;
  const memory = new Uint8Array(offset + bytes.length + 8).fill(filler);
  memory.set(bytes, offset);
  const before = memory.slice();
  let outcome: Outcome<Decoded>;
  try {
    const decoded = codec.decode(memory.subarray(offset, offset + bytes.length), indexBytes);
    outcome = { refused: false, decoded };
  } catch (error) {
    expect(
      codec,
      error instanceof CorruptBodyError,
      `decode throws no error but CorruptBodyError, got ${error}`,
    );
    outcome = { refused: true };
  }
  expect(codec, isDeepStrictEqual(memory, before), 'decode does not change the bytes that it is given');
  return outcome;
}

type Damage = (bytes: Uint8Array, indexBytes: number) => { bytes: Uint8Array; indexBytes: number };

const arbitraryDamage: fc.Arbitrary<Damage> = fc.oneof(
  // Cut short, at the end or anywhere.
  fc.oneof(fc.constant(1), fc.nat()).map(
    (cut): Damage =>
      (bytes, indexBytes) => ({
        bytes: bytes.slice(0, Math.max(0, bytes.length - (cut % (bytes.length + 1)))),
        indexBytes,
      }),
  ),
  // Bytes added.
  fc.uint8Array({ minLength: 1, maxLength: 9 }).map(
    (more): Damage =>
      (bytes, indexBytes) => ({ bytes: new Uint8Array([...bytes, ...more]), indexBytes }),
  ),
  // Bits flipped; structure is most often near the ends.
  fc
    .array(fc.tuple(fc.oneof(fc.integer({ min: -4, max: 3 }), fc.nat()), fc.nat(7)), {
      minLength: 1,
      maxLength: 3,
    })
    .map(
      (flips): Damage =>
        (bytes, indexBytes) => {
          const flipped = bytes.slice();
          for (const [at, bit] of flips) {
            if (flipped.length > 0) flipped[modulo(at, flipped.length)]! ^= 1 << bit;
          }
          return { bytes: flipped, indexBytes };
        },
    ),
  // A length of the index part that is too large or too small.
  fc.integer({ min: -9, max: 9 }).map(
    (shift): Damage =>
      (bytes, indexBytes) => ({
        bytes: bytes.slice(),
        indexBytes: Math.min(bytes.length, Math.max(0, indexBytes + shift)),
      }),
  ),
  // Something else altogether.
  fc.tuple(fc.uint8Array({ maxLength: 64 }), fc.nat()).map(
    ([bytes, index]): Damage =>
      () => ({ bytes, indexBytes: index % (bytes.length + 1) }),
  ),
);

/** Encodes with a new random stream, and checks that the body is not changed. */
function encode<Body>(codec: Codec<Body, unknown>, body: Body): EncodedBody {
  const before = structuredClone(body);
  const encoded = codec.encode(body, new Random('conformance'));
  // Cloned again, so that both have the same prototypes.
  expect(
    codec,
    isDeepStrictEqual(structuredClone(body), before),
    'encode does not change the body that it is given',
  );
  return encoded;
}

/** A copy that later encodings cannot change. */
function snapshot(encoded: EncodedBody): EncodedBody {
  return { ...encoded, bytes: plain(encoded.bytes) };
}

/** Without the prototype of a Buffer, which counts in a strict comparison. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

function modulo(value: number, length: number): number {
  return ((value % length) + length) % length;
}

function expect(codec: Codec<never, unknown>, holds: boolean, law: string): asserts holds {
  if (!holds) throw new Error(`codec ${codec.id} breaks a law: ${law}`);
}
