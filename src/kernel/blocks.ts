/**
 * Where a run was at regular counts of events: at most 128 marks, at distances that double as the run grows. The first mark
 * at which two runs differ says between which events they part.
 */
import type { Nanoseconds } from '../units.js';

/** A run after so many events. */
export interface Block {
  readonly events: number;
  /** Of the event that comes next. */
  readonly time: Nanoseconds;
  /** The fingerprint of the trace so far. */
  readonly trace: string;
}

/** Blocks as plain data. */
export interface BlocksState {
  readonly events: number;
  readonly distance: number;
  readonly blocks: readonly Block[];
}

const BLOCKS_MAX = 128;

/** The marks of a run. */
export class Blocks {
  #blocks: Block[] = [];
  /** Events so far. */
  #events = 0;
  #distance = 1;
  /** Events at the next mark. */
  #next = 1;

  get list(): readonly Block[] {
    return this.#blocks;
  }

  /** Whether the run is to be marked before the next event. */
  get isDue(): boolean {
    return this.#events === this.#next;
  }

  /** Marks the run as it is before the next event. */
  mark(now: Omit<Block, 'events'>): void {
    this.#blocks.push({ events: this.#events, ...now });
    if (this.#blocks.length === BLOCKS_MAX) {
      this.#blocks = this.#blocks.filter((_, k) => k % 2 === 1);
      this.#distance *= 2;
    }
    this.#next = this.#events + this.#distance;
  }

  /** Counts an event. */
  count(): void {
    this.#events++;
  }

  save(): BlocksState {
    return { events: this.#events, distance: this.#distance, blocks: [...this.#blocks] };
  }

  load({ events, distance, blocks }: BlocksState): void {
    this.#blocks = [...blocks];
    this.#events = events;
    this.#distance = distance;
    this.#next = (blocks.at(-1)?.events ?? 0) + distance;
  }
}
