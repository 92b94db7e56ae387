/**
 * The conformance suite of an algorithm: runs it on tiny scenarios and checks what every algorithm promises. It throws
 * an error at the first law that is broken, so it works under any test runner.
 */
import type { AnyAlgorithm } from '../learning/algorithm.js';
import type { Plan } from '../simulation/plan.js';
import type { Nanoseconds } from '../units.js';
import {
  attempt,
  checkCodecs,
  checkEnd,
  checkLossless,
  checkMeasuring,
  checkRepeats,
  checkSaving,
  checkTiming,
  law,
  type Refusal,
  type Subject,
} from './laws.js';
import { type PlanSketch, planOf } from './plans.js';
import { runToEnd } from './run.js';
import { watch } from './watch.js';

/** How an algorithm is to be tested. @public */
export interface AlgorithmCheck {
  /** The algorithm's options as in a scenario, without `use`; defaults are filled in. @defaultValue `{}` */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Seed of the scenarios, and of the events after which runs are saved. @defaultValue 1 */
  readonly seed?: number;
  /** Number of rounds of every run. @defaultValue 3 */
  readonly rounds?: number;
  /** Scenarios by name, in place of the built-in ones: for algorithms that need other data, models or topologies. */
  readonly scenarios?: Readonly<Record<string, Omit<PlanSketch, 'algorithm' | 'seed'>>>;
}

/** What was tested. @public */
export interface AlgorithmReport {
  /** Names of the scenarios on which all laws were checked. */
  readonly scenarios: readonly string[];
  /** Runs that the algorithm refused by a UsageError, with its message. */
  readonly refused: readonly Refusal[];
  /** Messages encoded, by type, over all scenarios: a type with 0 messages was never tested. */
  readonly encoded: Readonly<Record<string, number>>;
  /** Bytes in flight at the end of runs without faults: 0 unless the algorithm is asynchronous. */
  readonly bytesInFlight: number;
}

/** Much longer than the latencies of the scenarios, so that it only ends waits that would never end otherwise. */
const DEADLINE = '400ms';

const SCENARIOS: NonNullable<AlgorithmCheck['scenarios']> = {
  quadratic: {
    nodes: 4,
    data: { use: 'quadratic', dimension: 3, split: 'by-node' },
    model: { use: 'quadratic', initBound: 1 },
    compute: { use: 'choice', speeds: ['0.5MFLOPS', '1MFLOPS'] },
  },
  blobs: {
    nodes: 5,
    data: {
      use: 'blobs',
      publicRows: 20,
      features: 6,
      classes: 3,
      train: 103,
      test: 30,
      validation: '20%',
      split: { use: 'dirichlet', alpha: 1 },
    },
    model: { use: 'mlp', hidden: [4], init: 'per-node' },
    topology: 'complete',
    compute: { use: 'choice', speeds: ['3MFLOPS', '5MFLOPS'] },
    network: { latency: { use: 'uniform', from: '1ms', to: '30ms' }, uplink: '1Mbps', downlink: '2Mbps' },
  },
};

/** The model without `init: per-node`. */
function startingAlike(model: NonNullable<PlanSketch['model']>): NonNullable<PlanSketch['model']> {
  return typeof model === 'object' ? { ...model, init: 'common' } : model;
}

/**
 * Checks an algorithm, and returns what was checked. The laws: all its options have defaults; two runs with the same
 * seed are identical; states are plain data; arrays that were handed over are never changed; every message type keeps
 * the laws of codecs; the ledger balances, and without drops and faults nothing is lost; a saved run continues as if it
 * had not been saved; how often the run is measured changes nothing; where it says that what it sends does not depend on what
 * is learned, a run with `timingOnly` has the same messages at the same times; with drops and with a node down the run ends, or is
 * refused at its start.
 *
 * Takes a second or two. Throws an Error that names the law, the numbers, the scenario and the seed.
 * @public
 */
