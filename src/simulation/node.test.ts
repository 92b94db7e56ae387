import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { faultyTask } from '../../test/support/faulty-tasks.js';
import { createExecutor } from '../compute/executors.js';
import { ComputeQueue } from '../compute/queue.js';
import { PluginError } from '../errors.js';
import { Trace } from '../kernel/trace.js';
import type { AnyAlgorithm } from '../learning/algorithm.js';
import { planOf } from '../testing/plans.js';
import type { Codec } from '../wire/codec.js';
import { number } from '../wire/control.js';
import { loadConstants } from './constants.js';
import { NodeRuntime } from './node.js';
import { World } from './world.js';

/** Node 0 of three, the centre of a star, in a run of two rounds whose handlers log their calls. */
async function subject() {
  const encoded: number[] = [];
  const log: string[] = [];
  const codec: Codec<number, number> = {
    ...number('u32'),
    encode(body, random) {
      encoded.push(body);
      return number('u32').encode(body, random);
    },
  };
  const algorithm: AnyAlgorithm = {
    id: 'subject',
    description: 'logs its calls',
    reference: 'none',
    options: z.strictObject({ deadline: z.int().default(5) }),
    mixing: () => 'uniform',
    messages: () => ({ other: number('float64'), count: codec }),
    load: async () => ({ tea: 'green' }),
    init: () => ({}),
    evaluate: (_state, { model }) => ({ mixed: { params: new Float32Array(model.length) } }),
    on: {
      start: () => {},
      message: ({ id, now }, _state, { type, body }) => void log.push(`${now} ${id} ${type} ${body}`),
      timer: ({ id, now }, _state, name) => void log.push(`${now} ${id} timer ${name}`),
      computed: ({ id }, _state, { name, output }) => void log.push(`${id} ${name} ${output}`),
      topology: ({ id, now }) => void log.push(`${now} ${id} topology`),
    },
  };
  const plan = planOf({
    nodes: 3,
    topology: 'star',
    algorithm: { use: algorithm },
    network: { uplink: 'unlimited', downlink: 'unlimited', latency: { use: 'constant', value: '1us' } },
    stop: { after: '2 rounds' },
  });
  const executor = createExecutor({ backend: 'cpu', workers: 0 });
  await executor.start({});
  const constants = await loadConstants(plan);
  const world = new World({ plan, constants, queue: new ComputeQueue({ executor }), trace: new Trace() });
  world.start();
  await world.kernel.run({ until: 0 });
  /** The messages under way, in the order in which they were sent. */
  const sent = () => Array.from({ length: 9 }, (_, id) => world.network.attempt(id)?.message ?? []).flat();
  /** Runs to that time, and takes the log. */
  const until = async (time: number) => {
    await world.kernel.run({ until: time });
    return log.splice(0);
  };
  return { node: new NodeRuntime(world, 0), world, encoded, sent, until };
}

test('a broadcast is encoded once, goes to the out-neighbours, and returns the body as receivers will see it', async () => {
  const { node, sent, encoded, until } = await subject();
  assert.equal(node.broadcast('count', 42, { reliable: true }), 42);
  assert.deepEqual(encoded, [42]);
  assert.deepEqual(
    sent().map(({ from, to, type, round, reliable }) => ({ from, to, type, round, reliable })),
    [1, 2].map((to) => ({ from: 0, to, type: 1, round: 0, reliable: true })),
  );
  assert.equal(sent()[0]!.body, sent()[1]!.body);
  assert.deepEqual(await until(2000), ['1000 1 count 42', '1000 2 count 42']);
});

test('a message may go to any other node, but not to the sender or to a missing node', async () => {
  const { node, sent } = await subject();
  node.send(2, 'count', 1);
  node.broadcast('count', 1, { to: Uint32Array.of(1) });
  assert.deepEqual(
    sent().map(({ to, reliable }) => [to, reliable]),
    [
      [2, false],
      [1, false],
    ],
  );
  for (const to of [0, 3, -1, 0.5]) {
    assert.throws(
      () => node.send(to, 'count', 1),
      (error) => error instanceof PluginError && /expected another node from 0 to 2/.test(error.message),
    );
  }
});

