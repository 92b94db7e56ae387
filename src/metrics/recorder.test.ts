import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { Kernel } from '../kernel/kernel.js';
import { Trace } from '../kernel/trace.js';
import type { AnyProbe, ProbeView } from './probe.js';
import { Recorder, type RecorderParts } from './recorder.js';

/** A kernel with an event every 10 ns, and a probe that gives the time and an accuracy of time ÷ 100. */
function subject(every: RecorderParts['every'], target?: number) {
  const kernel = new Kernel({ trace: new Trace() });
  const seen: string[] = [];
  const probe: AnyProbe = {
    id: 'clock',
    description: '',
    options: z.any(),
    measure: ({ time, round }) => [
      { metric: 'clock', node: 0, value: time },
      { metric: 'accuracy-mean', value: time / 100 },
      { metric: 'round', value: round },
      { metric: 'inverse', value: 1 / time },
    ],
  };
  let round = 0;
  const recorder = new Recorder({
    kernel,
    probes: [{ entry: probe, options: {} }],
    every,
    target,
    queue: {
      submit: () => assert.fail('nothing is evaluated'),
      take: () => assert.fail('nothing is taken'),
      join: () => assert.fail('nothing is evaluated'),
      leave: () => assert.fail('nothing is evaluated'),
    },
    modelOf: () => assert.fail('nothing is evaluated'),
    view: () =>
      ({
        time: kernel.now,
        round,
        nodes: [{ id: 0 }],
        dataset: { train: 0, test: 0 },
        traffic: { sent: 3 * kernel.now },
      }) as unknown as ProbeView,
    emit: (samples) => seen.push(...samples.filter(({ node }) => node === 0).map(({ time }) => `${time}`)),
  });
  const tick = kernel.kind('tick', ({ time }) => {
    round = time / 10;
    recorder.roundReached(round);
    if (time < 60) kernel.schedule({ time: time + 10, kind: tick, target: 0 });
  });
  kernel.schedule({ time: 10, kind: tick, target: 0 });
  return { kernel, recorder, seen };
}

test('the recorder measures at every n-th round, after the events of its instant', async () => {
  const { kernel, recorder, seen } = subject({ rounds: 2 });
  recorder.measureNow();
  await kernel.run();
  assert.deepEqual(seen, ['0', '20', '40', '60']);
  assert.equal(recorder.final.round, 6);
  assert.deepEqual(Object.keys(recorder.final), ['accuracy-mean', 'round', 'inverse'], 'of the whole run');
});

test('what is scheduled for the instant of a measurement comes before it, unless it has the same priority', async () => {
  const { kernel, recorder, seen } = subject({ rounds: 100 });
  const count: number[] = [];
  const late = kernel.kind('late', () => count.push(seen.length));
  recorder.measureNow();
  for (const priority of [255, 254]) kernel.schedule({ time: 0, kind: late, target: 0, priority });
  await kernel.run({ until: 5 });
  // That of priority 254, then `measure`, that of 255, and `collect`.
  assert.deepEqual(count, [0, 0]);
  assert.deepEqual(seen, ['0']);
  assert.equal(recorder.save().last, '0/1');
});

test('several rounds that end at one instant are measured once', async () => {
  const { kernel, recorder, seen } = subject({ rounds: 4 });
  recorder.roundReached(9);
  recorder.roundReached(11);
  await kernel.run({ until: 5 });
  assert.deepEqual(seen, ['0']);
});

test('where rounds are skipped, the next measurement is at the next round of the grid', async () => {
  const { kernel, recorder, seen } = subject({ rounds: 4 });
  const reach = async (round: number) => {
    recorder.roundReached(round);
    await kernel.run({ until: kernel.now + 1 });
  };
  for (const round of [6, 7, 8, 13, 14, 15, 16]) await reach(round);
  // At 6 for 4, at 8, at 13 for 12, and at 16; the clock stands at the number of rounds before.
  assert.deepEqual(seen, ['0', '2', '3', '6']);
});

