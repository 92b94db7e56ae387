/** One thread's engine, and what it needs to run programs: where their words lie, registers, scratch memory. */
import { crc32 } from 'node:zlib';
import { assert } from '../errors.js';
import type { Arena } from './arena.js';
import type { Engine } from './engine.js';
import { REGISTERS, type Register } from './instructions.js';
import { at, type Program, ProgramTable } from './program.js';
import type { Facts, MemoryArray, Resident, Use } from './resident.js';

/** Addresses in bytes. */
export type Registers = Readonly<Record<Exclude<Register, 'scratch'>, number>>;

/**
 * For programs that use only some registers: `{ ...NOWHERE, params: … }`. All objects of registers are made so, because
 * then they have one shape, which is fast to read.
 */
export const NOWHERE: Registers = {
  params: 0,
  state: 0,
  data: 0,
  rows: 0,
  order: 0,
  labels: 0,
  settings: 0,
  center: 0,
  results: 0,
};

/** Numbers in a block of the arena. */
export interface Block<Numbers> {
  readonly address: number;
  readonly numbers: Numbers;
}

/** A block that outlives its frame. */
export interface Kept extends Facts {
  /** Float32 numbers. */
  readonly length: number;
}

/** Memory for one computation: what is taken in it is given back together. */
export class Frame {
  readonly #machine: Machine;
  readonly #arena: Arena;
  readonly #resident: Resident | undefined;
  readonly #taken: number[] = [];
  readonly #uses: Use[] = [];

  constructor(machine: Machine, resident: Resident | undefined) {
    this.#machine = machine;
    this.#arena = machine.arena;
    this.#resident = resident;
  }

  /** Where programs read these numbers, which nobody changes any more. */
  read(array: MemoryArray): number {
    return this.#placeOf(array, this.#resident?.hold(array));
  }

  /** Where programs read these numbers, which somebody may change later. */
  readOnce(array: MemoryArray): number {
    return this.#placeOf(array, this.#resident?.find(array));
  }

