/** State is plain data: any run can be saved after any event, and continues in another process. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import type { Execution } from '../src/simulation/plan.js';
import { collect } from '../src/simulation/run.js';
import { Simulation, type SimulationState } from '../src/simulation/simulation.js';
import { arbitraryScenario, type PlanSketch, planOf } from '../src/testing/index.js';
import { type ElsewhereJob, type ElsewhereResult, runElsewhere, runHere } from './support/run-elsewhere.js';

const SEED = 1;

/**
 * A scenario, and the share of its events after which it is saved: not by `fc.double`, most of whose numbers are next to its
 * ends.
 */
const arbitrarySnapshot = fc.record(
  { sketch: arbitraryScenario(), share: fc.integer({ min: 0, max: 1000 }).map((share) => share / 1000) },
  { noNullPrototype: true },
);

/** The state after that many events, and the samples that were not yielded yet. */
async function stateAfter(
  sketch: PlanSketch,
  execution: Execution,
  events: number,
): Promise<SimulationState> {
  const simulation = await Simulation.create(planOf(sketch), execution);
  try {
    await simulation.step(events);
    return simulation.save();
  } finally {
    await simulation.close();
  }
}

/** The result of the uninterrupted run, and the job of continuing it in another process. */
async function snapshot(
  { sketch, share }: { sketch: PlanSketch; share: number },
  execution: ElsewhereJob['execution'],
): Promise<{ expected: ElsewhereResult; job: ElsewhereJob; what: string }> {
  const expected = await runHere({ sketch, execution });
  const events = Math.floor(share * expected.events);
  const state = await stateAfter(sketch, execution, events);
  assert.ok(isDeepStrictEqual(deserialize(serialize(state)), state), 'a state survives being written down');
  const what = `seed ${SEED}, after ${events} of ${expected.events} events of ${JSON.stringify(sketch)}`;
  return { expected, job: { sketch, execution, state }, what };
}

for (const backend of ['cpu', 'wasm'] as const) {
  test(`${backend}: a run that was saved after any event continues in a new process to the same end`, async () => {
    const snapshots = [];
    for (const picked of fc.sample(arbitrarySnapshot, { seed: SEED, numRuns: 15 })) {
      snapshots.push(await snapshot(picked, { backend, workers: 0 }));
    }
    const results = runElsewhere(snapshots.map(({ job }) => job));
    for (const [i, { expected, what }] of snapshots.entries()) {
      const { fingerprints, events, time, samples } = results[i]!;
      assert.deepEqual(fingerprints, expected.fingerprints, what);
      assert.deepEqual({ events, time }, { events: expected.events, time: expected.time }, what);
      // Samples that were yielded before are not saved; a saved run keeps the others.
      assert.deepEqual(samples, expected.samples.slice(expected.samples.length - samples.length), what);
    }
    assert.ok(
      snapshots.some(({ job }) => job.state!.world.queue.pending.length > 0),
      'some had pending tasks',
    );
    assert.ok(
      snapshots.some(({ job }) => job.state!.world.network.attempts.length > 0),
      'some had messages in flight',
    );
  });
}

test('saving does not change a run: it continues to the same end', async () => {
  await fc.assert(
    fc.asyncProperty(arbitrarySnapshot, async ({ sketch, share }) => {
      const execution: Execution = { backend: 'cpu', workers: 0, checkFrozen: true };
      const expected = await runHere({ sketch, execution });
      const simulation = await Simulation.create(planOf(sketch), execution);
      try {
        await simulation.step(Math.floor(share * expected.events));
        const state = simulation.save();
        const before = serialize(state);
        const { result } = await collect(simulation);
        assert.deepEqual(result.fingerprints, expected.fingerprints);
        assert.ok(serialize(state).equals(before), 'what was saved is a copy of its own');
      } finally {
        await simulation.close();
      }
    }),
    { seed: SEED, numRuns: 25 },
  );
});

test('one state can be restored twice', async () => {
  const sketch: PlanSketch = { nodes: 5, model: { use: 'mlp', hidden: [4] }, stop: { after: '4 rounds' } };
  const execution = { backend: 'cpu', workers: 0 } as const;
  const expected = await runHere({ sketch, execution });
  const state = await stateAfter(sketch, execution, Math.floor(expected.events / 2));
  for (const future of [1, 2]) {
    const { fingerprints } = await runHere({ sketch, execution, state });
    assert.deepEqual(fingerprints, expected.fingerprints, `future ${future}`);
  }
  const longer = await runHere({ sketch: { ...sketch, stop: { after: '6 rounds' } }, execution, state });
  const whole = await runHere({ sketch: { ...sketch, stop: { after: '6 rounds' } }, execution });
  assert.deepEqual(longer.fingerprints, whole.fingerprints);
});
