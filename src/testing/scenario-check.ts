/** Runs a variation of a scenario, and checks every invariant in it. */
import { isDeepStrictEqual } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { algorithms } from '../algorithms/index.js';
import { PluginError, UsageError } from '../errors.js';
import type { AnyAlgorithm } from '../learning/algorithm.js';
import { valuesOf } from '../learning/params.js';
import { toScenario } from '../scenario/load.js';
import { type PlannedRun, planScenario } from '../scenario/plan.js';
import type { InnerExecution, JournalledEvent, Plan } from '../simulation/plan.js';
import type { Result } from '../simulation/result.js';
import { collect } from '../simulation/run.js';
import { Simulation, type SimulationState } from '../simulation/simulation.js';
import { isDoublyStochastic, type MixingRow, mixingRows } from '../topology/mixing/index.js';
import type { Neighbors } from '../topology/neighbors.js';
import { spectralGap } from '../topology/spectral.js';
import { formatDuration } from '../units.js';
import { faultOfFixedPoint } from './fixed-point.js';
import { watchesOf } from './invariants.js';
import { paramsByRound, paramsProbe } from './params-probe.js';
import { planOf } from './plans.js';
import { CHECKED, type FinishedRun, readAtEnd, runToEnd } from './run.js';
import { type AnyCodec, spy } from './spy.js';
import { optionsOf, type ResolvedScenario, type Variation, varied } from './variations.js';
import type { InvariantWatch } from './watched.js';

/** What is checked: a scenario with its defaults, and where relative paths in it start. */
export interface CheckedScenario {
  readonly scenario: ResolvedScenario;
  readonly algorithm: AnyAlgorithm;
  readonly file: string;
  readonly directory: string;
}

/** A run by what must be the same where nothing is to change. Plain data. */
export interface Outcome {
  readonly trace: string;
  readonly params: string;
  readonly events: number;
  readonly time: number;
}

/** Runs a scenario in another process. */
export type Elsewhere = (job: {
  readonly scenario: ResolvedScenario;
  readonly file: string;
  readonly directory: string;
}) => Promise<Outcome>;

/** An invariant that does not hold. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
  readonly invariant: string;

  constructor(invariant: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.invariant = invariant;
  }
}

/** A variation that was tried: the result of its run, or the reason for which it was refused. */
export type Tried = { readonly result: Result; readonly plan: Plan } | { readonly refused: string };

/** The plan of a scenario as an object. Throws UsageErrors. */
export async function planFor(
  scenario: ResolvedScenario,
  { file, directory }: Pick<CheckedScenario, 'file' | 'directory'>,
): Promise<PlannedRun> {
  return planScenario(await toScenario(scenario, { file, directory }))[0]!;
}

/** How a variation is checked. */
interface CheckOptions {
  readonly elsewhere?: Elsewhere;
  /** The only invariant that matters, where a smaller variation is sought that breaks it. */
  readonly only?: string | undefined;
}

/** Throws an InvariantError where one does not hold. */
export async function checkVariation(
  subject: CheckedScenario,
  variation: Variation,
  { elsewhere, only }: CheckOptions = {},
): Promise<Tried> {
  const scenario = varied(subject.scenario, variation, subject.algorithm);
  let plan: PlannedRun;
  let first: FinishedRun;
  try {
    plan = await planFor(scenario, subject);
    first = await watchedRun(plan);
  } catch (error) {
    if (error instanceof UsageError) return { refused: error.message };
    throw error;
  }
  const expected = outcomeOf(first.result);
  const same = (invariant: string, actual: Outcome, how: string) => {
    if (isDeepStrictEqual(actual, expected)) return;
    throw new InvariantError(invariant, `${how}: expected ${text(expected)}, got ${text(actual)}`);
  };
  const isWanted = (invariant: string) => only === undefined || only === invariant;
  if (isWanted('average')) await checkAveraging(plan);
  if (isWanted('silence')) await checkSilence(plan);
  if (isWanted('fixed-point')) await checkFixedPoint(plan);
  if (isWanted('watched')) same('watched', await unwatched(plan), 'without probes, with a trace');
  if (isWanted('saved')) {
    const events = Math.floor(variation.savedAt * expected.events);
    same('saved', await savedAndRestored(plan, events), `saved after ${events} of ${expected.events} events`);
  }
  if (isWanted('workers')) {
    const { workers } = variation;
    // Else the thread of the simulation may be faster than its workers, and nothing is checked.
    const { result } = await runToEnd(plan, { backend: 'cpu', workers, onlyWorkers: true });
    same('workers', outcomeOf(result), `with ${workers} workers`);
  }
  if (elsewhere && isWanted('repeated'))
    same('repeated', await elsewhere({ ...subject, scenario }), 'in another process');
  return { result: first.result, plan };
}