export async function testAlgorithm(
  algorithm: AnyAlgorithm,
  check: AlgorithmCheck = {},
): Promise<AlgorithmReport> {
  const { options = {}, seed = 1, rounds = 3, scenarios = SCENARIOS } = check;
  const parsed = algorithm.options.safeParse(options);
  if (!parsed.success) {
    throw new Error(
      `algorithm "${algorithm.id}" breaks a law: all its options have defaults: ${parsed.error.message}; ` +
        'pass { options: { … } } with the options that have none',
    );
  }
  const report = {
    scenarios: [] as string[],
    refused: [] as Refusal[],
    encoded: new Map<string, number>(),
    bytesInFlight: 0,
  };
  for (const [name, sketch] of Object.entries(scenarios)) {
    const subject: Subject = {
      algorithm,
      options,
      name,
      seed,
      sketch: {
        ...sketch,
        ...(algorithm.commonInit && sketch.model && { model: startingAlike(sketch.model) }),
        seed,
        stop: { after: `${rounds} rounds`, at: '1h', ...sketch.stop },
      },
    };
    await testOn(subject, report);
  }
  if (report.scenarios.length === 0) {
    const reasons = report.refused.map(({ run, reason }) => `${run}: ${reason}`).join('; ');
    throw new Error(
      `algorithm "${algorithm.id}" breaks a law: it runs on at least one scenario: ${reasons}; pass { scenarios: { … } } with one on which it runs`,
    );
  }
  return { ...report, encoded: Object.fromEntries(report.encoded) };
}

type Change = Pick<PlanSketch, 'network' | 'faults'>;

interface Collected {
  readonly scenarios: string[];
  readonly refused: Refusal[];
  readonly encoded: Map<string, number>;
  bytesInFlight: number;
}

async function testOn(subject: Subject, report: Collected): Promise<void> {
  const plan = planFor(subject, null);
  const watched = watch(subject.algorithm);
  const first = await attempt(subject, 'without faults', () =>
    runToEnd({ ...plan, algorithm: { ...plan.algorithm, entry: watched.algorithm } }),
  );
  if ('refused' in first) {
    report.refused.push(first.refused);
    return;
  }
  checkEnd(subject, 'without faults', first.run.result);
  checkLossless(subject, first.run.result);
  law(subject, 'states are plain data, and arrays that were handed over are never changed', () =>
    watched.check(),
  );
  checkCodecs(subject, watched);
  await checkRepeats(subject, plan, first.run.result);
  await checkSaving(subject, plan, first.run.result);
  await checkMeasuring(subject, plan, first.run.result);
  if (subject.algorithm.contentFree) await checkTiming(subject, plan, first.run.result);
  for (const [name, trouble] of Object.entries(troubles(subject, first.run.result.time))) {
    const troubled = await attempt(subject, name, () => runToEnd(planFor(subject, trouble)));
    if ('refused' in troubled) report.refused.push(troubled.refused);
    else checkEnd(subject, name, troubled.run.result);
  }
  report.scenarios.push(subject.name);
  report.bytesInFlight += first.run.result.traffic.bytes.inFlight;
  for (const [type, { encoded }] of watched.types) {
    report.encoded.set(type, (report.encoded.get(type) ?? 0) + encoded);
  }
}

/**
 * What may go wrong in a run, by name. A node goes down at a share of the time that an undisturbed run takes, so that it
 * does so in the middle of the run; early in a run it is computing.
 */
function troubles(subject: Subject, time: Nanoseconds): Readonly<Record<string, Change>> {
  const at = (share: number) => `${Math.ceil(share * time)}ns`;
  const down = { use: 'node-down', node: 1, at: at(0.4), for: at(0.5) };
  const roles = Object.keys(subject.algorithm.roles ?? {});
  return {
    'with drops': { network: { ...subject.sketch.network, drop: '20%' } },
    'with a node down': { faults: [down] },
    'with a node down that loses its task': { faults: [{ ...down, at: at(0.02), task: 'lose' }] },
    'with a node down for good': { faults: [{ use: 'node-down', node: 1, at: at(0.4) }] },
    ...(roles.length > 0 && {
      [`with the ${roles[0]} down`]: { faults: [{ ...down, node: subject.sketch.nodes ?? 4 }] },
    }),
  };
}

/** The plan of a run; one with troubles has a deadline where the algorithm has such an option. */
function planFor({ algorithm, options, sketch }: Subject, change: Change | null): Plan {
  const patient = { deadline: DEADLINE, ...options };
  const given = change !== null && algorithm.options.safeParse(patient).success ? patient : options;
  // A role implies the star.
  const { topology, ...rest } = sketch;
  const links = algorithm.roles || topology === undefined ? {} : { topology };
  return planOf({ ...rest, ...links, ...change, algorithm: { ...given, use: algorithm } });
}
