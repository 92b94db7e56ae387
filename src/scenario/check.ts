/** A scenario's value → a Plan: every section validated, every mistake collected. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { AnyAlgorithm } from '../learning/algorithm.js';
import type { Execution, Plan } from '../simulation/plan.js';
import {
  besides,
  type Choice,
  choose,
  longForm,
  nestedModules,
  resolveNested,
  type Section,
  withNestedModules,
} from './choose.js';
import { lists } from './lists.js';
import { errorMap, problemsOf, show } from './messages.js';
import { isMap, type Path, valueAt } from './path.js';
import { isModulePath, type Loaded } from './plugin.js';
import { DEFAULT_COMPUTE, DEFAULT_PROBES, sectionKeys, topSchema } from './schema.js';
import { withDefaults } from './schema-walk.js';
import type { Problem } from './source.js';

/** What the value of a scenario is read with. */
export interface CheckContext {
  /** The file's name, for messages. */
  readonly file: string;
  /** Against which paths in the scenario are resolved. */
  readonly directory: string;
  /** Title where the scenario has none. */
  readonly title: string;
  /** The user's modules by their `use`. */
  readonly modules: ReadonlyMap<string, Loaded>;
}

/** A scenario without `compare`, checked: a plan, or what is wrong with it (all of it). */
export type Checked =
  | { readonly plan: Plan; readonly backend: Execution['backend'] }
  | { readonly problems: readonly Problem[] };

/** The modules that a scenario names by `use`, in the order of its sections. */
export function modulesOf(value: unknown): string[] {
  const sections = sectionsOf(value).flatMap((section) => [
    section,
    ...nestedModules(longForm(section.value), section.path),
  ]);
  return [...sections, ...nestedModules(valueAt(value, NETWORK), NETWORK)]
    .map((section) => (longForm(section.value) as { use?: unknown } | undefined)?.use)
    .filter((use): use is string => typeof use === 'string' && isModulePath(use));
}

/** Validates a scenario without `compare` and fills in its defaults. */
export function checkScenario(value: unknown, context: CheckContext): Checked {
  if (!isMap(value)) return { problems: [notAScenario(value)] };
  const network = withNestedModules(value.network, NETWORK, context.modules);
  const top = topSchema.safeParse({ ...value, network: network.value }, { error: errorMap('key') });
  const problems = besides(network.problems, top.success ? [] : problemsOf(top.error.issues, value, []));
  const choices = sectionsOf(value).map((section) => choose(section, context.modules));
  for (const [i, choice] of choices.entries()) {
    // Without a section `data`, what it lacks is the section, not its split.
    if (i !== SPLIT || isMap(longForm(value.data))) problems.push(...choice.problems);
  }
  const [source, split, model, compute, algorithm, ...others] = choices as [
    Choice,
    Choice,
    Choice,
    Choice,
    Choice,
    ...Choice[],
  ];
  const topology = value.topology === undefined ? undefined : others.shift();
  problems.push(
    ...crossChecks(value, algorithm.entry as AnyAlgorithm | undefined),
    ...repeatedProbes(value, choices),
  );
  if (!top.success || problems.length > 0) return { problems };
  const { data } = top;
  const title = data.title ?? context.title;
  const plan: Plan = {
    title,
    seed: data.seed,
    nodes: data.nodes,
    data: {
      source: source.chosen!,
      split: split.chosen!,
      validation: source.own.validation as number,
      directory: context.directory,
    },
    model: { ...model.chosen!, init: model.own.init as 'common' | 'per-node' },
    topology: topology && {
      ...topology.chosen!,
      allowDisconnected: topology.own.allowDisconnected as boolean,
    },
    network: data.network,
    compute: compute.chosen!,
    algorithm: algorithm.chosen!,
    faults: data.faults,
    measure: {
      every: data.measure.every,
      probes: others.map((probe) => probe.chosen!),
      target: data.measure.target,
    },
    stop: { after: data.stop.after, at: data.stop.at, diverged: data.stop.diverged },
    resolved: resolve(
      { value, title, modules: context.modules },
      { source, split, model, compute, algorithm, topology, probes: others },
    ),
    file: context.file,
  };
  return { plan, backend: data.backend };
}

