/**
 * Tables as bytes: the length of a head in JSON (uint32), the head, and the columns one after another; the head and each column
 * are padded to a multiple of 8 bytes. Little endian.
 */
import type { Column, ColumnTable } from './data.js';

const TYPES = { float64: Float64Array, int32: Int32Array, uint8: Uint8Array } as const;

/** The head's entry for a column: its type, or the dictionary of a text column. */
type ColumnHead = keyof typeof TYPES | readonly string[];

interface Head {
  readonly length: number;
  readonly columns: ReadonlyArray<readonly [name: string, head: ColumnHead]>;
}

const ALIGNMENT = 8;

/** The bytes of a table. */
export function pack({ length, columns }: ColumnTable): Uint8Array {
  const entries = Object.entries(columns);
  const head: Head = { length, columns: entries.map(([name, column]) => [name, headOf(column)]) };
  const text = new TextEncoder().encode(JSON.stringify(head));
  const parts = [text, ...entries.map(([, column]) => bytesOf(column))];
  const result = new Uint8Array(4 + parts.reduce((sum, part, k) => sum + padded(part.length, k), 0));
  new DataView(result.buffer).setUint32(0, text.length, true);
  let offset = 4;
  for (const [k, part] of parts.entries()) {
    result.set(part, offset);
    offset += padded(part.length, k);
  }
  return result;
}

/** The table of which these are the bytes. */
export function unpack(bytes: Uint8Array): ColumnTable {
  const headLength = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const { length, columns }: Head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + headLength)));
  let offset = 4 + padded(headLength, 0);
  const read = (type: keyof typeof TYPES) => {
    const size = length * TYPES[type].BYTES_PER_ELEMENT;
    const array = new TYPES[type](bytes.slice(offset, offset + size).buffer);
    offset += padded(size, 1);
    return array;
  };
  const entries = columns.map(([name, head]): [string, Column] => [
    name,
    typeof head === 'string'
      ? (read(head) as Column)
      : { dictionary: head, codes: read('int32') as Int32Array },
  ]);
  return { length, columns: Object.fromEntries(entries) };
}

/** The length of a part with what follows it: the head stands behind its own length. */
function padded(length: number, part: number): number {
  const before = part === 0 ? 4 : 0;
  return Math.ceil((before + length) / ALIGNMENT) * ALIGNMENT - before;
}

function headOf(column: Column): ColumnHead {
  if ('codes' in column) return column.dictionary;
  if (column instanceof Float64Array) return 'float64';
  return column instanceof Int32Array ? 'int32' : 'uint8';
}

function bytesOf(column: Column): Uint8Array {
  const { buffer, byteOffset, byteLength } = 'codes' in column ? column.codes : column;
  return new Uint8Array(buffer, byteOffset, byteLength);
}
