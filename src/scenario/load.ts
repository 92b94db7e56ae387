/** From a scenario file to a validated Scenario. Modules that it names (`use: ./mine.js`) are loaded, which runs their code. */
import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { UsageError } from '../errors.js';
import {
  isMap,
  type LoadedModule,
  type Path,
  type Problem,
  parsePath,
  startsWith,
} from '../options/index.js';
import type { Execution, Plan } from '../simulation/plan.js';
import { type CheckContext, type Checked, checkScenario } from './check.js';
import { expandVariants } from './compare.js';
import { loadModule } from './plugin.js';
import { applyOverrides } from './set.js';
import { formatProblem, isSet, problemsError, type Source } from './source.js';
import { takeSweep } from './sweep.js';
import { readText, type ScenarioText } from './text.js';
import { takeTune } from './tune.js';

/** Most mistakes that are reported at once, with their places. */
const PROBLEMS_MAX = 100;

/** How a scenario is read. @public */
export interface LoadOptions {
  /** Overrides, `path=value`, applied in their order. */
  readonly set?: readonly string[];
  /** Seeds to run, in place of the scenario's own. */
  readonly seeds?: readonly number[];
  /** Whether the values of its section `sweep` are combined. Default: the scenario is read without that section. */
  readonly sweep?: boolean;
}

/** A scenario that can run. @public */
export interface Scenario {
  /** The path of the file as the caller gave it, for messages and paths of results. */
  readonly file: string;
  /** The variants of `compare`, or the only one. */
  readonly variants: readonly ScenarioVariant[];
  /** Seeds of the runs of every variant. */
  readonly seeds: readonly number[];
}

/** One of the scenarios of a file. @public */
export interface ScenarioVariant {
  /** Kebab-case; undefined if the scenario has no `compare`. */
  readonly name: string | undefined;
  /** The plan with the scenario's first seed. */
  readonly plan: Plan;
  /** `wasm` if the scenario names none. */
  readonly backend: Execution['backend'];
  /** Where the values of the scenario come from, for messages. */
  readonly source: Source;
}

/** Reads and validates a file. Throws UsageError with a line for every mistake in it. @public */
export async function loadScenario(file: string, options: LoadOptions = {}): Promise<Scenario> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    const reason = code === 'ENOENT' ? 'there is none' : code === 'EISDIR' ? 'it is a directory' : message;
    throw new UsageError(
      'unreadable-file',
      `${file}: expected a scenario file that can be read, but ${reason}`,
      file,
    );
  }
  return readScenario(text, file, options);
}

/**
 * As {@link loadScenario}, for a text; messages name it `file`, and relative paths in it start from the folder of `file`.
 * @public
 */
export async function readScenario(text: string, file: string, options: LoadOptions = {}): Promise<Scenario> {
  const read = readText(text);
  if (read.faults.length > 0) {
    const lines = read.faults.map(
      ({ at, message }) => `${file}:${at.line}:${at.column} (scenario): ${message}`,
    );
    throw problemsError(lines.slice(0, PROBLEMS_MAX), Math.max(0, lines.length - PROBLEMS_MAX));
  }
  return scenarioOf(read.value, { ...options, file, text: read, directory: dirname(resolve(file)) });
}

/** How a scenario given as an object is read. @public */
export interface ObjectOptions extends LoadOptions {
  /**
   * The folder from which relative paths in it start.
   * @defaultValue the working directory
   */
  readonly directory?: string;
  /**
   * Its name in messages and paths of results.
   * @defaultValue `scenario`
   */
  readonly file?: string;
}

/**
 * As {@link loadScenario}, for a plain object with the keys of a scenario file; entries may also be given as objects
 * (`algorithm: { use: myAlgorithm, batch: 8 }`).
 * @public
 */
export async function toScenario(value: unknown, options: ObjectOptions = {}): Promise<Scenario> {
  return scenarioOf(value, { file: 'scenario', directory: '.', ...options });
}

