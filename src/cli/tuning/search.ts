/** The search: trials of all methods are carried out as the runs of a sweep, and judged on rows held out for that. */
import { UsageError } from '../../errors.js';
import { estimate } from '../../report/statistics.js';
import type { PlannedRun } from '../../scenario/plan.js';
import type { Tune } from '../../scenario/tune.js';
import { planAgain } from '../again.js';
import { finalOf } from '../figures.js';
import { readSummary } from '../summary.js';
import type { Computing, KeyedRun } from '../sweep/compute-runs.js';
import { halving, type Rung } from './rungs.js';
import { drawSettings, gridSettings, optionsOf, type Setting } from './settings.js';

/** How many settings a search draws of each method, unless it says so. */
const TRIALS = 16;

/** A method with what is tried of it. */
export interface Method {
  /** Undefined where the scenario compares nothing. */
  readonly name: string | undefined;
  readonly plan: PlannedRun;
  readonly trials: readonly Trial[];
}

/** A setting of a method, and how it did. */
export interface Trial {
  readonly number: number;
  readonly setting: Setting;
  /** By stage; those that it did not reach are missing. */
  readonly scores: Score[];
}

/** How a trial did in a stage. */
export interface Score {
  readonly rounds: number | undefined;
  /** The one of the section's metrics that was best. */
  readonly metric: string;
  /** Of the metric at the end, one per seed; NaN where the run failed or the metric is no number. */
  readonly values: readonly number[];
  readonly mean: number;
  /** Of the 95 % interval over the seeds; NaN for one. */
  readonly margin: number;
}

/** The methods of a scenario with the settings that are to be tried. */
export function methodsOf(plans: readonly PlannedRun[], tune: Tune): Method[] {
  const names = plans.map(({ variant }) => variant.name);
  for (const name of Object.keys(tune.methods))
    if (!names.includes(name))
      throw new UsageError(
        'unknown-method',
        `${plans[0]!.file} tune.methods: expected names of variants (${names.join(', ') || 'the scenario compares none'}), got "${name}"`,
      );
  return plans.map((plan) => {
    const candidates = optionsOf(tune, plan.variant.name);
    if (candidates.size === 0)
      throw new UsageError(
        'nothing-to-tune',
        `${plan.file} tune: expected options with candidates for ${plan.variant.name ?? 'the scenario'}, got none`,
      );
    const settings =
      tune.search === 'grid'
        ? gridSettings(candidates, `${plan.file} tune`)
        : drawSettings(candidates, tune.trials ?? TRIALS, plan.seed);
    const trials = settings.map((setting, number) => ({ number, setting, scores: [] }));
    return { name: plan.variant.name, plan, trials };
  });
}

/** A part of the search after which fewer trials may go on: all of them if it says no number, with as many rounds as the scenario has. */
interface Stage extends Partial<Rung> {
  readonly seeds: readonly number[];
}

/** The stages of the search, the same for all methods. Throws UsageError where halving has no rounds to go by. */
function stagesOf({ search, seeds, finals, trials = TRIALS }: Tune, { stop, file }: PlannedRun): Stage[] {
  if (search !== 'halving')
    // What ran with the first seeds is in the store.
    return [{ seeds }, ...(finals ? [{ trials: finals.trials, seeds: [...seeds, ...finals.seeds] }] : [])];
  if (stop.after === undefined)
    throw new UsageError(
      'no-rounds',
      `${file} tune.search: expected stop.after in rounds, which halving shortens, got only a virtual time: take search: random`,
    );
  return halving(trials, stop.after).map((rung) => ({ ...rung, seeds }));
}

/** A trial with one seed. */
interface TrialRun extends KeyedRun {
  readonly trial: Trial;
}