function outcomeOf({ fingerprints, events, time }: Result): Outcome {
  return { ...fingerprints, events, time };
}

function text({ trace, params, events, time }: Outcome): string {
  return `trace ${trace}, params ${params}, ${events} events, ${time} ns`;
}

/** The run, looked at between its events. */
async function watchedRun(plan: Plan): Promise<FinishedRun> {
  let watches: ReadonlyMap<string, InvariantWatch> = new Map();
  let broken: InvariantError | undefined;
  let where = 'before the first event';
  let count = 0;
  const each = (call: (watch: InvariantWatch) => void) => {
    for (const [invariant, watch] of watches) {
      try {
        call(watch);
      } catch (error) {
        broken ??= new InvariantError(invariant, `${where}: ${(error as Error).message}`, error);
        throw broken;
      }
    }
  };
  const types = new Map<string, AnyCodec>();
  const entry = spy(plan.algorithm.entry as AnyAlgorithm, {
    messageType: (name, make) => void types.set(name, make()),
    encoded: (type, body, { bytes, indexBytes }) =>
      each((watch) => watch.encoded?.(type, body, bytes, types.get(type)!, indexBytes)),
    broadcast(message) {
      each((watch) => watch.sent?.(message));
      return message.to;
    },
  });
  const execution: InnerExecution = {
    ...CHECKED,
    onWorld(world) {
      watches = watchesOf(world);
    },
    journal: {
      event(event: JournalledEvent) {
        each((watch) => watch.event?.(event));
        where = `after event ${count++}, ${event.kind} on ${event.target} at ${formatDuration(event.time)} (${event.time} ns)`;
      },
      mixed() {},
      drawn() {},
    },
  };
  const simulation = await Simulation.create({ ...plan, algorithm: { ...plan.algorithm, entry } }, execution);
  try {
    const run = await collect(simulation);
    where = `at the end, ${where}`;
    each((watch) => watch.end?.(run.result));
    const { stopped, explanation } = run.result;
    if (stopped === 'stalled') throw new InvariantError('ends', `the run stalled: ${explanation}`);
    return run;
  } catch (error) {
    if (broken !== undefined) throw broken;
    if (error instanceof UsageError || error instanceof InvariantError) throw error;
    const kind = error instanceof PluginError ? '' : `${(error as Error).name}: `;
    throw new InvariantError('ends', `${where}: ${kind}${(error as Error).message}`, error);
  } finally {
    await simulation.close();
  }
}

async function savedAndRestored(plan: Plan, events: number): Promise<Outcome> {
  const simulation = await Simulation.create(plan, CHECKED);
  let state: SimulationState;
  try {
    await simulation.step(events);
    state = deserialize(serialize(simulation.save())) as SimulationState;
  } finally {
    await simulation.close();
  }
  return outcomeOf((await runToEnd(plan, CHECKED, state)).result);
}

async function unwatched(plan: Plan): Promise<Outcome> {
  const rarely = { ...plan, measure: { ...plan.measure, every: { rounds: 1e6 }, probes: [] } };
  return outcomeOf((await runToEnd(rarely, { ...CHECKED, onEvent() {} })).result);
}

/** Float32 params are rounded once in every round; relative to the largest of them. */
const ROUNDING = 1e-5;

