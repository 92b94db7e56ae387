import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byCodeUnit, UsageError } from '../errors.js';
import { type PlanSketch, planOf } from '../testing/plans.js';
import { CHECKED, readAtEnd, runToEnd } from '../testing/run.js';
import { Simulation } from './simulation.js';

/** Gossip of one step a round over a ring of four: a round takes about 10 ms. */
const RING: PlanSketch = {
  nodes: 4,
  data: { use: 'quadratic', dimension: 3, split: 'by-node' },
  model: 'quadratic',
  topology: 'ring',
  algorithm: { use: 'd-psgd', localSteps: 1, batch: 1, learningRate: 0.1 },
  stop: { after: '10 rounds', at: '1h' },
};

const leaving = (at: string, nodes: number[] = [2]) => ({ use: 'leave', nodes, at });
const joining = (at: string, nodes: number[] = [3]) => ({ use: 'late-join', nodes, at });

test('nobody waits for a node that has left, and its neighbours mix without it', async () => {
  const plan = planOf({ ...RING, faults: [leaving('45ms')] });
  const seen = await readAtEnd(plan, (world) => ({
    stop: world.stopReason,
    rounds: [0, 1, 2, 3].map((node) => world.rounds.of(node)),
    lists: [0, 1, 2, 3].map((node) => [...world.topology.of(node).in]),
    mixing: world.topology.mixing(1),
  }));
  assert.equal(seen.stop, 'rounds');
  assert.deepEqual(seen.rounds, [10, 10, 4, 10]);
  assert.deepEqual(seen.lists, [[1, 3], [0], [], [0]]);
  // A path 1 – 0 – 3 is left.
  assert.deepEqual(seen.mixing, { self: 1 - 1 / 3, neighbors: Float64Array.of(1 / 3) });
});

test('after a node has left nobody sends to it, and topology.csv says when its links went', async () => {
  const plan = planOf({ ...RING, faults: [leaving('45ms')] });
  const { result, topology } = await runToEnd(plan);
  const gone = topology.filter(({ time }) => time === 45_000_000);
  assert.deepEqual(
    gone.map(({ change, from, to }) => `${change} ${from}>${to}`),
    ['remove 1>2', 'remove 3>2', 'remove 2>1', 'remove 2>3'],
  );
  // Four rounds and the beginning of the fifth of eight links, then four links.
  assert.equal(result.traffic.messages.sent, 5 * 8 + 5 * 4);
});

test('a node that joins late starts in a round that nobody has begun, and is a neighbour from then on', async () => {
  const plan = planOf({ ...RING, faults: [joining('25ms')] });
  const { result, topology } = await runToEnd(plan);
  assert.equal(result.stopped, 'rounds');
  const later = topology.filter(({ time }) => time > 0);
  // At 25 ms the others are in round 2; the ring is whole in round 3.
  assert.deepEqual(later.map(({ change, from, to }) => `${change} ${from}>${to}`).sort(byCodeUnit), [
    'add 0>3',
    'add 2>3',
    'add 3>0',
    'add 3>2',
  ]);
  assert.deepEqual(
    later.filter(({ to }) => to === 3).map(({ time }) => time),
    [25_000_000, 25_000_000],
  );
  // Three rounds over the path 0 – 1 – 2, seven over the ring.
  assert.equal(result.traffic.messages.sent, 3 * 4 + 7 * 8);
  assert.equal(result.traffic.messages.ignored, 0);
});

test('weights follow the nodes that take part in each round', async () => {
  const plan = planOf({ ...RING, faults: [joining('25ms')] });
  const weights = await readAtEnd(plan, ({ topology }) =>
    [2, 3].map((round) => [topology.mixing(0, round), topology.mixing(3, round)]),
  );
  const third = 1 / 3;
  assert.deepEqual(weights[0], [
    { self: 1 - third, neighbors: Float64Array.of(third) },
    { self: 1, neighbors: new Float64Array(0) },
  ]);
  const ring = { self: 1 - (third + third), neighbors: Float64Array.of(third, third) };
  assert.deepEqual(weights[1], [ring, ring]);
});

test('a node that would join after the last round has begun stays away, and the run ends', async () => {
  const plan = planOf({ ...RING, faults: [joining('98ms')] });
  const { result } = await runToEnd(plan);
  assert.equal(result.stopped, 'rounds');
  assert.equal(result.traffic.messages.sent, 10 * 4);
});

test('a node may join late and leave again, over links that change as well', async () => {
  for (const topology of ['ring', 'random-matching', 'complete']) {
    const faults = [joining('15ms', [0, 3]), leaving('62ms', [3, 1])];
    const { result } = await runToEnd(planOf({ ...RING, topology, faults }));
    assert.equal(result.stopped, 'rounds', topology);
    assert.equal(result.traffic.bytes.dropped, 0, topology);
  }
});

test('one who leaves before joining never comes', async () => {
  const plan = planOf({ ...RING, faults: [joining('30ms'), leaving('20ms', [3])] });
  const { result } = await runToEnd(plan);
  assert.equal(result.traffic.messages.sent, 10 * 4);
});

test('a run with joining and leaving nodes and changing links continues from any of its events', async () => {
  const plan = planOf({
    ...RING,
    topology: 'random-matching',
    stop: { after: '6 rounds', at: '1h' },
    faults: [joining('15ms'), leaving('42ms', [1])],
  });
  const whole = await runToEnd(plan);
  for (const moment of [1, 8, 20, 33]) {
    const simulation = await Simulation.create(plan, CHECKED);
    assert.equal(await simulation.step(moment), false);
    const saved = structuredClone(simulation.save());
    await simulation.close();
    const resumed = await runToEnd(plan, CHECKED, saved);
    assert.deepEqual(resumed.result.fingerprints, whole.result.fingerprints, `saved after ${moment} events`);
  }
});

test('nodes that do not exist and nodes of two such faults are refused', async () => {
  const refused = async (faults: object[], path: string, message: RegExp) =>
    assert.rejects(
      runToEnd(planOf({ ...RING, faults })),
      (error) => error instanceof UsageError && error.path === path && message.test(error.message),
    );
  await refused([leaving('1s', [4])], 'faults.0.nodes', /nodes from 0 to 3, got 4/);
  await refused([joining('1s'), joining('2s')], 'faults.1.nodes', /at most one late-join fault, got node 3/);
});

test('a server does not know who has left, so a deadline is needed', async () => {
  const { topology: _, ...rest } = RING;
  const federated = (deadline: object) =>
    runToEnd(
      planOf({ ...rest, algorithm: { use: 'fedavg', batch: 1, ...deadline }, faults: [leaving('45ms')] }),
    );
  await assert.rejects(federated({}), (error) => error instanceof UsageError && error.code === 'no-deadline');
  assert.equal((await federated({ deadline: '100ms' })).result.stopped, 'rounds');
});

test('what keeps something of each neighbour refuses links and nodes that come and go', async () => {
  const refused = (change: PlanSketch, path: string, message: RegExp) =>
    assert.rejects(
      runToEnd(planOf({ ...RING, ...change, algorithm: 'l2c' })),
      (error) =>
        error instanceof UsageError &&
        error.code === 'fixed-topology' &&
        error.path === path &&
        message.test(error.message),
    );
  await refused({ topology: 'random-matching' }, 'topology', /the same in all rounds.*l2c.*random-matching/);
  await refused(
    { faults: [leaving('1s')] },
    'faults.0',
    /take part from the beginning to the end.*got leave/,
  );
});
