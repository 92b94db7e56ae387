/** When the probes run, and what becomes of their numbers: samples, last values, the price of the target accuracy. */
import type { EventKind, Kernel } from '../kernel/kernel.js';
import type { ModelSpec } from '../models/model.js';
import type { Bytes, Nanoseconds, Round } from '../units.js';
import { answer, ask, type ChosenProbe, type EvaluationQueue, type Pending } from './measuring.js';
import type { ProbeView } from './probe.js';
import type { RowSample } from './sampled.js';
import { type NotFinite, withNotFinite } from './scrutiny.js';

/** One measured number, with its time, round and node. */
interface Recorded {
  readonly time: Nanoseconds;
  readonly round: Round;
  readonly node: number | undefined;
  readonly metric: string;
  readonly value: number;
}

/** When the target accuracy was first met, and what had been sent by then. */
interface TargetMet {
  readonly bytes: Bytes;
  readonly time: Nanoseconds;
  readonly round: Round;
}

/** What `save` returns. Plain data. */
interface RecorderState {
  readonly final: Readonly<Record<string, number>>;
  readonly target: TargetMet | undefined;
  readonly notFinite: readonly NotFinite[];
  readonly measuredRound: Round;
  readonly due: boolean;
  readonly last: string;
  readonly pending: Pending | undefined;
}

/** Priority of measuring: after everything else of its instant. */
const LAST = 255;

/** Runs the probes as silent events: they cost no virtual time and leave no trace. */
export class Recorder {
  readonly #parts: RecorderParts;
  readonly #kinds: { measure: EventKind; collect: EventKind };
  #final: Record<string, number> = {};
  #target: TargetMet | undefined;
  #notFinite: readonly NotFinite[] = [];
  #measuredRound: Round = 0;
  /** Whether a measurement of this instant is scheduled or waits for its evaluations. */
  #due = false;
  /** Where the run was at the last measurement. */
  #last = '';
  #pending: Pending | undefined;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
    this.#kinds = {
      measure: parts.kernel.kind('measure', () => this.#measure(), { silent: true }),
      collect: parts.kernel.kind('collect', () => this.#collect(), { silent: true }),
    };
  }

  /** Last value of every metric of the whole run. */
  get final(): Readonly<Record<string, number>> {
    return this.#final;
  }

  get target(): TargetMet | undefined {
    return this.#target;
  }

  /** Probes that gave numbers that are not finite, in order of appearance. */
  get notFinite(): readonly NotFinite[] {
    return this.#notFinite;
  }

  /** Whether a measurement of this instant is still to come. */
  get isDue(): boolean {
    return this.#due;
  }

  /**
   * Measures at this instant, after all its events. Does nothing where a measurement is planned already, or where nothing
   * has happened since the last one.
   */
  measureNow(): void {
    if (this.#due || this.#last === this.#stamp()) return;
    this.#due = true;
    this.#schedule(this.#kinds.measure, this.#parts.kernel.now);
  }

  /** The least round has become `round`. */
  roundReached(round: Round): void {
    const { every } = this.#parts;
    if (!('rounds' in every) || round < this.#measuredRound + every.rounds) return;
    this.#measuredRound = round - (round % every.rounds);
    this.measureNow();
  }

  save(): RecorderState {
    return {
      final: { ...this.#final },
      target: this.#target,
      notFinite: this.#notFinite,
      measuredRound: this.#measuredRound,
      due: this.#due,
      last: this.#last,
      pending: this.#pending,
    };
  }

  load(saved: RecorderState): void {
    this.#final = { ...saved.final };
    this.#target = saved.target;
    this.#notFinite = saved.notFinite;
    this.#measuredRound = saved.measuredRound;
    this.#due = saved.due;
    this.#last = saved.last;
    this.#pending = saved.pending;
  }

  #measure(): void {
    const { queue, probes, view, modelOf, sample, kernel } = this.#parts;
    this.#due = true;
    this.#last = this.#stamp();
    this.#pending = ask(probes, view(), queue, modelOf, sample);
    this.#schedule(this.#kinds.collect, kernel.now, this.#pending.joined);
  }

  #collect(): void {
    const { probes, queue, emit, target, every, kernel } = this.#parts;
    const pending = this.#pending!;
    const { time, round, sent } = pending.at;
    const answers = answer(probes, pending, queue);
    const measured = answers.flatMap((one) => one.measured);
    this.#notFinite = withNotFinite(this.#notFinite, answers, { round, time });
    this.#pending = undefined;
    this.#due = false;
    for (const { metric, value, node } of measured) if (node === undefined) this.#final[metric] = value;
    const accuracy = measured.find(({ metric }) => metric === 'accuracy-mean')?.value;
    if (target !== undefined && this.#target === undefined && accuracy !== undefined && accuracy >= target) {
      this.#target = { bytes: sent, time, round };
    }
    emit(measured.map(({ metric, value, node }) => ({ time, round, node, metric, value })));
    // Where no other event is pending the run is over, and a further measurement would keep it alive.
    if ('time' in every && kernel.pending > 0) this.#schedule(this.#kinds.measure, time + every.time);
  }

  #schedule(kind: EventKind, time: Nanoseconds, gate?: number): void {
    const when = { time, kind, target: 0, priority: LAST };
    this.#parts.kernel.schedule(gate === undefined ? when : { ...when, gate });
  }

  #stamp(): string {
    const { kernel } = this.#parts;
    return `${kernel.now}/${kernel.executed}`;
  }
}

/** The parts of the run that a recorder works with. */
export interface RecorderParts {
  readonly kernel: Kernel;
  readonly queue: EvaluationQueue;
  readonly probes: readonly ChosenProbe[];
  readonly every: { readonly rounds: Round } | { readonly time: Nanoseconds };
  readonly target: number | undefined;
  readonly view: () => ProbeView;
  readonly modelOf: (node: number) => ModelSpec;
  /** The rows on which models are evaluated. */
  readonly sample?: RowSample;
  readonly emit: (samples: Recorded[]) => void;
}
