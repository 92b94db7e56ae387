/** Messages that have arrived before one that they build on: they are read when it has come, in their order. */
import type { NetworkMessage } from '../network/message.js';
import { OutOfStepError } from '../wire/codec.js';

/** A message that can be read now: with its body, or without it if what it builds on will never come. */
interface Read {
  readonly message: NetworkMessage;
  readonly body?: { readonly value: unknown };
}

/** What `save` returns. Plain data. */
export type HeldState = readonly NetworkMessage[];

/** Decodes a body for its receiver; throws an OutOfStepError where that lacks what the body builds on. */
type Decode = (type: number, body: NetworkMessage['body'], message: NetworkMessage) => unknown;

/** Reads the bodies of messages, each when its receiver has what it builds on. */
export class HeldMessages {
  readonly #decode: Decode;
  #held: NetworkMessage[] = [];

  constructor(decode: Decode) {
    this.#decode = decode;
  }

  /** What can be read after this arrival: the message, unless it is held, and those that have waited for it. */
  arrived(message: NetworkMessage): readonly Read[] {
    const first = this.#read(message);
    if (!first) {
      this.#held.push(message);
      return [];
    }
    const read = [first];
    for (let k = 0; k < this.#held.length; ) {
      const held = this.#held[k]!;
      const next = isOfSameLink(held, message) ? this.#read(held) : undefined;
      if (next) {
        read.push(next);
        this.#held.splice(k, 1);
        // What stands before it may have waited for it.
        k = 0;
      } else k++;
    }
    return read;
  }

  save(): HeldState {
    return [...this.#held];
  }

  load(saved: HeldState): void {
    this.#held = [...saved];
  }

  /** Undefined if the message is to be held. */
  #read(message: NetworkMessage): Read | undefined {
    try {
      return { message, body: { value: this.#decode(message.type, message.body, message) } };
    } catch (error) {
      if (!(error instanceof OutOfStepError)) throw error;
      return error.mayCome ? undefined : { message };
    }
  }
}

function isOfSameLink(a: NetworkMessage, b: NetworkMessage): boolean {
  return a.type === b.type && a.from === b.from && a.to === b.to;
}
