/** `mycel fork`: a run that goes another way from a certain point on. */
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { EXIT, UsageError } from '../errors.js';
import { hasCheckpoint, isCheckpoint, readCheckpoints, writeCheckpoint } from '../report/checkpoint-file.js';
import { checkWritable, runningOf } from '../report/result-directory.js';
import type { PlannedRun } from '../scenario/plan.js';
import { loadConstants } from '../simulation/constants.js';
import type { Execution } from '../simulation/plan.js';
import { breather } from '../simulation/run.js';
import { type KnownRun, planAgain } from './again.js';
import { carryOut } from './carry-out.js';
import {
  type Checkpoint,
  type CheckpointInterval,
  checkPlan,
  type FoundCheckpoint,
  findCheckpoint,
  planHash,
} from './checkpoints.js';
import { listenForInterrupts } from './interrupt.js';
import { progressReport, silent } from './progress.js';
import { resumeCommand } from './resume.js';
import { readSummary } from './summary.js';

/** Options of `mycel fork` as commander gives them. */
export interface ForkFlags {
  readonly at?: ForkPoint;
  readonly set: readonly string[];
  readonly out: string;
  readonly workers: number;
  readonly quiet?: true;
}

/** Before the first event with at least so many rounds, or events, over. */
type ForkPoint = { readonly rounds: number } | { readonly events: number };

/** `round=20` or `events=1e6`. Throws UsageError. */
export function parseForkPoint(text: string): ForkPoint {
  const [key, value = ''] = text.split('=');
  const count = /^\d+(e\d+)?$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isSafeInteger(count) && count > 0) {
    if (key === 'round') return { rounds: count };
    if (key === 'events') return { events: count };
  }
  throw new UsageError('bad-point', `expected a point such as round=20 or events=1e6, got "${text}"`);
}

/** Runs to the point, changes the plan, and runs to the end. Returns the exit code. */
export async function forkCommand(folder: string, flags: ForkFlags): Promise<number> {
  const source = folder.replace(/(\.running)?\/?$/, '');
  checkWritable(flags.out);
  if (existsSync(flags.out))
    throw new UsageError(
      'existing-results',
      `expected a new folder as --out, got ${flags.out}, which exists`,
    );
  const { run, from } = sourceOf(source, flags.at);
  const base = await planAgain(run);
  const changed = await planAgain({ ...run, set: flags.set });
  await checkChange(base, changed);
  const running = runningOf(flags.out);
  try {
    const checkpoint = await advance({ ...base, backend: run.backend }, from, flags);
    if (checkpoint === undefined) return EXIT.interrupted;
    const { variant, file, scenario } = run;
    const forks = [...(checkpoint.run.forks ?? []), { events: checkpoint.at.events, scenario }];
    const record = {
      ...checkpoint.run,
      file,
      variant,
      scenario: changed.resolved as KnownRun['scenario'],
      forks,
    };
    for (const name of readdirSync(running)) if (isCheckpoint(name)) rmSync(join(running, name));
    writeCheckpoint(running, 1, { ...checkpoint, plan: planHash(changed), run: record });
  } catch (error) {
    rmSync(running, { recursive: true, force: true });
    throw error;
  }
  try {
    return await resumeCommand([flags.out], flags);
  } catch (error) {
    // Its files were copied: as they are, nobody can go on with them.
    if (error instanceof UsageError && error.code === 'changed-output')
      rmSync(running, { recursive: true, force: true });
    throw error;
  }
}

interface ForkSource {
  readonly run: KnownRun & { readonly backend: Execution['backend'] };
  /** Where to begin; undefined: at the start. */
  readonly from: (Pick<FoundCheckpoint, 'checkpoint' | 'number'> & { readonly folder: string }) | undefined;
}

/** From the last checkpoint before the point; without one, from the start. */
function sourceOf(folder: string, at: ForkPoint | undefined): ForkSource {
  const running = runningOf(folder);
  if (hasCheckpoint(running)) {
    const { checkpoint, number } = findCheckpoint(folder);
    const earlier = [{ checkpoint, number }, ...otherCheckpoints(running, checkpoint)];
    const from = earlier.find((one) => at === undefined || isBefore(one.checkpoint, at));
    const { run } = checkpoint;
    if (from === undefined && run.forks !== undefined)
      throw new UsageError(
        'no-point',
        `expected a point after the oldest checkpoint of ${running}, since that run was forked itself`,
        folder,
      );
    return { run, from: from && { ...from, folder: running } };
  }
  const { computed, machine, scenario, variant, forked } = readSummary(folder);
  if (forked !== undefined)
    throw new UsageError(
      'forked-result',
      `expected a result of one plan, got ${folder}, which was forked itself: fork what it came from`,
      folder,
    );
  if (at === undefined)
    throw new UsageError(
      'no-point',
      'expected --at, such as --at round=20, for a run that is finished',
      folder,
    );
  const file = machine.file ?? `${folder}/summary.json`;
  return { run: { file, variant, scenario, backend: computed.backend ?? 'auto' }, from: undefined };
}

