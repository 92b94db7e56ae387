/** Puts step programs together: instructions one after the other, and scratch memory that is used again when it is free. */
import { assert } from '../errors.js';
import {
  INSTRUCTION_NAMES,
  INSTRUCTIONS,
  type InstructionName,
  REGISTERS,
  type Register,
} from './instructions.js';

export type { Register };

/** Room in scratch memory. Its content lasts from the first instruction that names it to the last one. */
class Room {
  readonly bytes: number;
  constructor(bytes: number) {
    this.bytes = bytes;
  }
}

/** Where an instruction finds what it needs: so many bytes from the beginning of a room, or from a register. */
export interface Place {
  readonly base: Room | Register;
  /** In bytes. */
  readonly offset: number;
}

/** So many bytes from what a register points to. */
export function at(base: Register, offset = 0): Place {
  return { base, offset };
}

/** A place so many bytes further on. */
export function further({ base, offset }: Place, bytes: number): Place {
  return { base, offset: offset + bytes };
}

/** A finished program: what an engine runs, and how much scratch memory it needs. Plain data. */
export interface Program {
  readonly words: Int32Array;
  readonly scratchBytes: number;
}

/** Alignment of rooms: a cache line, and the widest register. */
const ALIGNMENT = 64;

/** Programs that run one after the other on the same scratch memory. */
export interface ProgramParts {
  readonly parts: readonly Program[];
  /** Where in scratch memory the places of each pause lie, in bytes. */
  readonly pauses: ReadonlyArray<readonly number[]>;
}

interface Instruction {
  /** `pause` ends a part. */
  readonly name: InstructionName | 'pause';
  readonly places: readonly Place[];
  readonly numbers: readonly number[];
}

/** Collects instructions. */
export class ProgramBuilder {
  readonly #instructions: Instruction[] = [];

  /** Room for so many float32 (or int32) numbers. */
  floats(length: number): Place {
    return { base: new Room(4 * length), offset: 0 };
  }

  /** Room for so many float64 numbers. */
  doubles(length: number): Place {
    return { base: new Room(8 * length), offset: 0 };
  }

  /** Appends an instruction; `numbers` are whole, a float32 by its bits. */
  emit(name: InstructionName, places: readonly Place[], numbers: readonly number[]): void {
    const [placeCount, numberCount] = INSTRUCTIONS[name];
    assert(
      places.length === placeCount && numbers.length === numberCount && numbers.every(Number.isInteger),
      `${name}: expected ${placeCount} places and ${numberCount} whole numbers`,
    );
    this.#instructions.push({ name, places, numbers });
  }

  /** Ends a part of the program. These places, which are in rooms, can be read and written before the next part runs. */
  pause(places: readonly Place[]): void {
    this.#instructions.push({ name: 'pause', places, numbers: [] });
  }

  /** The program; asserts that it has no pauses. */
  finish(): Program {
    const { parts } = this.finishParts();
    assert(parts.length === 1, 'a program with pauses has several parts');
    return parts[0]!;
  }

  /** Gives every room its place in scratch memory. */
  finishParts(): ProgramParts {
    const { at, bytes } = layOut(this.#instructions);
    const offsetOf = ({ base, offset }: Place) => at.get(base as Room)! + offset;
    const words: number[][] = [[]];
    const pauses: number[][] = [];
    for (const { name, places, numbers } of this.#instructions) {
      if (name === 'pause') {
        pauses.push(places.map(offsetOf));
        words.push([]);
        continue;
      }
      const operands = places.flatMap((place) =>
        place.base instanceof Room
          ? [REGISTERS.indexOf('scratch'), offsetOf(place)]
          : [REGISTERS.indexOf(place.base), place.offset],
      );
      words.at(-1)!.push(INSTRUCTION_NAMES.indexOf(name), ...operands, ...numbers);
    }
    return { parts: words.map((part) => ({ words: Int32Array.from(part), scratchBytes: bytes })), pauses };
  }
}

/** Programs that are made once, by what they depend on. */
export class ProgramTable {
  readonly #programs = new Map<string, Program>();

  /** The program with this key; `build` emits it the first time. */
  get(key: string, build: (builder: ProgramBuilder) => void): Program {
    let program = this.#programs.get(key);
    if (!program) {
      const builder = new ProgramBuilder();
      build(builder);
      program = builder.finish();
      this.#programs.set(key, program);
    }
    return program;
  }
}

interface Life {
  readonly room: Room;
  readonly size: number;
  readonly first: number;
  last: number;
}

/** First fit in the order of first use: a room takes the lowest place that is free as long as it is needed. */
function layOut(instructions: readonly Instruction[]): { at: Map<Room, number>; bytes: number } {
  const lives = new Map<Room, Life>();
  for (const [index, { places }] of instructions.entries()) {
    for (const { base: room } of places) {
      if (!(room instanceof Room)) continue;
      const life = lives.get(room);
      const size = Math.ceil(room.bytes / ALIGNMENT) * ALIGNMENT;
      if (life) life.last = index;
      else lives.set(room, { room, size, first: index, last: index });
    }
  }
  const at = new Map<Room, number>();
  const placed: Life[] = [];
  let bytes = 0;
  for (const life of lives.values()) {
    const inTheWay = placed
      .filter(({ last }) => last >= life.first)
      .map(({ room, size }) => ({ from: at.get(room)!, to: at.get(room)! + size }))
      .sort((a, b) => a.from - b.from);
    let offset = 0;
    for (const { from, to } of inTheWay) {
      if (from - offset >= life.size) break;
      offset = Math.max(offset, to);
    }
    at.set(life.room, offset);
    placed.push(life);
    bytes = Math.max(bytes, offset + life.size);
  }
  return { at, bytes };
}
