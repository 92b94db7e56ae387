/** `mycel sweep`: many runs, each computed once, however often the sweep is started, stopped or extended. */
import { EXIT } from '../../errors.js';
import { resultPath } from '../../report/index.js';
import { loadScenario } from '../../scenario/load.js';
import { planScenario } from '../../scenario/plan.js';
import { listenForInterrupts } from '../interrupt.js';
import { readSummary } from '../summary.js';
import { writeScenarioTables } from '../tables.js';
import { type ComputeFlags, Computing, type KeyedRun } from './compute-runs.js';
import { type Until, widest } from './until.js';

/** Options of `mycel sweep` as commander gives them. */
export interface SweepFlags extends ComputeFlags {
  readonly seed?: readonly number[];
  readonly set: readonly string[];
  readonly out: string;
  /** A margin, up to which seeds are added. */
  readonly until?: number;
  readonly metric: string;
  readonly maxSeeds: number;
}

/** Carries out every run of the files that has no result yet. Returns the exit code. */
export async function sweepCommand(files: readonly string[], flags: SweepFlags): Promise<number> {
  const interruption = listenForInterrupts();
  const computing = new Computing(flags, interruption.signal);
  let runs: KeyedRun[] = [];
  try {
    runs = await plannedRuns(files, flags, computing);
    await computing.compute(runs);
    const { until: margin, metric, maxSeeds } = flags;
    if (margin !== undefined)
      for (const file of files)
        runs.push(...(await addSeeds(file, { margin, metric, maxSeeds }, { flags, computing, runs })));
  } finally {
    interruption.stop();
  }
  writeScenarioTables(files, flags.out);
  if (interruption.signal.aborted) {
    const finished = runs.filter(({ key }) => computing.store.state(key) === 'done').length;
    console.error(`interrupted: ${finished} of ${runs.length} runs are finished; the same command goes on`);
    return EXIT.interrupted;
  }
  return computing.reportFailures(runs);
}

async function plannedRuns(
  files: readonly string[],
  flags: SweepFlags,
  computing: Computing,
): Promise<KeyedRun[]> {
  const runs: Omit<KeyedRun, 'key'>[] = [];
  for (const file of files) {
    const { set, seed: seeds, out } = flags;
    const scenario = await loadScenario(file, { set, sweep: true, ...(seeds && { seeds }) });
    for (const plan of planScenario(scenario)) {
      const { seed, variant } = plan;
      const folder = resultPath({ root: out, scenario: file, seed, variant: variant.name });
      runs.push({ plan, folder });
    }
  }
  return computing.keyed(runs);
}

/** Seeds with which a sweep begins to judge intervals. */
const SEEDS_MIN = 5;

/** Adds seeds to all variants of a file until their intervals are narrow enough. Returns the further runs. */
async function addSeeds(
  file: string,
  until: Until & { readonly maxSeeds: number },
  {
    flags,
    computing,
    runs,
  }: { readonly flags: SweepFlags; readonly computing: Computing; readonly runs: readonly KeyedRun[] },
): Promise<KeyedRun[]> {
  const added: KeyedRun[] = [];
  const { store, signal } = computing;
  for (;;) {
    const own = [...runs, ...added].filter(({ plan }) => plan.file === file);
    const seeds = [...new Set(own.map(({ plan }) => plan.seed))];
    const finished = own.filter(({ key }) => store.state(key) === 'done');
    if (signal.aborted || finished.length < own.length) return added;
    const results = finished.map(({ key }) => ({
      folder: store.folder(key),
      summary: readSummary(store.folder(key)),
    }));
    const least = widest(results, until);
    const isEnough = seeds.length >= SEEDS_MIN && least.margin <= until.margin;
    computing.say(`${file}: ${seeds.length} seeds, ${least.text}`);
    if (isEnough) return added;
    const room = until.maxSeeds - seeds.length;
    if (room <= 0) {
      console.error(`${file}: --max-seeds ${until.maxSeeds} is reached before --until`);
      return added;
    }
    // A margin shrinks as the square root of the number of seeds. At most as many again, since the first guesses are rough.
    const guess = Math.ceil(seeds.length * (least.margin / until.margin) ** 2) - seeds.length;
    const wanted = Math.max(1, Math.min(guess, seeds.length), SEEDS_MIN - seeds.length);
    const count = Math.min(room, wanted);
    const next = Math.max(...seeds) + 1;
    const seed = Array.from({ length: count }, (_, i) => next + i);
    const more = await plannedRuns([file], { ...flags, seed }, computing);
    added.push(...more);
    await computing.compute(more);
  }
}