  /** Where programs read the addresses of these arrays, uint32 [arrays], each of which is read as by {@link readOnce}. */
  addresses(arrays: readonly MemoryArray[]): number {
    const address = this.#own(this.#arena.take(4 * arrays.length));
    const words = new Uint32Array(this.#arena.buffer, address, arrays.length);
    for (let k = 0; k < arrays.length; k++) words[k] = this.readOnce(arrays[k]!);
    return address;
  }

  /** A copy that programs may change. */
  copy(array: Float32Array): Block<Float32Array> {
    const block = this.floats(array.length);
    const use = this.#resident?.find(array);
    if (use) {
      new Uint8Array(this.#arena.buffer).copyWithin(
        block.address,
        use.address,
        use.address + array.byteLength,
      );
      use.release();
    } else block.numbers.set(array);
    return block;
  }

  /** Numbers that programs may change: a copy of these, or zeros. */
  state(length: number, numbers: Float32Array | null): Block<Float32Array> {
    if (numbers) return this.copy(numbers);
    const block = this.floats(length);
    block.numbers.fill(0);
    return block;
  }

  /** Float32 numbers, whatever they are. */
  floats(length: number): Block<Float32Array> {
    const address = this.#own(this.#arena.take(4 * length));
    return { address, numbers: new Float32Array(this.#arena.buffer, address, length) };
  }

  /** Float64 numbers, whatever they are. */
  doubles(length: number): Block<Float64Array> {
    const address = this.#own(this.#arena.take(8 * length));
    return { address, numbers: new Float64Array(this.#arena.buffer, address, length) };
  }

  /**
   * The numbers of a block of this frame as an array that outlives it. Every NaN in it has the same bits.
   * @param sent whether the array is likely to be sent: then its checksum is computed here, where it costs little or the thread is a worker
   */
  keep({ address, numbers }: Block<Float32Array>, { sent = false } = {}): Float32Array {
    const owned = this.#taken.indexOf(address);
    assert(owned >= 0, 'only a block of the frame can be kept');
    this.#taken.splice(owned, 1);
    const finite = this.#machine.isFinite(address, numbers.length);
    if (!finite)
      for (let i = 0; i < numbers.length; i++) if (Number.isNaN(numbers[i])) numbers[i] = Number.NaN;
    const isCheapHere = sent && (!this.#resident || this.#machine.engine.crc32);
    const checksum = isCheapHere ? this.#machine.crc32(address, numbers.byteLength) : undefined;
    if (this.#resident) return this.#resident.copyOut(address, numbers.length, { finite, checksum });
    this.#machine.kept.set(address, { length: numbers.length, finite, checksum });
    return numbers;
  }

  /** Gives all of it back. */
  end(): void {
    for (const address of this.#taken) this.#arena.giveBack(address);
    for (const use of this.#uses) use.release();
  }

  #placeOf(array: MemoryArray, use: Use | undefined): number {
    if (!use) return this.#arena.addressOf(array) ?? this.#own(this.#arena.copy(array));
    this.#uses.push(use);
    return use.address;
  }

  #own(address: number): number {
    this.#taken.push(address);
    return address;
  }
}

/** In the order of {@link REGISTERS}; by name, since a loop over names is slow. */
function fill(words: Uint32Array, from: number, scratch: number, registers: Registers): void {
  words[from] = scratch;
  words[from + 1] = registers.params;
  words[from + 2] = registers.state;
  words[from + 3] = registers.data;
  words[from + 4] = registers.rows;
  words[from + 5] = registers.order;
  words[from + 6] = registers.labels;
  words[from + 7] = registers.settings;
  words[from + 8] = registers.center;
  words[from + 9] = registers.results;
}

/** By the number of numbers that they check. */
const finitePrograms = new ProgramTable();

export class Machine {
  readonly arena: Arena;
  readonly engine: Engine;
  readonly #resident: Resident | undefined;
  /** Where nothing is resident: blocks that frames have kept, by address, which nobody has taken over yet. */
  readonly kept = new Map<number, Kept>();
  readonly #registers: number;
  /** Room for one number. */
  readonly #answer: number;
  readonly #programs = new Map<Program, number>();
  #scratch = { address: 0, bytes: 0 };

  /** @param resident where arrays are not in the arena from the start: the copies of them that are */
  constructor(arena: Arena, engine: Engine, resident?: Resident) {
    this.arena = arena;
    this.engine = engine;
    this.#resident = resident;
    this.#registers = arena.take(2 * 4 * REGISTERS.length);
    this.#answer = arena.take(8);
  }

  /** Gives `work` a frame that ends when it returns, and passes on what it returns. */
  frame<Result>(work: (frame: Frame) => Result): Result {
    const frame = new Frame(this, this.#resident);
    try {
      return work(frame);
    } finally {
      frame.end();
    }
  }

  /** Gives back what the machine has in the arena; it runs nothing any more. */
  close(): void {
    for (const address of [this.#registers, this.#answer, ...this.#programs.values()])
      this.arena.giveBack(address);
    if (this.#scratch.bytes > 0) this.arena.giveBack(this.#scratch.address);
    this.#programs.clear();
    this.#scratch = { address: 0, bytes: 0 };
  }

  /**
   * Runs a program.
   * @param times how many times, one after the other
   * @param strides by how many bytes each address moves from one time to the next
   */
  run(program: Program, registers: Registers, times = 1, strides: Registers = NOWHERE): void {
    const address = this.#addressOf(program);
    const scratch = this.#scratchFor(program.scratchBytes);
    const words = new Uint32Array(this.arena.buffer, this.#registers, 2 * REGISTERS.length);
    fill(words, 0, scratch, registers);
    fill(words, REGISTERS.length, 0, strides);
    this.engine.run(address, program.words.length, this.#registers, times);
  }

  /** Whether so many float32 numbers are all finite. */
  isFinite(address: number, length: number): boolean {
    const program = finitePrograms.get(String(length), (builder) =>
      builder.emit('finite', [at('results'), at('data')], [length]),
    );
    this.run(program, { ...NOWHERE, data: address, results: this.#answer });
    return new Int32Array(this.arena.buffer, this.#answer, 1)[0] === 1;
  }

  /** crc32 of so many bytes. */
  crc32(address: number, bytes: number): number {
    const fast = this.engine.crc32?.(address, bytes);
    return fast ?? crc32(new Uint8Array(this.arena.buffer, address, bytes));
  }

  /** Numbers that the last program has left in scratch memory, or that the next one reads: for the pauses of programs. */
  scratch(offset: number, length: number): Float32Array {
    return new Float32Array(this.arena.buffer, this.#scratch.address + offset, length);
  }

  #addressOf(program: Program): number {
    let address = this.#programs.get(program);
    if (address === undefined) {
      address = this.arena.copy(program.words);
      this.#programs.set(program, address);
    }
    return address;
  }

  #scratchFor(bytes: number): number {
    if (bytes > this.#scratch.bytes) {
      if (this.#scratch.bytes > 0) this.arena.giveBack(this.#scratch.address);
      this.#scratch = { address: this.arena.take(bytes), bytes };
    }
    return this.#scratch.address;
  }
}
