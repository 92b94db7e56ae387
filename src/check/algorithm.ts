/**
 * The conformance suite of an algorithm: runs it on tiny scenarios and checks what every algorithm promises. It throws
 * at the first law that is broken, and so runs under any test runner.
 */
import { isDeepStrictEqual } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { UsageError } from '../errors.js';
import type { AnyAlgorithm } from '../learning/algorithm.js';
import type { Plan } from '../plan.js';
import { Random } from '../random.js';
import type { Result } from '../result.js';
import { Simulation, type SimulationState } from '../simulation.js';
import type { Nanoseconds } from '../units.js';
import { testCodec } from '../wire/conformance.js';
import { type PlanSketch, planOf } from './plans.js';
import { resembles } from './resemblance.js';
import { CHECKED, type FinishedRun, runToEnd } from './run.js';
import { type Watch, watch } from './watch.js';

/** How an algorithm is to be tested. */
export interface AlgorithmCheck {
  /** As in a scenario, without `use`; defaults are filled in. @defaultValue `{}` */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Of the scenarios, and of where runs are saved. @defaultValue 1 */
  readonly seed?: number;
  /** Rounds of every run. @defaultValue 3 */
  readonly rounds?: number;
  /** In place of the built-in scenarios, by name: what the algorithm's options need. */
  readonly scenarios?: Readonly<Record<string, Omit<PlanSketch, 'algorithm' | 'seed'>>>;
}

/** What was tested. */
export interface AlgorithmReport {
  /** Names of the scenarios on which all laws were checked. */
  readonly scenarios: readonly string[];
  /** Runs that the algorithm refused by a UsageError, with its message. */
  readonly refused: ReadonlyArray<{ readonly run: string; readonly reason: string }>;
  /** Messages encoded, by type, over all scenarios: a type that stands at 0 was never tested. */
  readonly encoded: Readonly<Record<string, number>>;
  /** Bytes in flight at the end of runs without faults: 0 unless the algorithm is asynchronous. */
  readonly bytesInFlight: number;
}

/** Long against the latencies of the scenarios, so that it ends waits that would never end otherwise. */
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
    data: { use: 'blobs', features: 6, classes: 3, train: 103, test: 30, split: { use: 'dirichlet', alpha: 1 } },
    model: { use: 'mlp', hidden: [4], init: 'per-node' },
    topology: 'complete',
    compute: { use: 'choice', speeds: ['3MFLOPS', '5MFLOPS'] },
    network: { latency: { use: 'uniform', from: '1ms', to: '30ms' }, uplink: '1Mbps', downlink: '2Mbps' },
  },
};

/**
 * Checks an algorithm, and says what was checked. The laws: its options have defaults; two runs of one seed are the
 * same run; states are plain data; what was handed over stays as it was; every message type keeps the laws of codecs;
 * the ledger balances, and without drops and faults nothing is lost; a saved run goes on as if nothing had been; how
 * often one measures changes nothing; under drops and with a node down a run ends, or is refused at its start.
 *
 * Needs a second or two. Throws an Error that names the law, the numbers, the scenario and the seed.
 */
export async function testAlgorithm(algorithm: AnyAlgorithm, check: AlgorithmCheck = {}): Promise<AlgorithmReport> {
  const { options = {}, seed = 1, rounds = 3, scenarios = SCENARIOS } = check;
  const parsed = algorithm.options.safeParse(options);
  if (!parsed.success) {
    throw new Error(
      `algorithm "${algorithm.id}" breaks a law: its options have defaults: ${parsed.error.message}; ` +
        'pass { options } for those that it must be given',
    );
  }
  const report = { scenarios: [] as string[], refused: [] as Refusal[], encoded: new Map<string, number>(), bytesInFlight: 0 };
  for (const [name, sketch] of Object.entries(scenarios)) {
    const subject: Subject = {
      algorithm,
      options,
      name,
      seed,
      sketch: { ...sketch, seed, stop: { after: rounds, at: '1h', ...sketch.stop } },
    };
    await testOn(subject, report);
  }
  if (report.scenarios.length === 0) {
    const reasons = report.refused.map(({ run, reason }) => `${run}: ${reason}`).join('; ');
    throw new Error(`algorithm "${algorithm.id}" breaks a law: it runs on one scenario at least: ${reasons}`);
  }
  return { ...report, encoded: Object.fromEntries(report.encoded) };
}

type Refusal = AlgorithmReport['refused'][number];

interface Subject {
  readonly algorithm: AnyAlgorithm;
  readonly options: Readonly<Record<string, unknown>>;
  readonly name: string;
  readonly seed: number;
  readonly sketch: PlanSketch;
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
  law(subject, 'states are plain data, and what was handed over stays as it was', () => watched.check());
  checkCodecs(subject, watched);
  await checkRepeats(subject, plan, first.run.result);
  await checkSaving(subject, plan, first.run.result);
  await checkMeasuring(subject, plan, first.run.result);
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
 * What may go wrong in a run, by name. Nodes go down at shares of the time that the run takes without it, so that they
 * do so in the middle of it; early on they compute.
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
  return planOf({ ...sketch, ...change, algorithm: { ...given, use: algorithm } });
}