test('random streams are named by node and purpose, and are the same at each call', async () => {
  const { node, world } = await subject();
  assert.equal(node.random('batches'), world.constants.streams.stream('node 0/batches'));
  assert.equal(node.publicRandom('a').uniform(), node.publicRandom('a').uniform());
});

test('rounds count up, `nextRound` returns false after the last one, and a round never goes back', async () => {
  const { node } = await subject();
  assert.equal(node.lastRound, false);
  assert.equal(node.nextRound(), true);
  assert.equal(node.lastRound, true);
  assert.equal(node.nextRound(), false);
  node.joinRound(7);
  node.joinRound(3);
  assert.equal(node.round, 7);
});

test('timers and outputs of tasks reach the node that set or submitted them', async () => {
  const { node, until } = await subject();
  node.timer('tea', 5);
  node.timer('coffee', 7);
  node.cancelTimer('tea');
  const input = (value: number) => ({ action: 'double' as const, values: Float32Array.of(value) });
  node.compute(faultyTask, input(1));
  node.compute(faultyTask, input(2), 'mine');
  assert.equal(node.computing, true);
  assert.deepEqual(await until(1000), ['0 faulty 2', '0 mine 4', '7 0 timer coffee']);
  assert.equal(node.computing, false);
});

test('links are added and removed with their weights, and both ends are notified', async () => {
  const { node, world, until } = await subject();
  world.changes = [];
  node.disconnect(2);
  node.disconnect(2);
  node.connect(2);
  node.weigh(1, 0.5);
  node.weigh(1, 0);
  assert.deepEqual(
    world.changes.map(({ change, from, to, weight }) => [change, from, to, weight]),
    [
      ['remove', 0, 2, undefined],
      ['add', 0, 2, 1 / 2],
      ['add', 1, 0, 0.5],
      ['remove', 1, 0, undefined],
    ],
  );
  assert.deepEqual(await until(1), ['0 0 topology', '0 2 topology', '0 0 topology', '0 2 topology']);
});

test('a message that came too late is counted as ignored, under its own link and round', async () => {
  const { node, world, until } = await subject();
  new NodeRuntime(world, 2).send(0, 'count', 1);
  await until(1000);
  node.ignore({ from: 2, type: 'count', round: 0, body: 1 });
  assert.deepEqual(
    [...world.ledger.rows()].map(({ type, from, to, ignored_messages }) => [
      type,
      from,
      to,
      ignored_messages,
    ]),
    [['count', 2, 0, 1]],
  );
});

test('a node sees its own part of the run', async () => {
  const { node, world } = await subject();
  const { constants } = world;
  assert.deepEqual([node.now, node.nodes, node.role, node.options], [0, 3, 'learner', { deadline: 5 }]);
  assert.equal(node.constant('dataset'), constants.dataset);
  assert.equal(node.constant('tea'), 'green');
  assert.throws(
    () => node.constant('coffee'),
    /expected the name of a constant \(tea, dataset\), got "coffee"/,
  );
  assert.deepEqual([...node.neighbors.in], [1, 2]);
  assert.deepEqual([...node.neighborsOf(1).out], [0]);
  assert.deepEqual([...node.mixing.neighbors], [1 / 3, 1 / 3]);
  assert.equal(node.initialParams, constants.initialParams(0));
  assert.equal(node.model, constants.model);
  assert.equal(node.modelOf(2), constants.model);
  assert.equal(node.shard, constants.shards[0]);
  assert.throws(
    () => new NodeRuntime(world, 3).shard,
    /expected a learner, since node\.shard was read, got node 3/,
  );
});