/** Carries out all stages; the scores are those of the trials afterwards. Ends early if the signal is aborted. */
export async function search(methods: readonly Method[], tune: Tune, computing: Computing): Promise<void> {
  const stages = stagesOf(tune, methods[0]!.plan);
  for (const [number, stage] of stages.entries()) {
    const inIt = methods.map((method) => ({
      method,
      trials: number === 0 ? [...method.trials] : trialsOf(method, tune, stage),
    }));
    if (stages.length > 1)
      computing.say(
        `stage ${number + 1} of ${stages.length}: ${number === 0 ? 'all settings' : `the best ${stage.trials}`} of each method, ${lengthText(stage)}`,
      );
    const planned = await Promise.all(
      inIt.flatMap(({ method, trials }) => trials.flatMap((trial) => runsOf(method, trial, tune, stage))),
    );
    const runs: TrialRun[] = await computing.keyed(planned);
    await computing.compute(runs);
    if (computing.signal.aborted) return;
    for (const trial of inIt.flatMap(({ trials }) => trials))
      trial.scores.push(
        scoreOf(
          runs.filter((run) => run.trial === trial),
          { tune, rounds: stage.rounds, computing },
        ),
      );
  }
}

function lengthText({ rounds, seeds }: Stage): string {
  return `${seeds.length} seeds${rounds === undefined ? '' : `, ${rounds} rounds`}`;
}

/** Those that a stage tries: the best so far, and the scenario as it stands, with which the chosen one is compared at the end. */
function trialsOf(method: Method, tune: Tune, { trials }: Stage): Trial[] {
  const going = ranked(method, tune).slice(0, trials);
  return method.trials.filter((trial) => trial.setting.size === 0 || going.includes(trial));
}

function runsOf(
  { plan, name }: Method,
  trial: Trial,
  { rows }: Tune,
  stage: Stage,
): Promise<{ plan: PlannedRun; trial: Trial }>[] {
  const rounds = stage.rounds ?? plan.stop.after;
  const set = [
    ...[...trial.setting].map(([path, value]) => `${path}=${JSON.stringify(value)}`),
    `data.tuning=${rows}`,
    // Only the end counts.
    ...(rounds === undefined ? [] : [`measure.every=${rounds} rounds`]),
    ...(stage.rounds === undefined ? [] : [`stop.after=${stage.rounds} rounds`]),
  ];
  return stage.seeds.map(async (seed) => {
    const scenario = { ...(plan.resolved as Record<string, unknown>), seed };
    const variant = [name, `trial-${trial.number}`].filter(Boolean).join('-');
    const planned = await planAgain({ file: plan.file, variant, scenario, set }).catch((error: unknown) => {
      if (!(error instanceof UsageError)) throw error;
      // Nobody has typed these.
      throw new UsageError(error.code, error.message.replaceAll(/^--set/gm, `${plan.file} tune:`));
    });
    return { plan: { ...planned, backend: plan.backend }, trial };
  });
}

function scoreOf(
  runs: readonly TrialRun[],
  {
    tune,
    rounds,
    computing,
  }: { readonly tune: Tune; readonly rounds: number | undefined; readonly computing: Computing },
): Score {
  const metrics = [tune.metric].flat();
  const finals = runs.map(({ key }) =>
    computing.store.state(key) === 'done' ? readSummary(computing.store.folder(key)) : undefined,
  );
  const scores = metrics.flatMap((metric): Score[] => {
    const values = finals.map((summary) => (summary ? finalOf(summary, metric) : Number.NaN));
    // A method may have no models at a point of a round.
    if (values.some((value) => value === undefined)) return [];
    return [{ rounds, metric, values: values as number[], ...estimate(values as number[]) }];
  });
  const [first] = scores;
  if (first === undefined) {
    const known = Object.keys(finals.find((summary) => summary !== undefined)!.final).join(', ');
    throw new UsageError(
      'unknown-metric',
      `tune.metric: expected a metric of these runs, such as ${known}, got "${metrics.join('", "')}"`,
    );
  }
  return scores.reduce((best, score) => (lossOf(score, tune) < lossOf(best, tune) ? score : best), first);
}

/** The less, the better; what failed is last. */
function lossOf({ mean }: Score, { goal = 'highest' }: Tune): number {
  return Number.isNaN(mean) ? Number.POSITIVE_INFINITY : goal === 'highest' ? -mean : mean;
}

/** The trials that came furthest, the best first; of equal ones the earlier. What failed is last. */
export function ranked({ trials }: Method, tune: Tune): Trial[] {
  const stages = Math.max(...trials.map(({ scores }) => scores.length));
  const value = ({ scores }: Trial) => lossOf(scores.at(-1)!, tune);
  return trials
    .filter(({ scores }) => scores.length === stages)
    .toSorted((a, b) => value(a) - value(b) || a.number - b.number);
}
