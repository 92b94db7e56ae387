/**
 * Several bodies in one: FedAvg's params and sample count, say. In wire order come the index parts of all fields, then all
 * values parts, then all header parts, each in the order of the fields. The length of a part is written only if the
 * receiver cannot know it otherwise.
 */
import { assert } from '../errors.js';
import type { Bytes } from '../units.js';
import { type Codec, type CodecMemory, CorruptBodyError, type EncodedBody } from './codec.js';
import { joined } from './little-endian.js';
import { type PartSizes, sizesOf } from './sizes.js';

type Fields = Readonly<Record<string, Codec<never, unknown>>>;
type BodyOf<C> = C extends Codec<infer Body, unknown> ? Body : never;
type DecodedOf<C> = C extends Codec<never, infer Decoded> ? Decoded : never;
type Part = keyof PartSizes;

const PARTS: readonly Part[] = ['index', 'values', 'header'];

/** One part of one field. `size` is undefined if it depends on the content. */
interface Piece {
  readonly field: number;
  readonly part: Part;
  readonly size: Bytes | undefined;
}

/**
 * Codec of an object with one body per field. A field whose codec is not a {@link SizedCodec} may have parts of any size:
 * the length of such a part is written as u32 at the end (header part), except for the last such index part and the last
 * such other part, whose lengths follow from those in the message's header.
 * @public
 */
export function record<const F extends Fields>(
  fields: F,
): Codec<
  { readonly [Name in keyof F]: BodyOf<F[Name]> },
  { readonly [Name in keyof F]: DecodedOf<F[Name]> }
> & { readonly sizes: PartSizes } {
  const names = Object.keys(fields);
  for (const name of names) {
    assert(
      !/^\d+$/.test(name),
      `record: expected field names that are not whole numbers, whose order objects do not keep, got "${name}"`,
    );
  }
  const codecs = names.map((name) => fields[name]!);
  const id = `record(${names.map((name, i) => `${name}: ${codecs[i]!.id}`).join(', ')})`;
  const pieces = piecesOf(codecs);
  const written = writtenLengths(pieces);
  return {
    id,
    sizes: totalSizes(pieces, written.length),
    ...(codecs.some(({ remembers }) => remembers) && { remembers: true }),
    encode(body, random, memory) {
      const encoded = codecs.map((codec, i) =>
        codec.encode(body[names[i]!] as never, random, memory && memoryOf(memory, names[i]!)),
      );
      return join(pieces, written, encoded);
    },
    decode(bytes, indexBytes, memory) {
      const parts = new Map<Piece, Uint8Array>();
      let offset = 0;
      for (const [piece, size] of measure(id, pieces, written, { bytes, indexBytes })) {
        parts.set(piece, bytes.subarray(offset, offset + size));
        offset += size;
      }
      const decoded = codecs.map((codec, field) => {
        const own = pieces.filter((piece) => piece.field === field).map((piece) => parts.get(piece)!);
        const kept = memory && memoryOf(memory, names[field]!);
        return codec.decode(contiguous(own), own[0]!.length, kept);
      });
      return Object.fromEntries(names.map((name, i) => [name, decoded[i]])) as never;
    },
  };
}

/** The memory of one field, which is a property of the record's. */
function memoryOf(memory: CodecMemory, name: string): CodecMemory {
  const all = () => (memory.value ?? {}) as Readonly<Record<string, unknown>>;
  return {
    ...(memory.to && { to: memory.to }),
    get value() {
      return all()[name];
    },
    set value(value) {
      memory.value = { ...all(), [name]: value };
    },
  };
}

/** All parts of all fields, in wire order. */
function piecesOf(codecs: readonly Codec<never, unknown>[]): Piece[] {
  return PARTS.flatMap((part) =>
    codecs.map((codec, field): Piece => ({ field, part, size: sizesOf(codec)[part] })),
  );
}

/** The pieces whose lengths are written: all of unknown size, except the last index part and the last other part. */
function writtenLengths(pieces: readonly Piece[]): Piece[] {
  const unknown = pieces.filter((piece) => piece.size === undefined);
  const index = unknown.filter((piece) => piece.part === 'index');
  const others = unknown.filter((piece) => piece.part !== 'index');
  return [...index.slice(0, -1), ...others.slice(0, -1)];
}

