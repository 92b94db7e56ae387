/** From the value of a scenario to a Plan: validates every section and collects every mistake. Pure. */
import { isDeepStrictEqual } from 'node:util';
import { algorithmList } from '../algorithms/index.js';
import {
  type Chosen,
  errorMap,
  findEntry,
  formatPath,
  isMap,
  type Modules,
  type Problem,
  problemsOf,
  show,
  withDefaults,
  withModules,
} from '../options/index.js';
import type { Execution, Plan } from '../simulation/plan.js';
import { scenarioSchema } from './schema.js';
import { problemsError } from './source.js';

/** What is needed to check a scenario besides its value. */
export interface CheckContext {
  /** The file's name, for messages. */
  readonly file: string;
  /** The folder from which relative paths in the scenario start. */
  readonly directory: string;
  /** The title if the scenario has none. */
  readonly title: string;
  /** The user's modules by their `use`. */
  readonly modules: Modules;
}

/** The result of checking a scenario without `compare`: a plan, or every problem. */
export type Checked = (
  | { readonly plan: Plan; readonly backend: Execution['backend'] }
  | { readonly problems: readonly Problem[] }
) & {
  /** Modules that the scenario names and the context does not have: load them and check again. */
  readonly missing: readonly string[];
};

/** Validates a scenario without `compare` and fills in its defaults. */
export function checkScenario(value: unknown, context: CheckContext): Checked {
  const { value: checked, missing } = withModules(context.modules, () => check(value, context));
  return { ...checked, missing };
}

/**
 * The plan of a scenario given as an object: its entries may be names or objects, but not modules, which have to be loaded
 * first (see `toScenario`). Throws a UsageError with every mistake.
 */
export function planOf(value: unknown, context: Partial<CheckContext> = {}): Plan {
  const file = '(object)';
  const checked = checkScenario(value, { file, directory: '.', title: file, modules: new Map(), ...context });
  if ('plan' in checked) return checked.plan;
  throw problemsError(checked.problems.map(({ path, message }) => `${formatPath(path)}: ${message}`));
}

function check(value: unknown, { file, directory, title: fileTitle }: CheckContext) {
  if (!isMap(value)) {
    const message = `expected a scenario, a map with keys such as nodes and data, got ${show(value)}`;
    return { problems: [{ path: [], message }] };
  }
  const parsed = scenarioSchema.safeParse(value, { error: errorMap('key') });
  const problems = parsed.success
    ? repeatedProbes(parsed.data.measure.probes)
    : problemsOf(parsed.error.issues, value);
  problems.push(...crossChecks(value));
  if (!parsed.success || problems.length > 0) return { problems };
  const { data, model, topology, network, compute, algorithm, faults, measure, stop, ...rest } = parsed.data;
  const { split, validation, tuning, ...source } = data;
  const title = rest.title ?? fileTitle;
  const plan: Plan = {
    title,
    seed: rest.seed,
    nodes: rest.nodes,
    data: { source, split, validation, tuning, directory },
    model,
    topology,
    network,
    compute,
    algorithm,
    faults,
    measure: { ...measure, target: measure.target, rows: measure.rows },
    timingOnly: rest.timingOnly,
    stop: { ...stop, after: stop.after },
    resolved: resolve(value, title),
    file,
  };
  return { plan, backend: rest.backend };
}

/** A probe that is named twice with the same options would write every number twice. */
function repeatedProbes(probes: readonly Chosen[]): Problem[] {
  return probes.flatMap((probe, i) => {
    const first = probes.findIndex(
      (other) => other.entry === probe.entry && isDeepStrictEqual(other.options, probe.options),
    );
    if (first === i) return [];
    const message = `expected every probe once, got ${probe.entry.id} a second time`;
    return [{ path: ['measure', 'probes', i], message }];
  });
}

function crossChecks(value: Readonly<Record<string, unknown>>): Problem[] {
  const problems: Problem[] = [];
  const use = isMap(value.algorithm) ? value.algorithm.use : value.algorithm;
  const algorithm = use === undefined ? { fault: 'none' } : findEntry(use, algorithmList);
  if ('entry' in algorithm) {
    const { id, roles } = algorithm.entry;
    const names = Object.keys(roles ?? {});
    if (names.length > 0 && value.topology !== undefined) {
      const message = `expected no topology: ${id} has a ${names.join(' and a ')} of its own, which implies the star; remove the section`;
      problems.push({ path: ['topology'], message, at: 'key' });
    }
    if (names.length === 0 && value.topology === undefined) {
      problems.push({
        path: ['topology'],
        message: `expected a topology, which ${id} needs, got nothing`,
      });
    }
  }
  if (isMap(value.stop) && value.stop.after === undefined && value.stop.at === undefined) {
    problems.push({
      path: ['stop'],
      message: `expected after (rounds), at (virtual time) or both, got ${show(value.stop)}`,
      at: 'key',
    });
  }
  return problems;
}

/** The scenario as text and numbers, with every default filled in. */
function resolve(value: Readonly<Record<string, unknown>>, title: string): Record<string, unknown> {
  const { title: _given, ...filled } = withDefaults(scenarioSchema, value) as Record<string, unknown>;
  return { title, ...filled };
}
