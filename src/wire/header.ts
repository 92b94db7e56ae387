/**
 * The 32 bytes before the body of every message, little endian; docs/wire.md describes them byte by byte. The checksum
 * covers only the body, so that it is computed once for all copies of a broadcast.
 */
import { crc32 } from 'node:zlib';
import { assert } from '../errors.js';
import { sharedMemory } from '../numeric/thread.js';
import type { Bytes, Round } from '../units.js';
import type { EncodedBody } from './codec.js';
import { joined } from './little-endian.js';

/** Bytes of the header of every message. */
export const HEADER_BYTES: Bytes = 32;
/** The first two bytes: `My` in ASCII, read little endian. */
const MAGIC = 0x794d;
/** Version of the wire format. */
const VERSION = 1;

/** Bytes that are not a message: of another format or version, truncated, or changed on the way. */
export class CorruptMessageError extends Error {
  override readonly name = 'CorruptMessageError';
}

/** The fields of a header. All are unsigned whole numbers: `type` of 8 bits, the others of 32. */
export interface Header {
  /** Index of the message type in the run's table of types. */
  readonly type: number;
  /** Id of the sending node. */
  readonly from: number;
  /** Id of the receiving node. */
  readonly to: number;
  /** The sender's round. */
  readonly round: Round;
  /** Number of messages that the sender has sent before. */
  readonly sequence: number;
  /** Length of the body. */
  readonly payloadBytes: Bytes;
  /** Length of the body's index part, which comes first. */
  readonly indexBytes: Bytes;
  /** crc32 of the body. */
  readonly crc32: number;
}

/** In what the copies of a broadcast differ, and what they are. */
type Addresses = Pick<Header, 'type' | 'from' | 'to' | 'round' | 'sequence'>;

/** The fields of 32 bits, and where they begin. */
const PLACES = {
  from: 4,
  to: 8,
  round: 12,
  sequence: 16,
  payloadBytes: 20,
  indexBytes: 24,
  crc32: 28,
} as const;

/** An encoded body with its checksum: the same object for all copies of a broadcast. */
export interface ChecksummedBody extends EncodedBody {
  /** crc32 of `bytes`. */
  readonly crc32: number;
}

/** Adds the checksum of an encoded body, once for all its copies; the task that made an array may have computed it. */
export function withChecksum(body: EncodedBody): ChecksummedBody {
  return {
    bytes: body.bytes,
    indexBytes: body.indexBytes,
    valuesBytes: body.valuesBytes,
    headerBytes: body.headerBytes,
    crc32: sharedMemory().resident.checksumOf(body.bytes) ?? crc32(body.bytes),
  };
}

/** The header as exactly {@link HEADER_BYTES} bytes. Asserts that every field fits. */
export function encodeHeader(header: Header): Uint8Array {
  const view = new DataView(new ArrayBuffer(HEADER_BYTES));
  const { payloadBytes: length, indexBytes, crc32 } = header;
  writeFields(view, header, { length, indexBytes, crc32 });
  return new Uint8Array(view.buffer);
}

/** Writes the header of a message to the beginning of `view`, and returns how many bytes it has. Asserts that every field fits. */
export function writeHeader(view: DataView, addresses: Addresses, body: ChecksummedBody): Bytes {
  const { indexBytes, crc32 } = body;
  return writeFields(view, addresses, { length: body.bytes.length, indexBytes, crc32 });
}

/** What a header says of its body. */
interface BodyFields {
  readonly length: Bytes;
  readonly indexBytes: Bytes;
  readonly crc32: number;
}

/** Field by field, since it is done for every attempt. */
function writeFields(view: DataView, addresses: Addresses, body: BodyFields): Bytes {
  const { type } = addresses;
  if (!isUnsigned(type, 0xff))
    assert(false, `header: expected an unsigned 8-bit number as type, got ${type}`);
  view.setUint16(0, MAGIC, true);
  view.setUint8(2, VERSION);
  view.setUint8(3, type);
  writeWord(view, PLACES.from, addresses.from);
  writeWord(view, PLACES.to, addresses.to);
  writeWord(view, PLACES.round, addresses.round);
  writeWord(view, PLACES.sequence, addresses.sequence);
  writeWord(view, PLACES.payloadBytes, body.length);
  writeWord(view, PLACES.indexBytes, body.indexBytes);
  return writeWord(view, PLACES.crc32, body.crc32);
}

/** Returns where the word ends. */
function writeWord(view: DataView, place: Bytes, value: number): Bytes {
  // Only of unsigned whole numbers of 32 bits this makes the same number.
  if (value >>> 0 !== value) refuseWord(place, value);
  view.setUint32(place, value, true);
  return place + 4;
}

function refuseWord(place: Bytes, value: number): never {
  const [name] = Object.entries(PLACES).find(([, at]) => at === place)!;
  assert(false, `header: expected an unsigned 32-bit number as ${name}, got ${value}`);
}

/** Reads the first {@link HEADER_BYTES} bytes. Throws {@link CorruptMessageError} if `encodeHeader` cannot have written them. */
export function decodeHeader(bytes: Uint8Array): Header {
  if (bytes.length < HEADER_BYTES) {
    throw new CorruptMessageError(`header: expected ${HEADER_BYTES} bytes, got ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const magic = view.getUint16(0, true);
  if (magic !== MAGIC)
    throw new CorruptMessageError(`header: expected magic ${hex(MAGIC)}, got ${hex(magic)}`);
  const version = view.getUint8(2);
  if (version !== VERSION) {
    throw new CorruptMessageError(`header: expected version ${VERSION}, got ${version}`);
  }
  const word = (field: keyof typeof PLACES) => view.getUint32(PLACES[field], true);
  const header: Header = {
    type: view.getUint8(3),
    from: word('from'),
    to: word('to'),
    round: word('round'),
    sequence: word('sequence'),
    payloadBytes: word('payloadBytes'),
    indexBytes: word('indexBytes'),
    crc32: word('crc32'),
  };
  if (header.indexBytes > header.payloadBytes) {
    throw new CorruptMessageError(
      `header: expected an index part within the body of ${header.payloadBytes} bytes, got ${header.indexBytes} bytes`,
    );
  }
  return header;
}

/** The bytes of a message: header and body. Copies of a broadcast differ only in `addresses`. */
export function encodeMessage(addresses: Addresses, body: ChecksummedBody): Uint8Array {
  const view = new DataView(new ArrayBuffer(HEADER_BYTES));
  writeHeader(view, addresses, body);
  return joined([new Uint8Array(view.buffer), body.bytes]);
}

/**
 * Splits the bytes of a message; `body` is a view on them. Throws {@link CorruptMessageError} if the header is malformed,
 * or if the length or the checksum of the body is not the one in the header.
 */
export function decodeMessage(bytes: Uint8Array): { readonly header: Header; readonly body: Uint8Array } {
  const header = decodeHeader(bytes);
  const body = bytes.subarray(HEADER_BYTES);
  if (body.length !== header.payloadBytes) {
    throw new CorruptMessageError(
      `message: expected a body of ${header.payloadBytes} bytes, got ${body.length}`,
    );
  }
  const checksum = crc32(body);
  if (checksum !== header.crc32) {
    throw new CorruptMessageError(
      `message: expected a body with crc32 ${hex(header.crc32)}, got ${hex(checksum)}`,
    );
  }
  return { header, body };
}

function isUnsigned(value: number, largest: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= largest;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
