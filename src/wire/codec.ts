/** The types of codecs: from a message body to bytes and back, with the exact size of every part. */
import type { Random } from '../random.js';
import type { Bytes } from '../units.js';

/**
 * An encoded body, in wire order: the index part, then the values, then the `header` part (tags, counts).
 * `indexBytes + valuesBytes + headerBytes === bytes.length`. Nobody changes it after it is created.
 * @public
 */
export interface EncodedBody {
  readonly bytes: Uint8Array;
  /** Bytes that locate values: indices, or a mask that is sent with values. */
  readonly indexBytes: Bytes;
  /** Bytes of numbers, of scales, and of a mask that *is* the content. */
  readonly valuesBytes: Bytes;
  /** Bytes of tags and counts inside the body (without the message's own header of 32 bytes). */
  readonly headerBytes: Bytes;
}

/**
 * What one end of a link keeps for a codec from one message of a type to the next. `value` is plain data, undefined before the
 * first message; a codec replaces it and never changes it. A sender has one for each type, a receiver one for each type and sender.
 * @public
 */
export interface CodecMemory {
  value: unknown;
  /** At the sender: the receivers of the message that is being encoded. */
  readonly to?: ArrayLike<number>;
}

/**
 * Turns one type of message body into bytes and back.
 *
 * Laws (checked by `testCodec`): `decode(encode(x))` is x or its documented rounding; encoding is a function of the body,
 * of the memory and of the stream's draws alone; `decode` never reads past the end and throws {@link CorruptBodyError} on bytes that
 * `encode` cannot have written.
 * @public
 */
export interface Codec<Body = unknown, Decoded = Body> {
  /** Name with settings, for messages: `top-k(10%, varint)`. */
  readonly id: string;
  /**
   * Whether receivers keep something of what they have decoded, so that a body may mean something else to each of them.
   * @defaultValue false
   */
  readonly remembers?: boolean;
  /**
   * Encodes a body. `random` is the sender's stream; only lossy codecs draw from it. Without a `memory`, as if the message were
   * the first.
   */
  encode(body: Body, random: Random, memory?: CodecMemory): EncodedBody;
  /**
   * Decodes a body; `indexBytes` is the size of its index part, from the message's header. `memory` is what this receiver has
   * kept of this sender. Throws {@link OutOfStepError} where that lacks what the body builds on.
   */
  decode(bytes: Uint8Array, indexBytes: Bytes, memory?: CodecMemory): Decoded;
}

/** Bytes that cannot be a body of this codec. @public */
export class CorruptBodyError extends Error {
  override readonly name: string = 'CorruptBodyError';
}

/** A body that builds on a message that this receiver has not had. @public */
export class OutOfStepError extends CorruptBodyError {
  override readonly name = 'OutOfStepError';
  /** Whether that message may still come: the body is then kept until it has. */
  readonly mayCome: boolean;

  constructor(message: string, mayCome: boolean) {
    super(message);
    this.mayCome = mayCome;
  }
}

/**
 * The vector that a codec is for: its length and, where it holds a model's params, the tensors in it, one after the other. A
 * `Model` is one.
 * @public
 */
export interface VectorLayout {
  readonly length: number;
  readonly slices?: ReadonlyArray<{
    readonly shape: readonly number[];
    readonly offset: number;
    readonly length: number;
  }>;
}

/**
 * A vector to send. A sparse codec keeps the coordinates with the largest absolute `rank`, which has the same length (of
 * equal ones that with the lowest index); without `rank` it compares the values themselves.
 * @public
 */
export interface VectorBody {
  readonly values: Float32Array;
  readonly rank?: Float32Array;
}

/**
 * A vector as received: dense if `indices` is absent; else coordinate `indices[k]`, ascending, has the value `values[k]`.
 * @public
 */
export interface VectorView {
  /** Number of coordinates of the whole vector. */
  readonly length: number;
  readonly values: Float32Array;
  readonly indices?: Uint32Array;
}

/** A codec for one float32 vector of a length that both ends know. @public */
export type VectorCodec = Codec<VectorBody, VectorView>;
