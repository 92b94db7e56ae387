/** Reads programs and their operands from memory, for the kernels in TypeScript. */

import { floatOf } from '../bits.js';

/** Views on one memory. They are made anew when it grows. */
export interface Memory {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly addresses: Uint32Array;
  readonly floats: Float32Array;
  readonly doubles: Float64Array;
}

/** All views on a buffer. */
export function viewsOn(buffer: ArrayBufferLike): Memory {
  return {
    bytes: new Uint8Array(buffer),
    words: new Int32Array(buffer),
    addresses: new Uint32Array(buffer),
    floats: new Float32Array(buffer),
    doubles: new Float64Array(buffer, 0, Math.floor(buffer.byteLength / 8)),
  };
}

/** Reads the operands of one instruction after the other. */
export class Operands {
  readonly memory: Memory;
  /** Index of the next word. */
  next: number;
  readonly #registers: number;

  /** @param program and `registers` are addresses in bytes */
  constructor(memory: Memory, program: number, registers: number) {
    this.memory = memory;
    this.next = program / 4;
    this.#registers = registers / 4;
  }

  /** Address of a place, in bytes. */
  place(): number {
    const { words, addresses } = this.memory;
    const base = addresses[this.#registers + words[this.next]!]!;
    const offset = addresses[this.next + 1]!;
    this.next += 2;
    return base + offset;
  }

  /** What stands at a place, to the end of memory: float32. */
  floats(): Float32Array {
    return this.memory.floats.subarray(this.place() / 4);
  }

  /** The same, float64. */
  doubles(): Float64Array {
    return this.memory.doubles.subarray(this.place() / 8);
  }

  /** The same, int32. */
  words(): Int32Array {
    return this.memory.words.subarray(this.place() / 4);
  }

  /** The same, uint32. */
  addresses(): Uint32Array {
    return this.memory.addresses.subarray(this.place() / 4);
  }

  /** The same, bytes. */
  bytes(): Uint8Array {
    return this.memory.bytes.subarray(this.place());
  }

  whole(): number {
    return this.memory.words[this.next++]!;
  }

  number(): number {
    return floatOf(this.whole());
  }
}
