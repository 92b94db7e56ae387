/**
 * Memory that all threads of a run share: data, params and the bodies of messages lie in it, and tasks are given
 * addresses. Where something lies enters neither a result nor a fingerprint.
 *
 * Any thread takes blocks and gives them back. A block that is free again is used for the next one of its size. Each
 * block knows which thread has it, so that what a thread had when it ended is given back too.
 */
import { assert } from '../errors.js';
import { Memory, type SharedMemory } from './webassembly.js';

const PAGE = 65536;
/** What 32-bit addresses reach. */
const MOST_BYTES = 65536 * PAGE;
/** Below lie the data and the stack of WebAssembly instances. */
const FIRST = 2 * PAGE;
/** Before every block: its size, and the number of the thread that has it. Keeps blocks at the beginning of a cache line. */
const HEADER = 64;

/** Behind the last block: a kernel may read a register that its numbers do not fill. */
const MARGIN = 64;

/** The allocator's own words, at FIRST. */
const LOCK = FIRST / 4;
const TOP = LOCK + 1;
const CLASSES = LOCK + 2;
/** Threads that wait for the lock. */
const WAITING = LOCK + 3;
/** Size and first free block, of each size that has been given back. */
const TABLE = LOCK + 16;
const MOST_CLASSES = 496;
const START = FIRST + 4 * 1024;

/** In place of the number of a thread, where a block is free, and where the lock is open. Threads count from 1. */
const NOBODY = 0;

/**
 * What a block of so many bytes takes: multiples of an eighth of the next power of two, so that there are few sizes and
 * blocks are used again.
 */
function classSize(bytes: number): number {
  if (bytes <= HEADER) return HEADER;
  const step = Math.max(HEADER, 2 ** (32 - Math.clz32(bytes - 1)) / 8);
  return Math.ceil(bytes / step) * step;
}

export class Arena {
  readonly memory: SharedMemory;
  /** The number of this thread. */
  readonly thread: number;
  #words: Int32Array;
  /** Every buffer that the memory has had: it has a new one each time it grows. */
  readonly #buffers = new Set<ArrayBufferLike>();

  /**
   * @param memory of another thread; default: a new one
   * @param thread number of this thread, from 1: each has its own
   */
  constructor(memory?: SharedMemory, thread = 1) {
    this.thread = thread;
    this.memory = memory ?? new Memory({ initial: 16, maximum: 65536, shared: true });
    this.#words = new Int32Array(this.memory.buffer);
    this.#buffers.add(this.memory.buffer);
    if (!memory) this.#words[TOP] = START;
  }

  get buffer(): ArrayBufferLike {
    this.#refresh();
    return this.memory.buffer;
  }

  /** Takes a block; its content is whatever was there before. Returns its address. */
  take(bytes: number): number {
    const size = classSize(bytes);
    this.#lock();
    try {
      const address = this.#reuse(size) ?? this.#extend(size);
      this.#words[(address - HEADER) / 4 + 1] = this.thread;
      return address;
    } finally {
      this.#unlock();
    }
  }

  /** Gives a block back. */
  giveBack(address: number): void {
    this.#lock();
    try {
      this.#release(address);
    } finally {
      this.#unlock();
    }
  }

  /** From now on this thread has a block that another one took. */
  takeOver(address: number): void {
    this.#refresh();
    this.#words[(address - HEADER) / 4 + 1] = this.thread;
  }

