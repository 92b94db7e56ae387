/**
 * The message types of a run: bodies to bytes and back.
 *
 * All receivers of a body get the same object, and the bytes may be the sender's own array, so nobody may change either. A
 * decoded body is frozen. What cannot be frozen, its arrays, is sealed by a checksum, which is checked when the sender sends
 * its next message of that type, and at the end of the run.
 */
import { crc32 } from 'node:zlib';
import { deepFreeze, type TypedArray, visitArrays } from '../compute/plain-data.js';
import { PluginError } from '../errors.js';
import type { Random } from '../random.js';
import type { Round } from '../units.js';
import type { Codec, CodecMemory, EncodedBody } from '../wire/codec.js';
import { type ChecksummedBody, withChecksum } from '../wire/header.js';
import { HeldMessages, type HeldState } from './held-messages.js';

/** A message type: its number on the wire is its place in the run's list. */
export interface MessageType {
  readonly name: string;
  readonly codec: Codec<never, unknown>;
}

/** Who sends a body. */
export interface Sender {
  readonly from: number;
  readonly round: Round;
  /** The sender's stream. */
  readonly random: Random;
  /** The receivers. */
  readonly to?: ArrayLike<number>;
}

/** What `save` returns: by type, what senders keep (by node) and what receivers keep (by {@link linkOf}). Plain data. */
interface MessagesState {
  readonly sending: ReadonlyArray<ReadonlyArray<readonly [number, unknown]>>;
  readonly receiving: ReadonlyArray<ReadonlyArray<readonly [string, unknown]>>;
  readonly held: HeldState;
}

/** A body that was sent, and its checksum. */
interface Seal {
  readonly body: ChecksummedBody;
  readonly round: Round;
}

/** A body as its receivers see it. */
interface Decoded {
  readonly value: unknown;
  /** Its arrays, unless they are the bytes themselves, with their checksums. */
  readonly arrays: ReadonlyArray<{ readonly bytes: Uint8Array; readonly crc32: number }>;
  /** What the receiver had kept before, and what it keeps now: receivers that are alike share one decoded body. */
  readonly before: unknown;
  readonly after: unknown;
}

/** Encodes and decodes the bodies of messages, each body once, however many receivers it has. */
export class Messages {
  /** Those that have arrived before one that they build on. */
  readonly held = new HeldMessages((type, body, link) => this.decode(type, body, link));
  readonly #types: readonly MessageType[];
  readonly #decoded = new WeakMap<ChecksummedBody, Decoded[]>();
  /** What each node sent last of each type: by type, then by node. */
  readonly #seals: Map<number, Seal>[];
  /** What codecs keep, by type: at senders by node, at receivers by link. */
  #sending: Map<number, unknown>[];
  #receiving: Map<string, unknown>[];

  constructor(types: readonly MessageType[]) {
    this.#types = types;
    this.#seals = types.map(() => new Map());
    this.#sending = types.map(() => new Map());
    this.#receiving = types.map(() => new Map());
  }

  /** Names of the types, in the order of their numbers. */
  get names(): string[] {
    return this.#types.map(({ name }) => name);
  }

  /** The name of a type. */
  nameOf(type: number): string {
    return this.#types[type]!.name;
  }

  /** The number of a type. Throws a PluginError where the algorithm declares no such type. */
  numberOf(name: string): number {
    const type = this.#types.findIndex((candidate) => candidate.name === name);
    if (type >= 0) return type;
    throw new PluginError(
      `expected a message type that the algorithm declares (${this.names.join(', ') || 'none'}), got "${name}"`,
    );
  }

