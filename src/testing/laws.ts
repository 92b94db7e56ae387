/**
 * The laws of algorithms, one per function: each throws an Error that names the law, the numbers, the scenario and the
 * seed.
 */
import { isDeepStrictEqual } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { UsageError } from '../errors.js';
import type { AnyAlgorithm } from '../learning/algorithm.js';
import { Random } from '../random.js';
import type { Plan } from '../simulation/plan.js';
import type { Result } from '../simulation/result.js';
import { Simulation, type SimulationState } from '../simulation/simulation.js';
import { testCodec } from './codecs.js';
import { withOtherClock } from './other-clock.js';
import type { PlanSketch } from './plans.js';
import { resembles } from './resemblance.js';
import { CHECKED, type FinishedRun, runToEnd } from './run.js';
import type { Watch } from './watch.js';

/** A run that an algorithm refused by a UsageError. @public */
export interface Refusal {
  readonly run: string;
  readonly reason: string;
}

/** An algorithm on one scenario. */
export interface Subject {
  readonly algorithm: AnyAlgorithm;
  readonly options: Readonly<Record<string, unknown>>;
  readonly name: string;
  readonly seed: number;
  readonly sketch: PlanSketch;
}

/** Makes a run. A UsageError is a refusal; any other error breaks a law. */
export async function attempt(
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

/** A run finishes all its rounds with finite params, and its ledger balances. */
export function checkEnd(subject: Subject, name: string, result: Result): void {
  const { stopped, explanation, rounds, time, diverged } = result;
  const wanted = subject.sketch.stop?.after;
  const why = explanation === undefined ? '' : `: ${explanation}`;
  const numbers = `it ended (${stopped}) in round ${rounds} of ${wanted} at ${time} ns${why}`;
  expect(
    subject,
    stopped === 'rounds' && (wanted === undefined || rounds === Number.parseInt(wanted, 10)),
    `a run ${name} finishes all its rounds`,
    numbers,
  );
  expect(
    subject,
    diverged.length === 0,
    `the params stay finite in a run ${name}`,
    `node ${diverged[0]?.node} diverged`,
  );
  const { sent, delivered, dropped, cut, inFlight } = result.traffic.bytes;
  expect(
    subject,
    sent === delivered + dropped + cut + inFlight,
    `the ledger of a run ${name} balances`,
    `${sent} bytes sent, ${delivered} delivered, ${dropped} dropped, ${cut} cut, ${inFlight} in flight`,
  );
}

/** Without drops and faults nothing is lost. */
export function checkLossless(subject: Subject, { traffic: { bytes } }: Result): void {
  const { sent, delivered, inFlight } = bytes;
  const numbers = `${sent} bytes sent, ${delivered} delivered, ${inFlight} in flight`;
  expect(subject, sent === delivered + inFlight, 'without drops and faults nothing is lost', numbers);
}

/** Every message type that was used keeps the laws of codecs, on bodies that were really sent. */
export function checkCodecs(subject: Subject, watched: Watch): void {
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

/** Two runs with the same seed are identical, whatever clocks and Math.random say. */
export async function checkRepeats(subject: Subject, plan: Plan, first: Result): Promise<void> {
  const { result } = await withOtherClock(() => runToEnd(plan));
  const what = 'two runs with the same seed are identical, whatever clocks and Math.random say';
  expectSame(subject, what, result, first);
}

/** How often a run is measured changes nothing. */
export async function checkMeasuring(subject: Subject, plan: Plan, first: Result): Promise<void> {
  const rarely = { ...plan, measure: { ...plan.measure, every: { rounds: 1e6 }, probes: [] } };
  const { result } = await runToEnd(rarely);
  expectSame(subject, 'measuring a run less often changes nothing', result, first);
}

/** A run in which nothing is learned has the same messages at the same times. */
export async function checkTiming(subject: Subject, plan: Plan, first: Result): Promise<void> {
  const timing = await attempt(subject, 'timing only', () => runToEnd({ ...plan, timingOnly: true }));
  // A codec whose sizes depend on the content.
  if ('refused' in timing) return;
  const { result } = timing.run;
  const same =
    result.time === first.time && isDeepStrictEqual([...result.trafficRows()], [...first.trafficRows()]);
  const got = `${first.time} ns and ${first.traffic.bytes.sent} bytes in the real run, ${result.time} ns and ${result.traffic.bytes.sent} bytes with timingOnly`;
  expect(subject, same, 'with contentFree, who sends what to whom does not depend on what is learned', got);
}

/** A run that was saved at the start, or after one of two events that the seed picks, continues as if it had not been. */
export async function checkSaving(subject: Subject, plan: Plan, first: Result): Promise<void> {
  const random = new Random(`${subject.seed}/saving`);
  for (const events of [0, random.integer(first.events), random.integer(first.events)]) {
    const state = await savedAfter(plan, events);
    const copy = deserialize(serialize(state)) as SimulationState;
    const where = `after ${events} of ${first.events} events`;
    expect(subject, isDeepStrictEqual(copy, state), 'the state of a saved run is plain data', where);
    const { result } = await runToEnd(plan, CHECKED, copy);
    expectSame(subject, `a run that was saved ${where} continues as if it had not been saved`, result, first);
  }
}

/** The state of a run after that many events. */
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
  const [a, b] = [actual, expected].map(
    ({ fingerprints: { trace, params }, events }) => `events ${events}, trace ${trace}, params ${params}`,
  );
  expect(subject, a === b, what, `expected ${b}, got ${a}`);
}

/** Runs a check. Where it throws, the error names the law that is broken. */
export function law(subject: Subject, what: string, check: () => void): void {
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