test('the recorder measures at every interval of time while events are pending', async () => {
  const { kernel, recorder, seen } = subject({ time: 25 });
  recorder.measureNow();
  await kernel.run();
  assert.deepEqual(seen, ['0', '25', '50', '75']);
});

test('the same state is measured once, however often a measurement is requested', async () => {
  const { kernel, recorder, seen } = subject({ rounds: 100 });
  recorder.measureNow();
  recorder.measureNow();
  await kernel.run({ until: 5 });
  recorder.measureNow();
  await kernel.run({ until: 5 });
  // The clock has moved, though nothing has happened: the time is part of what is measured.
  assert.deepEqual(seen, ['0', '5']);
});

test('measuring does not change the fingerprint or the count of events', async () => {
  const often = subject({ rounds: 1 });
  const rarely = subject({ time: 1000 });
  for (const { kernel, recorder } of [often, rarely]) {
    recorder.measureNow();
    await kernel.run({ until: 60 });
  }
  assert.equal(often.seen.length, 7);
  assert.equal(rarely.seen.length, 1);
  assert.equal(often.kernel.executed, rarely.kernel.executed);
  assert.equal(often.kernel.trace.fingerprint, rarely.kernel.trace.fingerprint);
});

test('the price of the target is the number of bytes sent when the target was first met', async () => {
  const { kernel, recorder } = subject({ rounds: 1 }, 0.25);
  await kernel.run();
  assert.deepEqual(recorder.target, { bytes: 90, time: 30, round: 3 });
  const exact = subject({ rounds: 1 }, 0.2);
  await exact.kernel.run();
  assert.deepEqual(exact.recorder.target, { bytes: 60, time: 20, round: 2 });
});

test('the recorder keeps and saves the first number of a probe that is not finite', async () => {
  const { kernel, recorder } = subject({ rounds: 1 });
  recorder.measureNow();
  await kernel.run();
  assert.deepEqual(recorder.notFinite, [
    {
      ...{ probe: 'clock', metric: 'inverse', node: undefined },
      round: 0,
      time: 0,
      value: Infinity,
      count: 1,
    },
  ]);
  const copy = subject({ rounds: 1 }).recorder;
  copy.load(structuredClone(recorder.save()));
  assert.deepEqual(copy.notFinite, recorder.notFinite);
});

test('a saved recorder continues to measure where it stopped', async () => {
  const whole = subject({ rounds: 2 }, 0.25);
  await whole.kernel.run();
  // After round 2, which was measured, and after round 3, which was not.
  for (const until of [23, 33]) {
    const first = subject({ rounds: 2 }, 0.25);
    await first.kernel.run({ until });
    const saved = structuredClone({ kernel: first.kernel.save(), recorder: first.recorder.save() });
    const second = subject({ rounds: 2 }, 0.25);
    second.kernel.load(saved.kernel);
    second.recorder.load(saved.recorder);
    await second.kernel.run();
    assert.deepEqual([...first.seen, ...second.seen], whole.seen);
    assert.deepEqual(second.recorder.target, whole.recorder.target);
    assert.deepEqual(second.recorder.final, whole.recorder.final);
  }
});

test('a recorder that is saved between a measurement and its results goes on with these', async () => {
  const first = subject({ time: 25 });
  first.recorder.measureNow();
  // The measurement of 25 has begun when an event that comes after all others of its instant runs.
  const last = first.kernel.kind('last', () => {});
  await first.kernel.run({ until: 24 });
  first.kernel.schedule({ time: 25, kind: last, target: 0, priority: 255 });
  const { executed } = first.kernel;
  await first.kernel.run({ stop: () => first.kernel.executed > executed });
  assert.deepEqual(first.seen, ['0']);
  assert.equal(first.recorder.isDue, true);
  const saved = structuredClone({ kernel: first.kernel.save(), recorder: first.recorder.save() });
  const second = subject({ time: 25 });
  second.kernel.kind('last', () => {});
  second.kernel.load(saved.kernel);
  second.recorder.load(saved.recorder);
  assert.equal(second.recorder.isDue, true);
  await second.kernel.run();
  assert.deepEqual(second.seen, ['25', '50', '75']);
  assert.equal(second.recorder.isDue, false);
});
