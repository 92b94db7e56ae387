/** What a codec is: a body to bytes and back, with the exact size of every part. */
import type { Random } from '../random.js';
import type { Bytes } from '../units.js';

/**
 * An encoded body, in wire order: index part first, then values, then whatever belongs to the `header` part (tags,
 * counts). `indexBytes + valuesBytes + headerBytes === bytes.length`. Never mutated after it was made.
 */
export interface EncodedBody {
  readonly bytes: Uint8Array;
  /** What locates values: indices, a mask beside values. */
  readonly indexBytes: Bytes;
  /** Numbers, scales, and a mask that *is* the content. */
  readonly valuesBytes: Bytes;
  /** Tags and counts inside the body (the message's own 32-byte header is not in here). */
  readonly headerBytes: Bytes;
}

/**
 * Turns one type of message body into bytes and back.
 *
 * Laws (checked by `testCodec`): `decode(encode(x))` is x or its documented rounding; encoding is a function of the
 * body and of the stream's draws alone; `decode` never reads past the end and throws {@link CorruptBodyError} on
 * bytes that no `encode` can have written.
 */
export interface Codec<Body = unknown, Decoded = Body> {
  /** As in a scenario's `use`, with its settings, for people: `top-k(10%, varint)`. */
  readonly id: string;
  /** `random` is the sender's stream, used by lossy codecs only. */
  encode(body: Body, random: Random): EncodedBody;
  /** `indexBytes` comes from the message's header. */
  decode(bytes: Uint8Array, indexBytes: Bytes): Decoded;
}

/** Bytes that cannot be a body of this codec. */
export class CorruptBodyError extends Error {
  override readonly name = 'CorruptBodyError';
}

/**
 * A vector to be sent. `rank`, of the same length, orders the coordinates for a sparse codec (largest absolute
 * value first, ties to the lowest index); without it the values themselves do.
 */
export interface VectorBody {
  readonly values: Float32Array;
  readonly rank?: Float32Array;
}

/** A vector as received: dense where `indices` is absent, else only `values[k]` at coordinate `indices[k]`, ascending. */
export interface VectorView {
  /** Number of coordinates of the whole vector. */
  readonly length: number;
  readonly values: Float32Array;
  readonly indices?: Uint32Array;
}

/** A codec for one float32 vector of a length that both ends know. */
export type VectorCodec = Codec<VectorBody, VectorView>;