function otherCheckpoints(running: string, { code, mycel, plan }: Checkpoint) {
  return [...readCheckpoints(running)].flatMap((file) => {
    if ('fault' in file) return [];
    const checkpoint = file.value as Checkpoint;
    const isSame = checkpoint.code === code && checkpoint.mycel === mycel && checkpoint.plan === plan;
    return isSame ? [{ checkpoint, number: file.number }] : [];
  });
}

function isBefore({ at }: Checkpoint, point: ForkPoint): boolean {
  return 'rounds' in point ? at.round < point.rounds : at.events < point.events;
}

/** Runs the base as far as the point. Returns its state there, in the folder `--out`; undefined where it was interrupted. */
async function advance(
  plan: PlannedRun,
  from: ForkSource['from'],
  flags: ForkFlags,
): Promise<Checkpoint | undefined> {
  const running = runningOf(flags.out);
  if (from) {
    checkPlan(from.checkpoint, plan);
    cpSync(from.folder, running, {
      recursive: true,
      filter: (name) => !isCheckpoint(name.split('/').at(-1)!),
    });
    if (flags.at === undefined) return from.checkpoint;
  }
  const interruption = listenForInterrupts();
  const reached = new AbortController();
  const progress = flags.quiet ? silent : progressReport(`fork to ${flags.out}`, plan);
  try {
    const { result } = await carryOut(
      { plan, folder: flags.out },
      {
        execution: {
          backend: plan.backend,
          workers: flags.workers,
          signal: AbortSignal.any([interruption.signal, reached.signal]),
          breathe: breather(),
        },
        progress,
        trace: from?.checkpoint.run.trace ?? false,
        spans: from?.checkpoint.run.spans,
        interval: intervalTo(flags.at!, from?.checkpoint),
        from,
        onCheckpoint: () => reached.abort(),
      },
    );
    if (interruption.signal.aborted) {
      rmSync(running, { recursive: true, force: true });
      return undefined;
    }
    if (!reached.signal.aborted) {
      rmSync(flags.out, { recursive: true, force: true });
      throw new UsageError(
        'no-point',
        `expected a point before the end of the run, which is over after ${result.rounds} rounds and ${result.events} events`,
        flags.out,
      );
    }
    return findCheckpoint(flags.out).checkpoint;
  } finally {
    interruption.stop();
    progress.stop();
  }
}

function intervalTo(point: ForkPoint, from: Checkpoint | undefined): CheckpointInterval {
  const { round = 0, events = 0 } = from?.at ?? {};
  return 'rounds' in point ? { rounds: point.rounds - round } : { events: point.events - events };
}

/** Parts of the scenario that a saved state does not fix. */
const FREE = ['algorithm', 'network', 'compute', 'stop', 'title'];
const FIXED = { algorithm: ['use', 'codec'], network: ['sharing'] } as Readonly<
  Record<string, readonly string[]>
>;

/** Refuses a change of what the state was made for. */
async function checkChange(base: PlannedRun, changed: PlannedRun): Promise<void> {
  const [before, after] = [base.resolved, changed.resolved] as Record<string, unknown>[];
  for (const key of new Set([...Object.keys(before!), ...Object.keys(after!)])) {
    const [a, b] = [before![key], after![key]];
    if (isDeepStrictEqual(a, b)) continue;
    if (!FREE.includes(key)) throw fixed(key);
    for (const name of FIXED[key] ?? []) {
      const [c, d] = [a, b].map((part) => (part as Record<string, unknown>)[name]);
      if (!isDeepStrictEqual(c, d)) throw fixed(`${key}.${name}`);
    }
  }
  const [types, others] = await Promise.all(
    [base, changed].map(async (plan) =>
      (await loadConstants(plan)).types.map(({ name, codec }) => `${name}: ${codec.id}`),
    ),
  );
  if (!isDeepStrictEqual(types, others))
    throw new UsageError(
      'fixed-part',
      `expected a change after which messages are encoded as before (${types!.join(', ')}), since some are under way, got ${others!.join(', ')}`,
      'algorithm',
    );
}

function fixed(path: string): UsageError {
  return new UsageError(
    'fixed-part',
    `expected changes of ${FREE.join(', ')} (but not of ${Object.entries(FIXED)
      .flatMap(([key, names]) => names.map((name) => `${key}.${name}`))
      .join(', ')}), which a run can go on with, got one of ${path}: the state of the run was made for it`,
    path,
  );
}
