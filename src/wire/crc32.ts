/**
 * CRC-32 as in IEEE 802.3, gzip and PNG: reflected polynomial 0xEDB88320, start and final value inverted. Node ships
 * one since 20.15 and 22.2, which is an order of magnitude faster; older versions take the table-driven one here.
 */
import * as zlib from 'node:zlib';

/** Absent in Node 20.11–20.14 and 22.0–22.1. */
const native = (zlib as { readonly crc32?: (data: Uint8Array) => number }).crc32;

/** CRC-32 of `bytes`, as an unsigned 32-bit number. */
export const crc32: (bytes: Uint8Array) => number = native ? (bytes) => native(bytes) : crc32ByTables;

const SLICES = 8;
let tables: Int32Array | undefined;

/** The same number by slicing-by-8: eight tables of 256 entries take eight bytes a turn. */
export function crc32ByTables(bytes: Uint8Array): number {
  tables ??= makeTables();
  const table = tables;
  const whole = bytes.length - (bytes.length % SLICES);
  let crc = -1;
  let i = 0;
  for (; i < whole; i += SLICES) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    crc =
      table[1792 + (crc & 255)]! ^
      table[1536 + ((crc >>> 8) & 255)]! ^
      table[1280 + ((crc >>> 16) & 255)]! ^
      table[1024 + (crc >>> 24)]! ^
      table[768 + bytes[i + 4]!]! ^
      table[512 + bytes[i + 5]!]! ^
      table[256 + bytes[i + 6]!]! ^
      table[bytes[i + 7]!]!;
  }
  for (; i < bytes.length; i++) crc = (crc >>> 8) ^ table[(crc ^ bytes[i]!) & 255]!;
  return ~crc >>> 0;
}

/** Entry [256 × s + b]: the CRC of byte b followed by s zero bytes. */
function makeTables(): Int32Array {
  const made = new Int32Array(256 * SLICES);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    made[byte] = crc;
  }
  for (let i = 256; i < made.length; i++) {
    const previous = made[i - 256]!;
    made[i] = (previous >>> 8) ^ made[previous & 255]!;
  }
  return made;
}
