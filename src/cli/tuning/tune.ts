/** `mycel tune`: chooses the options of all methods of a scenario with the same budget, without a look at test rows. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { EXIT, UsageError } from '../../errors.js';
import { formatCsv } from '../../report/csv.js';
import { formatTable, scenarioPath } from '../../report/index.js';
import { orUnwritable } from '../../report/output-file.js';
import type { Cell } from '../../report/tables.js';
import { loadScenario } from '../../scenario/load.js';
import { planScenario } from '../../scenario/plan.js';
import { readTune, type Tune } from '../../scenario/tune.js';
import { planAgain } from '../again.js';
import { listenForInterrupts } from '../interrupt.js';
import { type ComputeFlags, Computing } from '../sweep/compute-runs.js';
import { type Method, methodsOf, ranked, type Score, search, type Trial } from './search.js';
import { edges, optionsOf, type Setting } from './settings.js';
import { trialsText, tunedLines, tunedScenario } from './tuned-scenario.js';

/** Options of `mycel tune` as commander gives them. */
export interface TuneFlags extends ComputeFlags {
  readonly set: readonly string[];
  readonly out: string;
  /** Where to write the scenario with the chosen options. */
  readonly write?: string;
}

/** Searches the options of every method. Returns the exit code. */
export async function tuneCommand(file: string, flags: TuneFlags): Promise<number> {
  const { tune, methods } = await planTuning(file, flags);
  if (flags.write !== undefined) checkPlace(flags.write, file);
  const interruption = listenForInterrupts();
  const computing = new Computing(flags, interruption.signal);
  try {
    await search(methods, tune, computing);
  } finally {
    interruption.stop();
  }
  if (interruption.signal.aborted) {
    console.error('interrupted: the same command goes on');
    return EXIT.interrupted;
  }
  const table = join(scenarioPath({ root: flags.out, scenario: file }), 'tuning.csv');
  orUnwritable(table, () => {
    mkdirSync(dirname(table), { recursive: true });
    writeFileSync(table, formatCsv(rowsOf(methods, tune)));
  });
  console.log(report(methods, tune));
  console.log(`\nall trials: ${table}`);
  if (flags.write !== undefined) await writeTuned(flags.write, file, { methods, tune });
  return EXIT.ok;
}

async function planTuning(file: string, flags: TuneFlags): Promise<{ tune: Tune; methods: Method[] }> {
  const scenario = await loadScenario(file, { set: flags.set });
  const tune = readTune(file, flags.set);
  if (tune === undefined)
    throw new UsageError(
      'nothing-to-tune',
      `${file}: expected a section tune, such as tune: { options: { algorithm.learningRate: { from: 0.01, to: 1, scale: log } } }`,
    );
  // One plan per variant: the seeds are those of the section.
  const plans = planScenario({ ...scenario, seeds: scenario.seeds.slice(0, 1) });
  const seeds = [...tune.seeds, ...(tune.finals?.seeds ?? [])];
  const reserved = plans.find(({ seed }) => seeds.includes(seed));
  if (reserved)
    throw new UsageError(
      'tuning-seed',
      `${file} tune: expected seeds other than the scenario's, ${reserved.seed}, with which the methods are compared later`,
    );
  return { tune, methods: methodsOf(plans, tune) };
}

/** Relative paths in a scenario start from its folder. */
function checkPlace(path: string, file: string): void {
  if (dirname(resolve(path)) === dirname(resolve(file)) && resolve(path) !== resolve(file)) return;
  throw new UsageError(
    'bad-place',
    `--write: expected another file in the folder of ${file}, from which paths in it start, got ${path}`,
  );
}

