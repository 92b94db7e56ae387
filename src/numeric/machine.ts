/** One thread's engine, and what it needs to run programs: where their words lie, registers, scratch memory. */
import type { Arena } from './arena.js';
import type { Engine } from './engine.js';
import { type Program, REGISTERS, type Register } from './program.js';

/** Addresses in bytes; those that a program does not use may be left out. */
export type Registers = Partial<Record<Exclude<Register, 'scratch'>, number>>;

export class Machine {
  readonly arena: Arena;
  readonly engine: Engine;
  readonly #registers: number;
  readonly #programs = new WeakMap<Program, number>();
  #scratch = { address: 0, bytes: 0 };

  constructor(arena: Arena, engine: Engine) {
    this.arena = arena;
    this.engine = engine;
    this.#registers = arena.take(4 * REGISTERS.length);
  }

  /** Runs a program. */
  run(program: Program, registers: Registers): void {
    const address = this.#addressOf(program);
    const scratch = this.#scratchFor(program.scratchBytes);
    const words = new Uint32Array(this.arena.buffer, this.#registers, REGISTERS.length);
    words[0] = scratch;
    for (let r = 1; r < REGISTERS.length; r++) words[r] = registers[REGISTERS[r] as keyof Registers] ?? 0;
    this.engine.run(address, program.words.length, this.#registers);
  }

  #addressOf(program: Program): number {
    let address = this.#programs.get(program);
    if (address === undefined) {
      address = this.arena.take(program.words.byteLength);
      new Int32Array(this.arena.buffer, address, program.words.length).set(program.words);
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
