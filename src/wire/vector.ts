/** Checks of all vector codecs: the body is a vector of the agreed length, and the bytes have the right length. */
import { PluginError } from '../errors.js';
import type { Bytes } from '../units.js';
import { CorruptBodyError, type VectorBody } from './codec.js';

/** Throws a PluginError unless `body` has `length` values and, if it has ranks, as many of them. */
export function checkVector(codec: string, body: VectorBody, length: number): void {
  checkArray(codec, 'values', body?.values, length);
  if (body.rank !== undefined) checkArray(codec, 'rank', body.rank, length);
}

/** Throws CorruptBodyError unless `bytes` and its index part have exactly the expected lengths. */
export function checkLengths(
  codec: string,
  got: { readonly bytes: Uint8Array; readonly indexBytes: Bytes },
  expected: { readonly bytes: Bytes; readonly indexBytes: Bytes },
): void {
  if (got.bytes.length !== expected.bytes || got.indexBytes !== expected.indexBytes) {
    throw new CorruptBodyError(
      `${codec}: expected ${expected.bytes} bytes, ${expected.indexBytes} of them indices, ` +
        `got ${got.bytes.length} bytes, ${got.indexBytes} of them indices`,
    );
  }
}

/**
 * Throws CorruptBodyError if the body has an index part, or other than `exactly` so many bytes, or fewer than the
 * `least`.
 */
export function checkIndexless(
  codec: string,
  got: { readonly bytes: Uint8Array; readonly indexBytes: Bytes },
  expected: { readonly exactly: Bytes } | { readonly least: Bytes },
): void {
  const { length } = got.bytes;
  const fits = 'exactly' in expected ? length === expected.exactly : length >= expected.least;
  if (fits && got.indexBytes === 0) return;
  const size = 'exactly' in expected ? `${expected.exactly} B` : `at least ${expected.least} B`;
  throw new CorruptBodyError(
    `${codec}: expected ${size} without an index part, got ${length} B, ${got.indexBytes} B of them index`,
  );
}

function checkArray(codec: string, field: string, array: unknown, length: number): void {
  if (!(array instanceof Float32Array)) {
    throw new PluginError(
      `codec ${codec}: expected a body { values: Float32Array }, got no Float32Array in ${field}`,
    );
  }
  if (array.length !== length) {
    throw new PluginError(
      `codec ${codec}: expected ${length} numbers in ${field}, got ${array.length}; send vectors of the length that the codec was made for`,
    );
  }
}