/** Averaging alone is d-psgd on a tiny problem, with a step size that changes no float32. */
async function checkAveraging({ algorithm, topology, nodes, seed, data }: Plan): Promise<void> {
  const rule = (algorithm.entry as AnyAlgorithm).mixing?.(algorithm.options);
  if (rule === undefined || typeof rule === 'string' || topology === undefined) return;
  if (!isDoublyStochastic(rule)) return;
  const tiny = planOf({
    nodes,
    seed,
    data: { use: 'quadratic', dimension: 3, split: 'by-node' },
    model: { use: 'quadratic', initBound: 1, init: 'per-node' },
    algorithm: { use: 'd-psgd', localSteps: 1, batch: 1, learningRate: 1e-40 },
    measure: { at: 'mixed', probes: [{ use: paramsProbe }] },
    stop: { after: '6 rounds' },
  });
  const options = { ...(tiny.algorithm.options as object), mixing: rule };
  // Where W is not symmetric, its gap is the rate in the long run alone.
  let gap = 0;
  const run = await runToEnd(
    {
      ...tiny,
      topology,
      algorithm: { ...tiny.algorithm, options },
      // A topology may come from a file.
      data: { ...tiny.data, directory: data.directory },
    },
    {
      ...CHECKED,
      onWorld(world) {
        const { neighbors, linksAt } = world.constants;
        if (linksAt) return;
        const rows = mixingRows(neighbors, rule);
        if (isSymmetricMatrix(rows, neighbors)) gap = spectralGap(rows, neighbors);
      },
    },
  );
  const rounds = [...paramsByRound(run).values()];
  const largest = Math.max(...rounds[0]!.flat().map(Math.abs));
  const means = rounds.map(meanOf);
  const distances = rounds.map((all, round) => distance(all, means[round]!));
  for (const [round, mean] of means.entries()) {
    const moved = Math.max(...mean.map((value, k) => Math.abs(value - means[0]![k]!)));
    if (moved > ROUNDING * largest)
      throw new InvariantError(
        'average',
        `${round} rounds of averaging move the mean of the params by ${moved}`,
      );
    const most = (1 - gap) * (distances[round - 1] ?? Number.POSITIVE_INFINITY) + ROUNDING * largest;
    if (distances[round]! > most)
      throw new InvariantError(
        'average',
        `round ${round} of averaging takes the distance from the mean from ${distances[round - 1]} to ${distances[round]}, expected at most ${most} with a spectral gap of ${gap}`,
      );
  }
}

function isSymmetricMatrix(rows: readonly MixingRow[], { in: incoming }: Neighbors): boolean {
  return rows.every(({ neighbors }, to) =>
    neighbors.every((weight, k) => {
      const from = incoming[to]![k]!;
      return rows[from]!.neighbors[incoming[from]!.indexOf(to)] === weight;
    }),
  );
}

function meanOf(all: readonly (readonly number[])[]): number[] {
  return all[0]!.map((_, k) => all.reduce((sum, params) => sum + params[k]!, 0) / all.length);
}

/** Root mean square distance of the nodes from the mean. */
function distance(all: readonly (readonly number[])[], mean: readonly number[]): number {
  let sum = 0;
  for (const params of all) for (const [k, value] of params.entries()) sum += (value - mean[k]!) ** 2;
  return Math.sqrt(sum / all.length);
}

async function checkFixedPoint(plan: Plan): Promise<void> {
  const fault = await faultOfFixedPoint(plan);
  if (fault !== undefined) throw new InvariantError('fixed-point', fault);
}

/** Where every message is lost, some algorithms are local-only. */
async function checkSilence(plan: Plan): Promise<void> {
  const entry = plan.algorithm.entry as AnyAlgorithm;
  if (entry.withoutMessages === undefined) return;
  const local = algorithms.find(({ id }) => id === entry.withoutMessages)!;
  const known = optionsOf(local);
  const given = plan.algorithm.options as Readonly<Record<string, unknown>>;
  const own = Object.fromEntries(Object.entries(given).filter(([name]) => known.has(name)));
  const { deadline = 1e9 } = given as { readonly deadline?: number };
  const quiet = { ...plan, faults: [], measure: { ...plan.measure, probes: [] } };
  const silent = await finalParams({
    ...quiet,
    network: { ...plan.network, drop: 1 },
    algorithm: { ...plan.algorithm, options: { ...given, deadline } },
  });
  const alone = await finalParams({ ...quiet, algorithm: { entry: local, options: own } });
  for (const [node, params] of alone.entries()) {
    if (isDeepStrictEqual(params, silent[node])) continue;
    throw new InvariantError(
      'silence',
      `where every message is lost, node ${node} does not end with the params of ${local.id}`,
    );
  }
}

async function finalParams(plan: Plan): Promise<Float32Array[]> {
  return readAtEnd(plan, (world) =>
    Array.from({ length: plan.nodes }, (_, node) => {
      const { adapted, mixed } = world.evaluate(node);
      return Float32Array.from(valuesOf((adapted ?? mixed)!.params));
    }),
  );
}