  /** Gives back all that a thread had which has ended, and opens the lock where it ended inside. */
  giveBackAllOf(thread: number): void {
    this.#refresh();
    Atomics.compareExchange(this.#words, LOCK, thread, NOBODY);
    this.#lock();
    try {
      for (const { address, holder } of this.#blocks()) if (holder === thread) this.#release(address);
    } finally {
      this.#unlock();
    }
  }

  /** Forgets the free blocks behind the last one that somebody has, so that their room can have blocks of other sizes. */
  trim(): void {
    this.#lock();
    try {
      const blocks = [...this.#blocks()];
      const last = blocks.findLastIndex(({ holder }) => holder !== NOBODY);
      this.#words[CLASSES] = 0;
      this.#words[TOP] = START;
      for (const { address, size, holder } of blocks.slice(0, last + 1)) {
        if (holder === NOBODY) this.#release(address);
        this.#words[TOP] = address + size;
      }
    } finally {
      this.#unlock();
    }
  }

  /** Bytes of all blocks that somebody has. */
  get taken(): number {
    this.#refresh();
    let bytes = 0;
    for (const { size, holder } of this.#blocks()) if (holder !== NOBODY) bytes += size;
    return bytes;
  }

  /** Bytes that blocks have ever taken since they were last trimmed. */
  get extent(): number {
    this.#refresh();
    return (this.#words[TOP]! >>> 0) - START;
  }

  /** Copies an array into a new block, and returns its address. */
  copy({ buffer, byteOffset, byteLength }: ArrayBufferView): number {
    const address = this.take(byteLength);
    new Uint8Array(this.buffer, address, byteLength).set(new Uint8Array(buffer, byteOffset, byteLength));
    return address;
  }

  /** Address of an array's first byte, or undefined where it lies elsewhere. */
  addressOf(array: ArrayBufferView): number | undefined {
    return this.#buffers.has(array.buffer) ? array.byteOffset : undefined;
  }

  *#blocks(): Generator<{ readonly address: number; readonly size: number; readonly holder: number }> {
    const top = this.#words[TOP]! >>> 0;
    for (let header = START; header < top; ) {
      const size = this.#words[header / 4]! >>> 0;
      yield { address: header + HEADER, size, holder: this.#words[header / 4 + 1]! };
      header += HEADER + size;
    }
  }

  #reuse(size: number): number | undefined {
    const entry = this.#classOf(size);
    if (entry === undefined) return undefined;
    const address = this.#words[entry + 1]! >>> 0;
    if (address === 0) return undefined;
    this.#words[entry + 1] = this.#words[address / 4]!;
    return address;
  }

  #extend(size: number): number {
    const address = (this.#words[TOP]! >>> 0) + HEADER;
    const end = address + size;
    assert(end + MARGIN <= MOST_BYTES, 'the memory of a run is limited to 4 GiB');
    if (end + MARGIN > this.memory.buffer.byteLength) {
      // An eighth more than needed, so that it grows rarely.
      const pages = Math.min(65536, Math.ceil((end * 1.125) / PAGE));
      this.memory.grow(pages - this.memory.buffer.byteLength / PAGE);
    }
    this.#refresh();
    this.#words[TOP] = end;
    this.#words[(address - HEADER) / 4] = size;
    return address;
  }

  #release(address: number): void {
    const header = (address - HEADER) / 4;
    const size = this.#words[header]! >>> 0;
    let entry = this.#classOf(size);
    if (entry === undefined) {
      const count = this.#words[CLASSES]!;
      if (count === MOST_CLASSES) return;
      entry = TABLE + 2 * count;
      this.#words[entry] = size;
      this.#words[entry + 1] = 0;
      this.#words[CLASSES] = count + 1;
    }
    this.#words[header + 1] = NOBODY;
    this.#words[address / 4] = this.#words[entry + 1]!;
    this.#words[entry + 1] = address;
  }

  #classOf(size: number): number | undefined {
    const end = TABLE + 2 * this.#words[CLASSES]!;
    for (let entry = TABLE; entry < end; entry += 2) if (this.#words[entry]! >>> 0 === size) return entry;
    return undefined;
  }

  /** Another thread may have made the memory grow. */
  #refresh(): void {
    const { buffer } = this.memory;
    if (this.#words.buffer === buffer) return;
    this.#words = new Int32Array(buffer);
    this.#buffers.add(buffer);
  }

  #lock(): void {
    for (;;) {
      const holder = Atomics.compareExchange(this.#words, LOCK, NOBODY, this.thread);
      if (holder === NOBODY) break;
      Atomics.add(this.#words, WAITING, 1);
      Atomics.wait(this.#words, LOCK, holder, 1);
      Atomics.sub(this.#words, WAITING, 1);
    }
    this.#refresh();
  }

  #unlock(): void {
    Atomics.store(this.#words, LOCK, NOBODY);
    if (Atomics.load(this.#words, WAITING) > 0) Atomics.notify(this.#words, LOCK, 1);
  }
}
