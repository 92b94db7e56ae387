/**
 * Copies of arrays in the memory of the kernels, so that an array which many programs read is copied there once.
 *
 * The arrays themselves are ordinary ones, which JavaScript frees when nobody has them any more. The copies are found
 * by the array's buffer, whichever view on it somebody has, and the oldest go when there are too many.
 * So only arrays may be held that nobody changes any more: inputs and outputs of tasks, and bodies of messages.
 */
import { assert } from '../errors.js';
import type { Arena } from './arena.js';

/** Numbers that kernels read. */
export type MemoryArray = Uint8Array | Int32Array | Uint32Array | Float32Array | Float64Array;

/** Smaller arrays are copied each time. */
const LEAST_BYTES = 1024;

/** What is known of the numbers of an array that nobody changes any more. */
export interface Facts {
  readonly finite: boolean;
  /** crc32 of its bytes, where it was computed. */
  readonly checksum?: number | undefined;
}

/** What is kept of an array. */
interface Known {
  /** Where it was adopted. */
  facts: Facts | undefined;
  copy: Copy | undefined;
}

interface Copy {
  readonly address: number;
  readonly bytes: number;
  /** How many users have it now; it stays while there are any. */
  users: number;
  /** Given up, while its buffer may still lead to it. */
  gone: boolean;
}

/** Whoever uses a copy lets it go when it is done. */
export class Use {
  readonly address: number;
  readonly #copy: Copy | undefined;

  constructor(address: number, copy?: Copy) {
    this.address = address;
    this.#copy = copy;
  }

  release(): void {
    if (this.#copy) this.#copy.users--;
  }
}

export class Resident {
  readonly #arena: Arena;
  readonly #limit: number;
  /** By the whole buffer. */
  readonly #known = new WeakMap<ArrayBufferLike, Known>();
  /** From the oldest on. */
  readonly #order = new Set<Copy>();
  /** Views of {@link bytes} and {@link move}: how many times each was moved and not yet released. */
  readonly #lent = new WeakMap<MemoryArray, number>();
  readonly #abandoned: FinalizationRegistry<number>;
  #bytes = 0;

  /** @param limit bytes that all copies together may take; those in use come on top */
  constructor(arena: Arena, limit: number) {
    this.#arena = arena;
    this.#limit = limit;
    this.#abandoned = new FinalizationRegistry((address) => arena.giveBack(address));
  }

  /** Where a copy of this array lies, in use from now on; undefined where there is none. */
  find(array: MemoryArray): Use | undefined {
    const lies = this.#arena.addressOf(array);
    if (lies !== undefined) return new Use(lies);
    const copy = this.#known.get(array.buffer)?.copy;
    return copy && !copy.gone ? this.#use(copy, array.byteOffset) : undefined;
  }

  /** As {@link find}; copies the array where it is worth it. To be called with arrays that nobody changes any more. */
  hold(array: MemoryArray): Use | undefined {
    const found = this.find(array);
    if (found || array.byteLength < LEAST_BYTES) return found;
    const { buffer } = array;
    let known = this.#known.get(buffer);
    if (!known) {
      known = { facts: undefined, copy: undefined };
      this.#known.set(buffer, known);
    }
    known.copy = this.#add(buffer.byteLength, this.#arena.copy(new Uint8Array(buffer)));
    return this.#use(known.copy, array.byteOffset);
  }

  /** An array of float32 numbers as they stand in a block of the arena, which becomes its copy. */
  copyOut(address: number, length: number, facts: Facts): Float32Array<ArrayBuffer> {
    // Not filled with zeros first.
    const array = new Float32Array(Buffer.allocUnsafeSlow(4 * length).buffer as ArrayBuffer);
    array.set(new Float32Array(this.#arena.buffer, address, length));
    this.adopt(array, address, facts);
    return array;
  }

  /** A block of the arena becomes the copy of an array with the same numbers, which has its buffer for itself. */
  adopt(array: Float32Array<ArrayBuffer>, address: number, facts: Facts): void {
    const small = array.byteLength < LEAST_BYTES;
    if (small) this.#arena.giveBack(address);
    const copy = small ? undefined : this.#add(array.byteLength, address);
    this.#known.set(array.buffer, { facts, copy });
  }

  /**
   * Bytes in the memory of kernels, all 0. Their block is given back by {@link release}, or once nobody has this very view
   * any more; views on parts of it keep nothing alive.
   */
  bytes(length: number): Uint8Array {
    const address = this.#arena.take(length);
    const view = new Uint8Array(this.#arena.buffer, address, length).fill(0);
    this.#lent.set(view, 0);
    this.#abandoned.register(view, address, view);
    return view;
  }

  /**
   * The same numbers in the memory of kernels, for an array that nobody else keeps: instead of a copy beside it. To be
   * given to {@link release}.
   */
  move<Numbers extends MemoryArray>(array: Numbers): Numbers {
    if (this.#arena.addressOf(array) !== undefined) {
      const users = this.#lent.get(array);
      assert(
        users !== undefined,
        'expected data that lie in memory, got a data set whose memory was given back',
      );
      this.#lent.set(array, users + 1);
      return array;
    }
    const address = this.#arena.copy(array);
    const kind = array.constructor as new (buffer: ArrayBufferLike, from: number, length: number) => Numbers;
    const view = new kind(this.#arena.buffer, address, array.length);
    this.#lent.set(view, 1);
    return view;
  }

  /** The inverse of {@link move}: the last one gives the block back, whoever still has the view. */
  release(view: MemoryArray): void {
    const users = this.#lent.get(view)! - 1;
    this.#lent.set(view, users);
    if (users > 0) return;
    this.#lent.delete(view);
    this.#abandoned.unregister(view);
    this.#arena.giveBack(view.byteOffset);
  }

  /** Whether an array was adopted: nobody changes it then. */
  isAdopted(array: Float32Array): boolean {
    return this.#known.get(array.buffer)?.facts !== undefined;
  }

  /** Whether an array that was adopted is known to have only finite numbers. */
  isFinite(array: Float32Array): boolean {
    return this.#known.get(array.buffer)?.facts?.finite ?? false;
  }

  /** crc32 of bytes, where they are those of an array that was adopted with it. */
  checksumOf({ buffer, byteLength }: Uint8Array): number | undefined {
    return buffer.byteLength === byteLength ? this.#known.get(buffer)?.facts?.checksum : undefined;
  }

  /** Gives up all copies that nobody uses now, at the end of a run. */
  clear(): void {
    for (const copy of this.#order) if (copy.users === 0) this.#giveUp(copy);
    this.#arena.trim();
  }

  #add(bytes: number, address: number): Copy {
    const copy: Copy = { address, bytes, users: 0, gone: false };
    this.#order.add(copy);
    this.#bytes += copy.bytes;
    if (this.#bytes > this.#limit) this.#makeRoom(copy);
    return copy;
  }

  #use(copy: Copy, offset: number): Use {
    copy.users++;
    return new Use(copy.address + offset, copy);
  }

  #makeRoom(spared: Copy): void {
    for (const copy of this.#order) {
      if (this.#bytes <= this.#limit) return;
      if (copy.users === 0 && copy !== spared) this.#giveUp(copy);
    }
  }

  #giveUp(copy: Copy): void {
    assert(copy.users === 0, 'a copy that somebody uses is not given up');
    this.#order.delete(copy);
    copy.gone = true;
    this.#bytes -= copy.bytes;
    this.#arena.giveBack(copy.address);
  }
}