async function scenarioOf(
  value: unknown,
  options: LoadOptions & { readonly file: string; readonly directory: string; readonly text?: ScenarioText },
): Promise<Scenario> {
  const { file, directory, text } = options;
  const set = applyOverrides(value, options.set ?? []);
  const taken = takeSweep(set.root);
  const tuned = takeTune(taken.root);
  const sweep = options.sweep ? taken.sweep : undefined;
  const seeds = options.seeds && options.seeds.length > 0 ? options.seeds : (sweep?.seeds ?? []);
  const root = seeds.length > 0 && isMap(tuned.root) ? { ...tuned.root, seed: seeds[0] } : tuned.root;
  const source: Source = { file, origins: set.origins, ...(text && { text }) };
  const expanded = expandVariants(root, set.origins, sweep?.comparisons);
  const problems = [...taken.problems, ...tuned.problems, ...expanded.problems];
  const variants = expanded.variants.filter((variant) => !sweep?.isExcepted(variant.value));
  if (variants.length === 0 && problems.length === 0)
    problems.push({
      path: ['sweep', 'except'],
      message: 'expected some combinations to remain, but all are left out',
    });
  const title = basename(file).replace(/\.[^.]*$/, '');
  const lines = problems.slice(0, PROBLEMS_MAX).map((problem) => formatProblem(source, problem));
  let more = problems.length - lines.length;
  const modules = new Map<string, LoadedModule>();
  const checked: ScenarioVariant[] = [];
  for (const { name, value: variant, origins } of variants) {
    const own: Source = { ...source, origins: [...set.origins, ...origins] };
    const result = await checkWithModules(variant, { file, directory, title, modules });
    if ('plan' in result) checked.push({ name, plan: result.plan, backend: result.backend, source: own });
    else {
      const shown = result.problems.slice(0, Math.max(0, PROBLEMS_MAX - lines.length));
      for (const problem of shown) lines.push(formatProblem(own, withRemedy(problem, own)));
      more += result.problems.length - shown.length;
    }
  }
  if (lines.length > 0) throw problemsError(lines, more);
  return {
    file,
    variants: checked,
    seeds: seeds.length > 0 ? seeds : [checked[0]!.plan.seed],
  };
}

/**
 * The error of a run with its place in the scenario, `file:line:column path: message`, if it is a UsageError whose path is
 * in the scenario; other errors are returned unchanged.
 */
export function withPlace(error: unknown, variant: ScenarioVariant): unknown {
  if (!(error instanceof UsageError)) return error;
  const path = parsePath(error.path);
  if (path === undefined || !isScenarioPath(path, variant)) return error;
  return new UsageError(
    error.code,
    formatProblem(variant.source, { path, message: error.message }),
    error.path,
  );
}

function isScenarioPath(path: Path, variant: ScenarioVariant): boolean {
  return isMap(variant.plan.resolved) && Object.hasOwn(variant.plan.resolved, String(path[0]));
}

/** Checks a scenario, loading the modules that it names into `modules` and checking again until none is missing. */
async function checkWithModules(
  value: unknown,
  context: CheckContext & { readonly modules: Map<string, LoadedModule> },
): Promise<Checked> {
  for (;;) {
    const checked = checkScenario(value, context);
    if (checked.missing.length === 0) return checked;
    for (const use of checked.missing) context.modules.set(use, await loadModule(use, context.directory));
  }
}

/** Adds what to do if `--set section.use=…` names another entry and the file's options of the former entry remain. */
function withRemedy(problem: Problem, source: Source): Problem {
  const section = problem.path.slice(0, -1);
  const use = [...section, 'use'];
  const overridden = source.origins.some((origin) => 'set' in origin.from && startsWith(origin.path, use));
  if (problem.at !== 'key' || section.length === 0 || !overridden || isSet(source, problem.path))
    return problem;
  const whole = section.join('.');
  const remedy = `it is an option of the entry that the file names; replace the whole section: --set '${whole}={use: …}'`;
  return { ...problem, message: `${problem.message}; ${remedy}` };
}
