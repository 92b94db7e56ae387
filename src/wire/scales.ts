/** One float32 for each bucket of successive coordinates: norms and scales of codecs that quantise. */
import type { Bytes } from '../units.js';
import { CorruptBodyError } from './codec.js';
import { fromLittleEndian, toLittleEndian } from './little-endian.js';

const NAN_BITS = 0x7fc00000;
const INFINITY_BITS = 0x7f800000;

/** A vector cut into buckets of `size` successive coordinates; the last one may be shorter. */
export interface Buckets {
  readonly count: number;
  /** Bytes of their scales: 4 for each bucket. */
  readonly bytes: Bytes;
  /** Calls back for each bucket with its coordinates `from` … `to` − 1. */
  each(visit: (bucket: number, from: number, to: number) => void): void;
}

/** The buckets of a vector; a `size` of undefined makes one bucket of all coordinates. */
export function bucketsOf(length: number, size: number = Math.max(1, length)): Buckets {
  const count = Math.ceil(length / size);
  return {
    count,
    bytes: 4 * count,
    each(visit) {
      for (let k = 0; k < count; k++) visit(k, k * size, Math.min(length, (k + 1) * size));
    },
  };
}

/** Scales as bytes. What is not finite is sent as the NaN 0x7FC00000. */
export function encodeScales(scales: ArrayLike<number>): Uint8Array {
  const values = Float32Array.from(scales);
  const bits = new Uint32Array(values.buffer);
  for (let k = 0; k < bits.length; k++) if (!Number.isFinite(values[k]!)) bits[k] = NAN_BITS;
  return toLittleEndian(bits);
}

/** The scales in `bytes`. Throws CorruptBodyError on what {@link encodeScales} cannot have written for magnitudes. */
export function decodeScales(id: string, bytes: Uint8Array): Float32Array {
  // Copied: the bytes need not be aligned for floats.
  const bits = Uint32Array.from(fromLittleEndian(Uint32Array, bytes));
  const wrong = bits.findIndex((scale) => scale >= INFINITY_BITS && scale !== NAN_BITS);
  if (wrong >= 0) {
    throw new CorruptBodyError(
      `${id}: expected a finite scale of at least 0, or the NaN 0x7fc00000, got 0x${bits[wrong]!.toString(16)}`,
    );
  }
  return new Float32Array(bits.buffer);
}
