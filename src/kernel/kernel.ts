/**
 * The kernel: a virtual clock and the loop that runs events in order. It knows nothing of networks or learning.
 *
 * An event is data: its time, its kind, what it concerns (`target`), and a payload. Its kind determines the handler. So
 * the pending events can be saved and loaded, and a run that continues from there is the same run.
 */
import { assert, byCodeUnit, UsageError } from '../errors.js';
import type { Nanoseconds } from '../units.js';
import {
  DEFAULT_PRIORITY,
  type EventKind,
  type EventOptions,
  type KernelEvent,
  NO_GATE,
  type TaskId,
} from './event.js';
import { wordOf } from './fingerprint.js';
import { EventQueue, MAX_PRIORITY, priorityOf, type QueuedEvent } from './queue.js';
import { type EventId, NONE, type Slot, type TableState } from './table.js';
import type { Trace, TraceState } from './trace.js';

export type { EventKind, KernelEvent, TaskId } from './event.js';
export type { EventId } from './table.js';

/** Tasks that events wait for, as the kernel sees them. */
export interface Gates {
  /** Whether the task's output is there. */
  settled(task: TaskId): boolean;
  /** Runs this task, and possibly others; when the promise is fulfilled, it is settled. It must not use the kernel. */
  settle(task: TaskId): Promise<void>;
}

/** How far to run, and what may end or interrupt the run. */
interface RunOptions {
  /** Events at this time still run, later ones stay pending, and the clock stands at it. */
  readonly until?: Nanoseconds;
  /** Called before every event: true ends the run. Must be pure. */
  readonly stop?: () => boolean;
  /** Called once in some events, and what it returns is awaited, so that the rest of the process gets its turn. */
  readonly breathe?: () => Promise<void> | undefined;
  /** Checked before every event: a run ends when it is aborted. */
  readonly signal?: AbortSignal;
}

/** Why a run has ended: no event is pending, `until` is reached, `stop` returned true, or `signal` was aborted. */
type RunEnd = 'idle' | 'until' | 'stopped' | 'aborted';

/** A pending event with its kind by name. */
interface SavedEvent extends Omit<QueuedEvent, 'kind'> {
  readonly kind: string;
}

/** A kernel as plain data, to be written with `v8.serialize`. Payloads are shared with the kernel, not copied. */
export interface KernelState {
  readonly now: Nanoseconds;
  readonly executed: number;
  readonly sequence: number;
  /** In order of execution. */
  readonly events: readonly SavedEvent[];
  readonly table: TableState;
  readonly trace: TraceState;
}

interface Kind {
  readonly name: string;
  /** Stands for the name in the fingerprint. */
  readonly word: number;
  readonly silent: boolean;
  readonly handler: (event: KernelEvent<never>) => void;
}

/** Events between two calls of `breathe`: a count, since reading a clock would let wall time into the run. */
const BREATH = 64;

/** Runs events in the order of (time, priority, order of scheduling). */
export class Kernel {
  /** The trace, into which components `mix` their numbers. */
  readonly trace: Trace;
  readonly #gates: Gates | undefined;
  readonly #queue = new EventQueue();
  readonly #kinds: Kind[] = [];
  readonly #kindByName = new Map<string, EventKind>();
  #now: Nanoseconds = 0;
  #executed = 0;
  #running = false;
  /** True while a silent event is handled. */
  #measuring = false;

  constructor(options: { trace: Trace; gates?: Gates }) {
    this.trace = options.trace;
    this.#gates = options.gates;
  }

  /** The virtual time: that of the event that runs or ran last. */
  get now(): Nanoseconds {
    return this.#now;
  }

  /** Events that have run, silent ones not counted. */
  get executed(): number {
    return this.#executed;
  }

  /** Number of pending events. */
  get pending(): number {
    return this.#queue.size;
  }