async function attempt(
  subject: Subject,
  name: string,
  run: () => Promise<FinishedRun>,
): Promise<{ readonly run: FinishedRun } | { readonly refused: Refusal }> {
  try {
    return { run: await run() };
  } catch (error) {
    if (error instanceof UsageError) {
      return { refused: { run: `${subject.name} ${name}`, reason: error.message } };
    }
    throw broken(subject, `a run ${name} ends without an error`, String(error), error);
  }
}

function checkEnd(subject: Subject, name: string, result: Result): void {
  const { stopped, explanation, rounds, time, diverged } = result;
  const wanted = subject.sketch.stop?.after;
  const numbers = `it was ${stopped} in round ${rounds} of ${wanted} at ${time} ns. ${explanation ?? ''}`;
  expect(subject, stopped === 'rounds' && rounds === wanted, `a run ${name} comes to the end of its rounds`, numbers);
  expect(subject, diverged.length === 0, `a run ${name} stays finite`, `node ${diverged[0]?.node} diverged`);
  const { sent, delivered, dropped, cut, inFlight } = result.traffic.bytes;
  expect(
    subject,
    sent === delivered + dropped + cut + inFlight,
    `the ledger of a run ${name} balances`,
    `${sent} bytes sent, ${delivered} delivered, ${dropped} dropped, ${cut} cut, ${inFlight} in flight`,
  );
}

function checkLossless(subject: Subject, { traffic: { bytes } }: Result): void {
  const { sent, delivered, inFlight } = bytes;
  const numbers = `${sent} bytes sent, ${delivered} delivered, ${inFlight} in flight`;
  expect(subject, sent === delivered + inFlight, 'without drops and faults nothing is lost', numbers);
}

function checkCodecs(subject: Subject, watched: Watch): void {
  for (const [name, { make, bodies }] of watched.types) {
    if (bodies.length === 0) continue;
    law(subject, `messages of type "${name}" keep the laws of codecs`, () =>
      testCodec({
        make,
        body: fc.constantFrom(...bodies) as fc.Arbitrary<never>,
        matches: resembles,
        seed: subject.seed,
        numRuns: 20,
      }),
    );
  }
}

async function checkRepeats(subject: Subject, plan: Plan, first: Result): Promise<void> {
  const { result } = await runToEnd(plan);
  expectSame(subject, 'two runs of one seed are the same run', result, first);
}

async function checkMeasuring(subject: Subject, plan: Plan, first: Result): Promise<void> {
  const rarely = { ...plan, measure: { ...plan.measure, every: { rounds: 1e6 }, probes: [] } };
  const { result } = await runToEnd(rarely);
  expectSame(subject, 'measuring less often changes nothing', result, first);
}

/** Saves at two events that the seed picks, and at the start. */
async function checkSaving(subject: Subject, plan: Plan, first: Result): Promise<void> {
  const random = new Random(`${subject.seed}/saving`);
  for (const events of [0, random.integer(first.events), random.integer(first.events)]) {
    const state = await savedAfter(plan, events);
    const copy = deserialize(serialize(state)) as SimulationState;
    const where = `after ${events} of ${first.events} events`;
    expect(subject, isDeepStrictEqual(copy, state), 'a saved run is plain data', where);
    const { result } = await runToEnd(plan, CHECKED, copy);
    expectSame(subject, `a run that was saved ${where} goes on as if nothing had been`, result, first);
  }
}

/** The state of a run after so many events. */
async function savedAfter(plan: Plan, events: number): Promise<SimulationState> {
  const simulation = await Simulation.create(plan, CHECKED);
  try {
    await simulation.step(events);
    return simulation.save();
  } finally {
    await simulation.close();
  }
}

function expectSame(subject: Subject, what: string, actual: Result, expected: Result): void {
  const [a, b] = [actual, expected].map(({ fingerprints: { trace, params }, events }) =>
    `events ${events}, trace ${trace}, params ${params}`,
  );
  expect(subject, a === b, what, `${b} became ${a}`);
}

function law(subject: Subject, what: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw broken(subject, what, error instanceof Error ? error.message : String(error), error);
  }
}

function expect(subject: Subject, holds: boolean, what: string, numbers: string): void {
  if (!holds) throw broken(subject, what, numbers);
}

function broken({ algorithm, name, seed }: Subject, what: string, numbers: string, cause?: unknown): Error {
  return new Error(
    `algorithm "${algorithm.id}" breaks a law: ${what}: ${numbers} (scenario "${name}", seed ${seed})`,
    cause === undefined ? {} : { cause },
  );
}