/** A row for each trial and stage. */
function rowsOf(methods: readonly Method[], tune: Tune): Cell[][] {
  const paths = [...new Set(methods.flatMap(({ name }) => [...optionsOf(tune, name).keys()]))];
  const header = ['variant', 'trial', 'rounds', ...paths, 'metric', 'mean', 'ci95', 'seeds', 'is_best'];
  const rows = methods.flatMap((method) => {
    const best = ranked(method, tune)[0];
    return method.trials.flatMap((trial) =>
      trial.scores.map((score, stage): Cell[] => [
        ...[method.name, trial.number, score.rounds ?? method.plan.stop.after],
        ...paths.map((path) => text(optionValue(method, trial.setting, path))),
        ...[score.metric, finite(score.mean), finite(score.margin), score.values.length],
        trial === best && stage === trial.scores.length - 1 ? 1 : 0,
      ]),
    );
  });
  return [header, ...rows];
}

/** Of the setting, else what the scenario says. */
function optionValue({ plan }: Method, setting: Setting, path: string): unknown {
  return setting.has(path) ? setting.get(path) : valueIn(plan.resolved, path);
}

function valueIn(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined),
      value,
    );
}

function text(value: unknown): Cell {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value);
}

const finite = (value: number) => (Number.isFinite(value) ? value : undefined);

/** The best setting of each method beside what the scenario says, and what speaks against them. */
function report(methods: readonly Method[], tune: Tune): string {
  const metrics = [tune.metric].flat();
  const titles = ['method', 'chosen', metrics.join(' or '), 'as it stands', 'trials', 'failed'];
  const rows = methods.map((method) => {
    const [best] = ranked(method, tune);
    const own = method.trials.find(({ setting }) => setting.size === 0)?.scores;
    const failed = method.trials.filter(({ scores }) => scores.some(({ mean }) => Number.isNaN(mean))).length;
    return [
      method.name ?? method.plan.title,
      settingText(best!),
      `${scoreText(best!.scores.at(-1))}${metrics.length > 1 ? ` (${best!.scores.at(-1)!.metric})` : ''}`,
      own ? scoreText(own.at(-1)) : '–',
      method.trials.length,
      failed,
    ];
  });
  const notes = methods.flatMap((method) => {
    const [best] = ranked(method, tune);
    const name = method.name === undefined ? '' : `${method.name}: `;
    return edges(optionsOf(tune, method.name), best!.setting).map((edge) => `${name}${edge}: widen it`);
  });
  const budget = `Each method had ${trialsText(methods)}, judged on ${tune.rows} of the training rows with ${seedsText(tune)} (${tune.search}). The best of many looks better than it is: compare the methods with other seeds, on test rows.`;
  return [formatTable(titles, rows).trimEnd(), ...notes, budget].join('\n\n');
}

function seedsText({ seeds, finals }: Tune): string {
  const all = `${seeds.length} ${seeds.length === 1 ? 'seed' : 'seeds'}`;
  return finals ? `${all}, the best ${finals.trials} with ${finals.seeds.length} more` : all;
}

function settingText({ setting }: Trial): string {
  if (setting.size === 0) return 'as it stands';
  return [...setting].map(([path, value]) => `${path}=${text(value)}`).join(' ');
}

function scoreText(score: Score | undefined): string {
  if (score === undefined || Number.isNaN(score.mean)) return 'failed';
  const { mean, margin } = score;
  return Number.isNaN(margin) ? mean.toPrecision(4) : `${mean.toPrecision(4)} ± ${margin.toPrecision(2)}`;
}

async function writeTuned(
  path: string,
  file: string,
  { methods, tune }: { readonly methods: readonly Method[]; readonly tune: Tune },
): Promise<void> {
  const tuned = await Promise.all(
    methods.map(async (method) => {
      const { plan, name } = method;
      const [best] = ranked(method, tune);
      const set = [...best!.setting].map(([option, value]) => `${option}=${JSON.stringify(value)}`);
      const scenario = plan.resolved as Record<string, unknown>;
      const chosen = await planAgain({ file, variant: name, scenario, set });
      return { name, scenario: chosen.resolved as Record<string, unknown> };
    }),
  );
  orUnwritable(path, () => writeFileSync(path, tunedScenario(tuned, tunedLines(file, methods))));
  console.log(`the scenario with the chosen options: ${path}`);
}