  /**
   * Registers a kind of event under a name that no other kind has. A silent kind measures: it leaves fingerprint
   * and `executed` alone, and its handler may schedule and cancel silent events only (else an AssertionError).
   */
  kind<Payload = number>(
    name: string,
    handler: (event: KernelEvent<Payload>) => void,
    options: { silent?: boolean } = {},
  ): EventKind {
    assert(!this.#kindByName.has(name), `event kind "${name}" is registered twice`);
    const kind = this.#kinds.length;
    this.#kinds.push({ name, word: wordOf(name), silent: options.silent ?? false, handler });
    this.#kindByName.set(name, kind);
    return kind;
  }

  /** Whether a kind of that name is registered. */
  hasKind(name: string): boolean {
    return this.#kindByName.has(name);
  }

  /**
   * Schedules an event. Throws a UsageError `time-range` where its time is beyond 2^53 − 1 ns, and an AssertionError
   * where its time is past or not whole, or another field is out of its range.
   */
  schedule(event: EventOptions): EventId {
    const { time, kind, target, priority = DEFAULT_PRIORITY, gate = NO_GATE } = event;
    if (!(time >= this.#now && time <= Number.MAX_SAFE_INTEGER && Math.floor(time) === time)) {
      this.#refuseTime(time, kind);
    }
    const known = this.#kinds[kind];
    assert(known !== undefined, 'an event was scheduled of a kind that is not registered');
    assert(target === (target | 0), 'the target of an event must be a 32-bit integer');
    assert(
      priority === (priority & MAX_PRIORITY),
      'the priority of an event must be a whole number from 0 to 255',
    );
    if (gate !== NO_GATE) {
      assert(this.#gates !== undefined, 'an event has a gate, but the kernel was made without gates');
      assert(gate === (gate | 0) && gate >= 0, 'the gate of an event must be a number from 0 to 2^31 − 1');
    }
    assert(!this.#measuring || known.silent, 'a silent event scheduled one that is not silent');
    return this.#queue.add(event);
  }

  /** Removes a pending event; false where it has run or was cancelled before. */
  cancel(id: EventId): boolean {
    if (this.#measuring) {
      const slot = this.#queue.table.find(id);
      const silent = slot === NONE || this.#kinds[this.#queue.table.kind(slot)]!.silent;
      assert(silent, 'a silent event cancelled one that is not silent');
    }
    return this.#queue.cancel(id);
  }

  /**
   * Runs events until nothing is pending or an option ends it. An error of a handler is thrown unchanged; its event
   * counts as run, and `run` may be called again.
   */
  async run(options: RunOptions = {}): Promise<RunEnd> {
    const { until = Number.POSITIVE_INFINITY, breathe } = options;
    assert(!this.#running, 'run was called while the kernel is running');
    assert(
      until === Number.POSITIVE_INFINITY || Number.isSafeInteger(until),
      `expected whole nanoseconds as the end of a run, got ${until}`,
    );
    assert(
      until >= this.#now,
      `expected an end of the run that is not before now, ${this.#now} ns, got ${until} ns`,
    );
    this.#running = true;
    try {
      for (;;) {
        const pause = this.#burst(options, until, breathe ? BREATH : Number.POSITIVE_INFINITY);
        if (pause === 'breath') {
          const turn = breathe?.();
          if (turn) await turn;
        } else if (pause === 'gate') await this.#settle();
        else return pause;
      }
    } finally {
      this.#running = false;
    }
  }

  /** Plain data from which {@link load} continues exactly. Runs no task. */
  save(): KernelState {
    const { sequence, events, table } = this.#queue.save();
    return {
      now: this.#now,
      executed: this.#executed,
      sequence,
      events: events.map((event) => ({ ...event, kind: this.#kinds[event.kind]!.name })),
      table,
      trace: this.trace.save(),
    };
  }

  /** Replaces time, events and trace by saved ones. All kinds must be registered; ids from before saving stay valid. */
  load(state: KernelState): void {
    assert(!this.#running, 'load was called while the kernel is running');
    const events = state.events.map((event) => ({ ...event, kind: this.#kindNamed(event.kind) }));
    this.#queue.load({ sequence: state.sequence, events, table: state.table });
    this.#now = state.now;
    this.#executed = state.executed;
    this.trace.load(state.trace);
  }

  /** Runs events until something has to be awaited. This is the only loop, and it is synchronous. */
  #burst(options: RunOptions, until: Nanoseconds, budget: number): RunEnd | 'breath' | 'gate' {
    const { stop, signal } = options;
    const queue = this.#queue;
    const table = queue.table;
    for (let count = 0; ; count++) {
      if (signal?.aborted) return 'aborted';
      if (stop?.()) return 'stopped';
      const slot = queue.first();
      if (slot === NONE) return 'idle';
      const time = queue.time;
      if (time > until) {
        this.#now = until;
        return 'until';
      }
      if (count >= budget) return 'breath';
      const gate = table.gate(slot);
      if (gate !== NO_GATE && !this.#gates!.settled(gate)) return 'gate';
      this.#now = time;
      this.#execute(slot, time);
    }
  }

  /** Takes the first event out and hands it to its handler. */
  #execute(slot: Slot, time: Nanoseconds): void {
    const table = this.#queue.table;
    const event: KernelEvent<never> = {
      time,
      priority: priorityOf(table.order(slot)),
      kind: table.kind(slot),
      target: table.target(slot),
      payload: table.payload(slot) as never,
    };
    const kind = this.#kinds[event.kind]!;
    // Removed before the handler runs, since that may throw, and may reuse the slot while it is in the cache.
    this.#queue.removeFirst();
    if (kind.silent) this.#measure(kind, event);
    else {
      this.#executed++;
      this.trace.record(event, kind.name, kind.word);
      kind.handler(event);
    }
  }

  #measure(kind: Kind, event: KernelEvent<never>): void {
    this.#measuring = true;
    try {
      this.trace.withoutMixing(() => kind.handler(event));
    } finally {
      this.#measuring = false;
    }
  }

  async #settle(): Promise<void> {
    const gate = this.#queue.table.gate(this.#queue.first());
    await this.#gates!.settle(gate);
    assert(
      gate === NO_GATE || this.#gates!.settled(gate),
      `task ${gate} is not settled after all tasks have run`,
    );
  }

  #refuseTime(time: Nanoseconds, kind: EventKind): never {
    const name = this.#kinds[kind]?.name;
    if (time > Number.MAX_SAFE_INTEGER) {
      throw new UsageError(
        'time-range',
        `expected all events within 104 days of virtual time, got a "${name}" at ${time} ns; shorten the run or its delays`,
      );
    }
    assert(
      Number.isSafeInteger(time),
      `expected a whole number of ns as the time of a "${name}", got ${time}`,
    );
    assert(false, `expected a "${name}" not before now, ${this.#now} ns, got ${time} ns`);
  }

  #kindNamed(name: string): EventKind {
    const kind = this.#kindByName.get(name);
    const known = () => [...this.#kindByName.keys()].sort(byCodeUnit).join(', ');
    if (kind === undefined) {
      throw new UsageError(
        'unknown-kind',
        `expected saved events of known kinds (${known()}), got the kind "${name}"`,
      );
    }
    return kind;
  }
}