  /**
   * Encodes a body of that type. Throws a PluginError where the codec gives no encoded body, or where somebody has changed
   * what the node sent before.
   */
  encode(type: number, body: unknown, { from, round, random, to = [] }: Sender): ChecksummedBody {
    const memory: CodecMemory = { value: this.#sending[type]!.get(from), to };
    const encoded: unknown = this.#types[type]!.codec.encode(body as never, random, memory);
    if (memory.value !== undefined) this.#sending[type]!.set(from, memory.value);
    const fault = faultOf(encoded as Partial<EncodedBody> | undefined);
    if (fault !== undefined)
      throw new PluginError(`codec of "${this.nameOf(type)}", encode: expected ${fault}`);
    const checksummed = withChecksum(encoded as EncodedBody);
    const seals = this.#seals[type]!;
    this.#check(type, from, seals.get(from));
    seals.set(from, { body: checksummed, round });
    return checksummed;
  }

  /**
   * The body as its receiver sees it: frozen. A sender that wants to know what arrives is a receiver of its own, which misses
   * nothing. Throws an OutOfStepError where the receiver lacks what the body builds on.
   */
  decode(type: number, body: ChecksummedBody, link?: Link): unknown {
    const { codec } = this.#types[type]!;
    const key = codec.remembers && link && linkOf(link);
    const receiving = this.#receiving[type]!;
    const before = key ? receiving.get(key) : undefined;
    const all = this.#decoded.get(body) ?? [];
    let decoded = all.find((known) => known.before === before);
    if (!decoded) {
      decoded = this.#decode(codec, body, before);
      this.#decoded.set(body, [...all, decoded]);
    }
    if (key) receiving.set(key, decoded.after);
    return decoded.value;
  }

  #decode(codec: MessageType['codec'], body: ChecksummedBody, before: unknown): Decoded {
    const memory: CodecMemory = { value: before };
    const value = deepFreeze(codec.decode(body.bytes, body.indexBytes, memory));
    const arrays: Array<Decoded['arrays'][number]> = [];
    visitArrays(value, (array) => {
      if (array.buffer === body.bytes.buffer) return;
      const bytes = bytesOf(array);
      arrays.push({ bytes, crc32: crc32(bytes) });
    });
    return { value, arrays, before, after: memory.value };
  }

  /** Plain data. */
  save(): MessagesState {
    return {
      sending: this.#sending.map((memories) => [...memories]),
      receiving: this.#receiving.map((memories) => [...memories]),
      held: this.held.save(),
    };
  }

  /** Continues from what `save` returned. */
  load({ sending, receiving, held }: MessagesState): void {
    this.held.load(held);
    this.#sending = sending.map((memories) => new Map(memories));
    this.#receiving = receiving.map((memories) => new Map(memories));
  }

  /** Checks what every node sent last. Throws a PluginError where somebody has changed it. */
  audit(): void {
    for (const [type, seals] of this.#seals.entries())
      for (const [from, seal] of seals) this.#check(type, from, seal);
  }

  #check(type: number, from: number, seal: Seal | undefined): void {
    if (seal === undefined) return;
    const { body, round } = seal;
    const arrays = this.#decoded.get(body)?.flatMap((decoded) => decoded.arrays);
    const changed = arrays?.some(({ bytes, crc32: sum }) => crc32(bytes) !== sum);
    if (!changed && crc32(body.bytes) === body.crc32) return;
    throw new PluginError(
      `expected nobody to change arrays that were sent or received, but the body of message "${this.nameOf(type)}" that node ${from} sent in round ${round} was changed afterwards, by its sender or by a receiver: make a new array instead`,
    );
  }
}

/** The two ends of a message. */
export interface Link {
  readonly from: number;
  readonly to: number;
}

const linkOf = ({ from, to }: Link): string => `${from}>${to}`;

function bytesOf({ buffer, byteOffset, byteLength }: TypedArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** What is wrong with an encoded body; undefined if nothing is. */
function faultOf(body: Partial<EncodedBody> | undefined): string | undefined {
  const { bytes, indexBytes, valuesBytes, headerBytes } = body ?? {};
  if (!(bytes instanceof Uint8Array))
    return '{ bytes, indexBytes, valuesBytes, headerBytes } with a Uint8Array';
  const parts = [indexBytes, valuesBytes, headerBytes];
  const areSizes = parts.every((size) => Number.isSafeInteger(size) && size! >= 0);
  if (areSizes && indexBytes! + valuesBytes! + headerBytes! === bytes.length) return undefined;
  const got = `index ${indexBytes}, values ${valuesBytes}, header ${headerBytes}`;
  return `sizes of the parts that are whole and add up to the ${bytes.length} bytes of the body, got ${got}`;
}
