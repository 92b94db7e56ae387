import assert from 'node:assert/strict';
import { test } from 'node:test';
import { givenQuadratics } from '../../test/support/given-quadratics.js';
import { byCodeUnit, UsageError } from '../errors.js';
import { lastParams, type PlanSketch, paramsProbe, planOf } from '../testing/index.js';
import { type FinishedRun, runToEnd } from '../testing/run.js';

const TARGETS = [3, 6, 6];

/** Clients that go half of the way from 0 to their own target in a step: client 0 to 3, client 1 to 6 with two samples. */
function run(options: object, more: PlanSketch = {}): Promise<FinishedRun> {
  const rows = TARGETS.map((target) => [1, target]);
  return runToEnd(
    planOf({
      nodes: 2,
      data: givenQuadratics(rows, [[0], [1, 2]]),
      model: 'quadratic',
      algorithm: { use: 'fedavg', localSteps: 1, batch: 1, learningRate: 0.5, ...options },
      measure: { probes: [{ use: paramsProbe }] },
      stop: { after: '1 round' },
      ...more,
    }),
  );
}

test('the server averages by the number of samples, and its model is every client’s', async () => {
  // (1 · 1.5 + 2 · 3) / 3.
  assert.deepEqual(lastParams(await run({})), [[2.5], [2.5]]);
});

test('a client that does not answer by the deadline is left out of the average', async () => {
  const faults = [{ use: 'node-down', node: 0, at: '0s' }];
  const finished = await run({ deadline: '1s' }, { faults });
  assert.deepEqual(lastParams(finished), [[3], [3]]);
  assert.equal(finished.result.time, 1e9);
});

test('without any answer the model does not change, and the next round begins', async () => {
  const finished = await run({ deadline: '1s' }, { network: { drop: '100%' }, stop: { after: '3 rounds' } });
  assert.deepEqual(lastParams(finished), [[0], [0]]);
  assert.deepEqual([finished.result.rounds, finished.result.time], [3, 3e9]);
});

test('an answer that comes after the deadline is ignored, and counted as such', async () => {
  // There and back takes 20 ms and a little; the deadline falls in between.
  const { result } = await run({ deadline: '15ms' }, { stop: { after: '3 rounds' } });
  const { ignored, delivered } = result.traffic.messages;
  assert.ok(ignored > 0 && ignored < delivered, `${ignored} of ${delivered} ignored`);
});

test('participation × clients, rounded up, take part, drawn anew in each round', async () => {
  const plan = planOf({
    nodes: 7,
    algorithm: { use: 'fedavg', participation: 0.3, localSteps: 1, batch: 4 },
    stop: { after: '12 rounds' },
  });
  const { result } = await runToEnd(plan);
  const chosen = new Map<number, number[]>();
  for (const { type, round, to } of result.trafficRows()) {
    if (type === 'global') chosen.set(round, [...(chosen.get(round) ?? []), to]);
  }
  assert.equal(chosen.size, 12);
  for (const clients of chosen.values()) assert.equal(clients.length, 3);
  assert.ok(new Set([...chosen.values()].map(String)).size > 3, 'not always the same');
  assert.equal(new Set([...chosen.values()].flat()).size, 7, 'everybody in the end');
});

test('a round costs, for each participant, the model down, and the model and a count up', async () => {
  const { result } = await run({}, { stop: { after: '4 rounds' } });
  assert.equal(result.traffic.bytes.sent, 4 * 2 * (32 + 4 + (32 + 4 + 4)));
  assert.equal(result.traffic.parts.header, 4 * 2 * (32 + 32 + 4));
});

test('the messages of a client are booked under the server’s round', async () => {
  const { result } = await run({}, { stop: { after: '3 rounds' } });
  const rounds = [...result.trafficRows()].filter(({ type }) => type === 'update').map(({ round }) => round);
  assert.deepEqual(rounds, [0, 1, 2, 0, 1, 2]);
});

test('a sparse codec is refused', () => {
  const sparse = () => planOf({ algorithm: { use: 'fedavg', codec: { use: 'top-k', fraction: '10%' } } });
  assert.throws(
    sparse,
    (error) => error instanceof UsageError && /expected a dense codec/.test(error.message),
  );
});

test('adapted is each client’s model before the average', async () => {
  const measure = { at: 'adapted', probes: [{ use: paramsProbe }] };
  assert.deepEqual(lastParams(await run({}, { measure })), [[1.5], [3]]);
});

test('with final epochs all clients train the last model once more, which costs a model down and a header up each', async () => {
  const measure = { at: 'adapted', probes: [{ use: paramsProbe }] };
  const finished = await run({ finalLocalEpochs: 1, participation: 0.5 }, { measure });
  const { result } = finished;
  const sent = new Map(
    [...result.trafficRows()].map(({ type, from, to }) => [`${type} ${from}>${to}`, true]),
  );
  assert.deepEqual([...sent.keys()].filter((key) => /final|done/.test(key)).sort(byCodeUnit), [
    'done 0>2',
    'done 1>2',
    'final 2>0',
    'final 2>1',
  ]);
  // x after the round is the update of the one client that took part; client 1 has two rows, and so takes two steps.
  const server =
    result.final['accuracy-mean'] === undefined ? lastParams(await run({ participation: 0.5 })) : [];
  const x = server[0]![0]!;
  const towards = (from: number, target: number) => from + (target - from) / 2;
  assert.deepEqual(lastParams(finished), [[towards(x, 3)], [towards(towards(x, 6), 6)]]);
  assert.equal(result.traffic.messages.inFlight, 0);
});
