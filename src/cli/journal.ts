/** The journal of a run: everything that happened, event by event, as it is computed again. */
import { Fingerprint } from '../kernel/fingerprint.js';
import type { PlannedRun } from '../scenario/plan.js';
import type { InnerExecution, Journal, JournalledEvent } from '../simulation/plan.js';
import { breather } from '../simulation/run.js';
import { Simulation } from '../simulation/simulation.js';

/** An event, and what happened in it. */
export interface JournalEvent {
  /** Its number: that of the events before it. */
  readonly event: number;
  readonly time_ns: number;
  readonly kind: string;
  readonly target: number;
  readonly priority: number;
  readonly from?: number;
  readonly type?: string;
  readonly bytes?: number;
  /** Names of streams, and the numbers that were drawn from them. */
  readonly draws: Array<[stream: string, drawn: number]>;
  /** What the numbers of the trace are, and these numbers: sizes, checksums of bodies, outcomes. */
  readonly numbers: Array<[what: string, value: number]>;
}

/** What was drawn before the first event, by stream: how many numbers, and their fingerprint. */
export interface JournalSetUp {
  readonly event: 'set-up';
  readonly draws: Readonly<Record<string, readonly [count: number, fingerprint: string]>>;
}

export type JournalRecord = JournalEvent | JournalSetUp;

/** Events that are computed before the records of them are handed out. */
const CHUNK = 512;

/** Collects the records from event `from` on. */
class Recorder implements Journal {
  readonly #from: number;
  readonly #streams = new Map<string, { count: number; readonly numbers: Fingerprint }>();
  #events = 0;
  #current: JournalEvent | undefined;
  #records: JournalRecord[] = [];

  constructor(from: number) {
    this.#from = from;
  }

  event({ time, kind, target, priority, attempt: _, ...message }: JournalledEvent): void {
    if (this.#events === 0) this.#endSetUp();
    const event = this.#events++;
    this.#end();
    if (event < this.#from) return;
    const own = { time_ns: time, kind, target, priority, ...message };
    this.#current = { event, ...own, draws: [], numbers: [] };
  }

  mixed(what: string, value: number): void {
    this.#current?.numbers.push([what, value]);
  }

  drawn(stream: string, value: number): void {
    if (this.#events > 0) {
      this.#current?.draws.push([stream, value]);
      return;
    }
    const known = this.#streams.get(stream) ?? { count: 0, numbers: new Fingerprint() };
    this.#streams.set(stream, known);
    known.count++;
    known.numbers.number(value);
  }

  /** The records of events that are over. */
  take({ isOver }: { readonly isOver: boolean }): JournalRecord[] {
    if (isOver) this.#end();
    const records = this.#records;
    this.#records = [];
    return records;
  }

  #end(): void {
    if (this.#current) this.#records.push(this.#current);
    this.#current = undefined;
  }

  #endSetUp(): void {
    if (this.#from > 0) return;
    const draws = [...this.#streams].map(
      ([name, { count, numbers }]) => [name, [count, numbers.hex()]] as const,
    );
    this.#records.push({ event: 'set-up', draws: Object.fromEntries(draws) });
  }
}

/** Runs a plan from its start, and yields the records of the events from `from` to `to` − 1, in bounded memory. */
export async function* replay(
  plan: PlannedRun,
  { from, to, workers, signal }: { from: number; to: number; workers: number; signal?: AbortSignal },
): AsyncGenerator<JournalRecord, void> {
  const journal = new Recorder(from);
  let goal = Math.min(from, to) + CHUNK;
  const execution: InnerExecution = {
    backend: plan.backend,
    workers,
    breathe: breather(),
    journal,
    pause: (events) => events >= goal,
    ...(signal && { signal }),
  };
  const simulation = await Simulation.create(plan, execution);
  try {
    for await (const update of simulation.run()) {
      if (update.kind !== 'progress') continue;
      for (const record of journal.take({ isOver: false })) {
        if (record.event !== 'set-up' && record.event >= to) return;
        yield record;
      }
      if (update.progress.events >= goal) goal += CHUNK;
    }
    for (const record of journal.take({ isOver: true }))
      if (record.event === 'set-up' || record.event < to) yield record;
  } finally {
    await simulation.close();
  }
}
