/** `mycel sweep`: many runs, each computed once, however often the sweep is started, stopped or extended. */
import { EXIT, UsageError } from '../../errors.js';
import { resultPath } from '../../report/index.js';
import { loadScenario } from '../../scenario/load.js';
import { type PlannedRun, planScenario } from '../../scenario/plan.js';
import { listenForInterrupts } from '../interrupt.js';
import { formatSeconds } from '../progress.js';
import { runKey } from '../run-key.js';
import { writeScenarioTables } from '../tables.js';
import { tryOutAll } from '../try-out.js';
import { chooseExecutor, type ExecutorFlags } from './executors/index.js';
import { linkResult } from './links.js';
import { RunStore } from './store.js';

/** Options of `mycel sweep` as commander gives them. */
export interface SweepFlags extends ExecutorFlags {
  readonly seed?: readonly number[];
  readonly set: readonly string[];
  readonly out: string;
  readonly store: string;
  readonly retry?: true;
  readonly quiet?: true;
}

/** A run of a sweep. */
interface Planned {
  readonly key: string;
  readonly plan: PlannedRun;
  /** Where its result is to be found by people. */
  readonly folder: string;
}

/** Carries out every run of the files that has no result yet. Returns the exit code. */
export async function sweepCommand(files: readonly string[], flags: SweepFlags): Promise<number> {
  const store = new RunStore(flags.store);
  const say = (text: string) => flags.quiet || console.error(text);
  const { executor, workers, how } = chooseExecutor(flags, say);
  const runs = await planSweep(files, flags, workers);
  for (const { key, plan } of runs) store.add(key, plan);
  const stateOf = new Map(runs.map(({ key }) => [key, store.state(key)]));
  const open = [...stateOf].flatMap(([key, state]) =>
    state === 'open' || (state === 'failed' && flags.retry) ? [key] : [],
  );
  const done = [...stateOf.values()].filter((state) => state === 'done').length;
  say(`${stateOf.size} runs, ${done} of them finished before, ${how}`);
  const interruption = listenForInterrupts();
  const started = performance.now();
  let ended = 0;
  try {
    for (const key of open) store.forgive(key);
    await executor({
      keys: open,
      store: flags.store,
      workers,
      signal: interruption.signal,
      ended(key) {
        ended++;
        const elapsed = (performance.now() - started) / 1000;
        const left = formatSeconds((elapsed / ended) * (open.length - ended));
        const { plan } = runs.find((run) => run.key === key)!;
        const name = [plan.variant.name, `seed ${plan.seed}`].filter(Boolean).join(' ');
        say(`[${ended}/${open.length}] ${name}: ${store.state(key)}, ${left} left`);
      },
    });
  } finally {
    interruption.stop();
  }
  const finished = runs.filter(({ key }) => store.state(key) === 'done');
  for (const { key, folder } of finished) linkResult(store.folder(key), folder);
  writeScenarioTables(files, flags.out);
  if (interruption.signal.aborted) {
    console.error(
      `interrupted: ${finished.length} of ${runs.length} runs are finished; the same command goes on`,
    );
    return EXIT.interrupted;
  }
  return reportFailures(runs, store);
}

async function planSweep(files: readonly string[], flags: SweepFlags, workers: number): Promise<Planned[]> {
  const plans: PlannedRun[] = [];
  for (const file of files)
    plans.push(
      ...planScenario(await loadScenario(file, { set: flags.set, ...(flags.seed && { seeds: flags.seed }) })),
    );
  await tryOutAll(plans, { workers });
  return Promise.all(
    plans.map(async (plan) => {
      const { file: scenario, seed, variant } = plan;
      const folder = resultPath({ root: flags.out, scenario, seed, variant: variant.name });
      return { key: await runKey(plan, { workers }), plan, folder };
    }),
  );
}

/** Prints what failed, with the command that repeats it. */
function reportFailures(runs: readonly Planned[], store: RunStore): number {
  const failed = runs.filter(({ key }) => store.state(key) !== 'done');
  if (failed.length === 0) return EXIT.ok;
  for (const { key, plan } of failed) {
    const why = store.failure(key);
    const name = [plan.file, plan.variant.name, `seed ${plan.seed}`].filter(Boolean).join(' ');
    const [first] = (why?.message ?? 'its process ended without a result').split('\n');
    console.error(`${name} failed: ${first}\n  ${why?.command ?? ''}`);
  }
  throw new UsageError(
    'failed-runs',
    `${failed.length} of ${runs.length} runs failed; the others are finished. --retry tries them again`,
  );
}
