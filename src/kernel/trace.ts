/**
 * The trace of a run: a fingerprint that grows with every event and with every number that a component mixes in.
 * Two runs with the same fingerprint did the same things at the same times.
 */
import { assert } from '../errors.js';
import type { Nanoseconds } from '../units.js';
import { type Block, Blocks, type BlocksState } from './blocks.js';
import { Fingerprint, type FingerprintState } from './fingerprint.js';

/** One line of a trace. */
export interface TraceRecord {
  readonly time: Nanoseconds;
  readonly priority: number;
  /** Name of the event's kind. */
  readonly kind: string;
  readonly target: number;
  readonly payload: unknown;
}

/** The trace as plain data. */
export interface TraceState {
  readonly fingerprint: FingerprintState;
  readonly blocks: BlocksState;
}

/** Who follows a trace; must not change the run. */
interface TraceListener {
  /** Each event, before its handler runs. */
  event?(record: TraceRecord): void;
  /** Each number that is mixed in, and what it is. */
  mixed?(what: string, value: number): void;
}

const HIGH_WORD = 2 ** 32;

/** The incremental fingerprint of a run. */
export class Trace {
  readonly #fingerprint = new Fingerprint();
  readonly #blocks = new Blocks();
  readonly #listener: TraceListener;
  #isMixingForbidden = false;

  constructor(listener: TraceListener = {}) {
    this.#listener = listener;
  }

  /** The run at regular counts of events. */
  get blocks(): readonly Block[] {
    return this.#blocks.list;
  }

  /**
   * Enters an event. `kindWord` stands for the kind's name, because the number of a kind depends on who registered
   * first.
   */
  record(event: Omit<TraceRecord, 'kind'>, kindName: string, kindWord: number): void {
    const { time, priority, target } = event;
    const fingerprint = this.#fingerprint;
    const blocks = this.#blocks;
    if (blocks.isDue) blocks.mark({ time, trace: fingerprint.hex() });
    blocks.count();
    fingerprint.word(time | 0);
    // A time has 53 bits, so its upper word leaves the eight bits free that a priority needs.
    fingerprint.word(Math.floor(time / HIGH_WORD) | (priority << 24));
    fingerprint.word(kindWord);
    fingerprint.word(target);
    this.#listener.event?.({ time, priority, kind: kindName, target, payload: event.payload });
  }

  /** Enters a number that an event has produced: a size, a sum, a drawn delay. Any float64. `what` is for people. */
  mix(value: number, what = 'number'): void {
    assert(
      !this.#isMixingForbidden,
      'a silent event mixed a number into the trace: measuring must leave a run as it is',
    );
    this.#fingerprint.number(value);
    this.#listener.mixed?.(what, value);
  }

  /** Runs an action that must not change the trace: a `mix` during it is an AssertionError. */
  withoutMixing(action: () => void): void {
    this.#isMixingForbidden = true;
    try {
      action();
    } finally {
      this.#isMixingForbidden = false;
    }
  }

  /** The fingerprint so far: 16 hexadecimal digits. */
  get fingerprint(): string {
    return this.#fingerprint.hex();
  }

  save(): TraceState {
    return {
      fingerprint: this.#fingerprint.save(),
      blocks: this.#blocks.save(),
    };
  }

  load(state: TraceState): void {
    this.#fingerprint.load(state.fingerprint);
    this.#blocks.load(state.blocks);
  }
}
