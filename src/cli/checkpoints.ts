/** When checkpoints are written, and what stands in them. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { byCodeUnit, UsageError } from '../errors.js';
import { isModulePath } from '../options/entry.js';
import { hasCheckpoint, readCheckpoints } from '../report/checkpoint-file.js';
import type { Written } from '../report/output-file.js';
import { runningOf } from '../report/result-directory.js';
import type { PlannedRun } from '../scenario/plan.js';
import type { Execution } from '../simulation/plan.js';
import type { Progress } from '../simulation/result.js';
import type { SimulationState } from '../simulation/simulation.js';
import { parseDuration, type Round } from '../units.js';
import type { KnownRun } from './again.js';
import { mycelVersion } from './machine.js';

/** How often a run writes a checkpoint: in time of the clock on the wall, in rounds, or in events. */
export type CheckpointInterval =
  | { readonly milliseconds: number }
  | { readonly rounds: Round }
  | { readonly events: number };

/** `every=5min`, `rounds=10` or `events=1e6`. Throws UsageError. */
export function parseCheckpoint(text: string): CheckpointInterval {
  const [key, value = ''] = text.split('=');
  if (key === 'every') return { milliseconds: Math.max(1, parseDuration(value) / 1e6) };
  const count = /^\d+(e\d+)?$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isSafeInteger(count) && count > 0) {
    if (key === 'rounds') return { rounds: count };
    if (key === 'events') return { events: count };
  }
  throw new UsageError(
    'bad-checkpoint',
    `expected how often, such as every=5min, rounds=10 or events=1e6, got "${text}"`,
  );
}

/** Says when a checkpoint is due. */
export class CheckpointClock {
  readonly #interval: CheckpointInterval;
  readonly #timer: NodeJS.Timeout | undefined;
  /** Number of the last checkpoint; 0 before the first one. */
  number: number;
  #isDue = false;
  #rounds: Round = 0;
  #events = 0;

  /** Continues after the checkpoint `number`, which was written at `at`. */
  constructor(
    interval: CheckpointInterval,
    { number, at }: { readonly number: number; readonly at: Progress },
  ) {
    this.#interval = interval;
    this.number = number;
    this.#count(at);
    if ('milliseconds' in interval)
      this.#timer = setInterval(() => {
        this.#isDue = true;
      }, interval.milliseconds).unref();
  }

  /** Whether a run that is there should pause for a checkpoint. Called before every event. */
  isDue(events: number, round: Round): boolean {
    const interval = this.#interval;
    if ('events' in interval) return events >= this.#events + interval.events;
    return 'rounds' in interval ? round >= this.#rounds + interval.rounds : this.#isDue;
  }

  /** The number of the checkpoint that is written now. */
  next(at: Progress): number {
    this.#isDue = false;
    this.#count(at);
    this.number++;
    return this.number;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #count({ round, events }: Progress): void {
    this.#rounds = round;
    this.#events = events;
  }
}

/** What a checkpoint says of its run: enough to plan it again. */
interface RunRecord extends KnownRun {
  readonly backend: Execution['backend'];
  readonly trace: boolean;
  /** Rounds of the log of spans: every k-th. Absent: there is none. */
  readonly spans?: Round | undefined;
  readonly interval: CheckpointInterval;
  /** What was changed in the middle of the run, in the order of time. */
  readonly forks?: readonly Fork[];
}

/** A change of the plan in the middle of a run. */
export interface Fork {
  /** After so many events. */
  readonly events: number;
  /** The resolved scenario of the run before. */
  readonly scenario: Readonly<Record<string, unknown>>;
}

/** The value of a checkpoint file. */
export interface Checkpoint {
  readonly mycel: string;
  /** Hash of the code that has written it: {@link codeHash}. */
  readonly code: string;
  /** Hash of what is run: {@link planHash}. */
  readonly plan: string;
  readonly run: RunRecord;
  readonly at: Progress;
  /** What the files of results hold, by name. */
  readonly files: Readonly<Record<string, Written>>;
  readonly state: SimulationState;
}

/** The last checkpoint that can be continued, and why later ones cannot. */
export interface FoundCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly number: number;
  /** One line for each checkpoint after it that was passed over. */
  readonly refused: readonly string[];
}

/**
 * The last checkpoint of the unfinished run of a folder of results that was written completely, by this version. Throws
 * UsageError `no-checkpoint` where there is none, with the reasons.
 */
export function findCheckpoint(folder: string): FoundCheckpoint {
  const running = runningOf(folder);
  if (!hasCheckpoint(running))
    throw new UsageError(
      'no-checkpoint',
      `expected an unfinished run with a checkpoint in ${running}, got none: only runs with --checkpoint can be resumed`,
      folder,
    );
  const refused: string[] = [];
  for (const file of readCheckpoints(running)) {
    const fault = 'fault' in file ? file.fault : faultOf(file.value as Checkpoint);
    if (fault === undefined && 'value' in file)
      return { checkpoint: file.value as Checkpoint, number: file.number, refused };
    refused.push(`${join(running, `checkpoint-${file.number}`)}: ${fault}`);
  }
  throw new UsageError(
    'no-checkpoint',
    `expected a checkpoint that can be continued, got:\n${refused.map((line) => `  ${line}`).join('\n')}\ndelete ${running} to begin anew`,
    folder,
  );
}

/** Why this program cannot continue a checkpoint; undefined if it can. */
function faultOf({ mycel, code }: Checkpoint): string | undefined {
  if (mycel !== mycelVersion()) return `it was written by mycel ${mycel}, and this is ${mycelVersion()}`;
  if (code !== codeHash()) return 'it was written by other code of mycel (of the same version)';
  return undefined;
}

/** Throws UsageError `other-plan` unless the plan is the one of the checkpoint. */
export function checkPlan({ plan, run }: Checkpoint, planned: PlannedRun): void {
  if (plan === planHash(planned)) return;
  throw new UsageError(
    'other-plan',
    `expected the plan with which the checkpoint was written, got another: a module that ${run.file} names has changed since`,
    run.file,
  );
}

/** SHA-256 over the resolved scenario with its seed, and over the user's modules that it names (not what these import). */
export function planHash({ resolved, seed, data }: PlannedRun): string {
  const hash = createHash('sha256').update(JSON.stringify([resolved, seed]));
  for (const file of modulesIn(resolved, data.directory)) hash.update(readFileSync(file));
  return hash.digest('hex');
}

/** Paths of the user's modules: those under `use`, in the order in which they appear. */
export function modulesIn(value: unknown, directory: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    key === 'use' && typeof item === 'string' && isModulePath(item)
      ? [resolve(directory, item)]
      : modulesIn(item, directory),
  );
}

let known: string | undefined;

/** SHA-256 over the compiled code of this program. */
export function codeHash(): string {
  if (known !== undefined) return known;
  const root = fileURLToPath(new URL('..', import.meta.url));
  const hash = createHash('sha256');
  const files = readdirSync(root, { recursive: true })
    .map(String)
    .filter((name) => /\.(js|wasm)$/.test(name) && !name.endsWith('.test.js'));
  for (const name of files.sort(byCodeUnit)) hash.update(name).update(readFileSync(join(root, name)));
  known = hash.digest('hex');
  return known;
}