function notAScenario(value: unknown): Problem {
  const message = `expected a scenario, a map with keys such as nodes and data, got ${show(value)}`;
  return { path: [], message };
}

/** The section that is no choice of an entry, but has one in it. */
const NETWORK: Path = ['network'];
/** Place of the split among the sections. */
const SPLIT = 1;

/** Data, split, model, compute, algorithm, the topology if there is one, then the probes: the order of the choices. */
function sectionsOf(value: unknown): Section[] {
  const at = (...path: Path) => ({ path, value: valueAt(value, path) });
  const compute = at('compute');
  const topology = at('topology');
  const probes = valueAt(value, ['measure', 'probes']) ?? DEFAULT_PROBES;
  return [
    { ...at('data'), list: lists.sources, own: sectionKeys.data, skip: ['split'] },
    { ...at('data', 'split'), list: lists.splits },
    { ...at('model'), list: lists.models, own: sectionKeys.model },
    {
      ...compute,
      value: compute.value === undefined ? DEFAULT_COMPUTE : compute.value,
      list: lists.profiles,
    },
    { ...at('algorithm'), list: lists.algorithms },
    ...(topology.value === undefined
      ? []
      : [{ ...topology, list: lists.topologies, own: sectionKeys.topology }]),
    ...(Array.isArray(probes) ? probes : []).map((probe: unknown, i) => ({
      path: ['measure', 'probes', i],
      value: probe,
      list: lists.probes,
    })),
  ];
}

/** A probe that stands twice with the same options would write every number twice. */
function repeatedProbes(value: unknown, choices: readonly Choice[]): Problem[] {
  return sectionsOf(value).flatMap(({ path, list }, i) => {
    const { entry, resolved } = choices[i]!;
    const isSame = (other: Choice) => other.entry === entry && isDeepStrictEqual(other.resolved, resolved);
    const first = choices.findIndex(isSame);
    if (list !== lists.probes || resolved === undefined || first === i) return [];
    return [{ path, message: `expected every probe once, got ${entry!.id} a second time` }];
  });
}

function crossChecks(
  value: Readonly<Record<string, unknown>>,
  algorithm: AnyAlgorithm | undefined,
): Problem[] {
  const problems: Problem[] = [];
  if (algorithm) {
    const { id, roles } = algorithm;
    const names = Object.keys(roles ?? {});
    if (names.length > 0 && value.topology !== undefined) {
      const message = `expected no topology: ${id} has a ${names.join(' and a ')} of its own, which implies the star; remove the section`;
      problems.push({ path: ['topology'], message, at: 'key' });
    }
    if (names.length === 0 && value.topology === undefined) {
      problems.push({
        path: ['topology'],
        message: `expected a topology, over which ${id} mixes, got nothing`,
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

interface Choices {
  readonly source: Choice;
  readonly split: Choice;
  readonly model: Choice;
  readonly compute: Choice;
  readonly algorithm: Choice;
  readonly topology: Choice | undefined;
  readonly probes: readonly Choice[];
}

function resolve(
  {
    value,
    title,
    modules,
  }: Pick<CheckContext, 'title' | 'modules'> & { readonly value: Readonly<Record<string, unknown>> },
  choices: Choices,
): Record<string, unknown> {
  const top = withDefaults(topSchema, value) as Record<string, unknown>;
  return {
    title,
    seed: top.seed,
    nodes: top.nodes,
    data: { ...choices.source.resolved, split: choices.split.resolved },
    model: choices.model.resolved,
    ...(choices.topology ? { topology: choices.topology.resolved } : {}),
    network: resolveNested(top.network, modules),
    compute: choices.compute.resolved,
    algorithm: choices.algorithm.resolved,
    faults: top.faults,
    measure: { ...(top.measure as object), probes: choices.probes.map((probe) => probe.resolved) },
    stop: top.stop,
    backend: top.backend,
  };
}