/** The sizes that a record declares, so that a record can be a field of another. */
function totalSizes(pieces: readonly Piece[], writtenCount: number): PartSizes {
  const sizes: { index?: Bytes; values?: Bytes; header?: Bytes } = {};
  for (const part of PARTS) {
    const own = pieces.filter((piece) => piece.part === part);
    if (own.some((piece) => piece.size === undefined)) continue;
    sizes[part] = sum(own.map((piece) => piece.size!)) + (part === 'header' ? 4 * writtenCount : 0);
  }
  return sizes;
}

function join(
  pieces: readonly Piece[],
  written: readonly Piece[],
  encoded: readonly EncodedBody[],
): EncodedBody {
  const bytesOf = (piece: Piece) => partOf(encoded[piece.field]!, piece.part);
  const lengths = new Uint8Array(4 * written.length);
  const view = new DataView(lengths.buffer);
  for (let i = 0; i < written.length; i++) view.setUint32(4 * i, bytesOf(written[i]!).length, true);
  return {
    bytes: joined([...pieces.map(bytesOf), lengths]),
    indexBytes: sum(encoded.map((body) => body.indexBytes)),
    valuesBytes: sum(encoded.map((body) => body.valuesBytes)),
    headerBytes: sum(encoded.map((body) => body.headerBytes)) + lengths.length,
  };
}

function partOf(body: EncodedBody, part: Part): Uint8Array {
  const values = body.indexBytes;
  const header = values + body.valuesBytes;
  if (part === 'index') return body.bytes.subarray(0, values);
  return part === 'values' ? body.bytes.subarray(values, header) : body.bytes.subarray(header);
}

/** The size of each piece: declared, written, or the remainder. Throws CorruptBodyError if they do not add up. */
function measure(
  id: string,
  pieces: readonly Piece[],
  written: readonly Piece[],
  got: { readonly bytes: Uint8Array; readonly indexBytes: Bytes },
): Map<Piece, Bytes> {
  const end = got.bytes.length - 4 * written.length;
  if (got.indexBytes < 0 || got.indexBytes > end) {
    throw new CorruptBodyError(
      `${id}: expected an index part of at most ${end} bytes, got ${got.indexBytes} bytes`,
    );
  }
  const view = new DataView(got.bytes.buffer, got.bytes.byteOffset + end, 4 * written.length);
  const lengths = new Map(written.map((piece, i) => [piece, view.getUint32(4 * i, true)]));
  const sizes = new Map<Piece, Bytes>();
  for (const inIndex of [true, false]) {
    const side = pieces.filter((piece) => (piece.part === 'index') === inIndex);
    const total = inIndex ? got.indexBytes : end - got.indexBytes;
    const rest = total - sum(side.map((piece) => piece.size ?? lengths.get(piece) ?? 0));
    const open = side.find((piece) => piece.size === undefined && !lengths.has(piece));
    if (rest < 0 || (rest > 0 && open === undefined)) {
      throw new CorruptBodyError(
        `${id}: expected ${inIndex ? 'index parts' : 'values and header parts'} of ${total - rest} bytes, got ${total}`,
      );
    }
    for (const piece of side) sizes.set(piece, piece.size ?? lengths.get(piece) ?? rest);
  }
  return sizes;
}

/** The parts of one field as one body: a view if they are adjacent, else a copy. */
function contiguous(parts: readonly Uint8Array[]): Uint8Array {
  const filled = parts.filter((part) => part.length > 0);
  const first = filled[0];
  if (first === undefined) return new Uint8Array(0);
  let end = first.byteOffset + first.length;
  for (const part of filled.slice(1)) {
    if (part.byteOffset !== end) return joined(filled);
    end += part.length;
  }
  return new Uint8Array(first.buffer, first.byteOffset, end - first.byteOffset);
}

function sum(sizes: readonly Bytes[]): Bytes {
  return sizes.reduce((total, size) => total + size, 0);
}
