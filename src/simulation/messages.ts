/** The message types of a run: bodies to bytes and back. */
import { PluginError } from '../errors.js';
import type { Random } from '../random.js';
import type { Codec } from '../wire/codec.js';
import { type ChecksummedBody, withChecksum } from '../wire/header.js';

/** A message type: its number on the wire is its place in the run's list. */
export interface MessageType {
  readonly name: string;
  readonly codec: Codec<never, unknown>;
}

/** Encodes and decodes the bodies of messages, each body once, however many receivers it has. */
export class Messages {
  readonly #types: readonly MessageType[];
  readonly #decoded = new WeakMap<ChecksummedBody, unknown>();

  constructor(types: readonly MessageType[]) {
    this.#types = types;
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

  /** Encodes a body of that type; `random` is the sender's stream. */
  encode(type: number, body: unknown, random: Random): ChecksummedBody {
    return withChecksum(this.#types[type]!.codec.encode(body as never, random));
  }

  /** The body as its receivers see it. */
  decode(type: number, body: ChecksummedBody): unknown {
    if (!this.#decoded.has(body)) {
      this.#decoded.set(body, this.#types[type]!.codec.decode(body.bytes, body.indexBytes));
    }
    return this.#decoded.get(body);
  }
}
