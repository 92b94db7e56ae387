import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PluginError } from '../errors.js';
import { buildModel } from '../models/index.js';
import { Streams } from '../random.js';
import type { Codec } from '../wire/codec.js';
import { number } from '../wire/control.js';
import { LiveTopology } from './live-topology.js';
import { Decoder, type MessageType, NodeRuntime, type Services } from './node.js';
import { RoundBook } from './round-book.js';

const model = buildModel({ use: 'softmax', options: {}, input: [2], classes: 2 });

/** Node 1 of three in a row, 0 — 1 — 2; what it asks for is written down. */
function subject() {
  const lists = [[1], [0, 2], [1]].map((list) => Int32Array.from(list));
  const sent: Array<Parameters<Services['send']>[0]> = [];
  const encoded: number[] = [];
  const codec: Codec<number, number> = {
    ...number('u32'),
    encode(body, random) {
      encoded.push(body);
      return number('u32').encode(body, random);
    },
  };
  const types: readonly MessageType[] = [
    { name: 'other', codec: number('float64') },
    { name: 'count', codec },
  ];
  const asked: unknown[] = [];
  const rounds = new RoundBook({ counts: [true, true, true], isUp: () => true });
  const services: Services = {
    nodes: 3,
    options: { deadline: 5 },
    streams: new Streams(1),
    topology: new LiveTopology({ nodes: 3, in: lists, out: lists }, 'uniform'),
    rounds,
    types,
    models: [model],
    now: () => 77,
    shared: (name) => `the ${name}`,
    initialParams: (node) => Float32Array.of(node),
    send: (message) => sent.push(message),
    setTimer: (...timer) => asked.push(['timer', ...timer]),
    cancelTimer: (...timer) => asked.push(['cancel', ...timer]),
    compute: (node, task, input, name) => asked.push(['compute', node, task.id, input, name]),
    isComputing: (node) => node === 1,
    relink: (...link) => asked.push(link),
    weigh: (...link) => asked.push(['weigh', ...link]),
    isLast: (round) => round === 1,
    roundEnded: (node) => rounds.of(node) < 2,
    ignored: (to, { from }) => asked.push(['ignored', to, from]),
  };
  const parts = { services, decoder: new Decoder(types), shard: undefined };
  const node = new NodeRuntime({ id: 1, role: 'learner', ...parts });
  return { node, sent, encoded, asked, services };
}

test('a broadcast is encoded once, goes to the out-neighbours, and gives back what receivers will see', () => {
  const { node, sent, encoded } = subject();
  assert.equal(node.broadcast('count', 42, { reliable: true }), 42);
  assert.deepEqual(encoded, [42]);
  assert.deepEqual(
    sent.map(({ from, to, type, round, reliable }) => ({ from, to, type, round, reliable })),
    [0, 2].map((to) => ({ from: 1, to, type: 1, round: 0, reliable: true })),
  );
  assert.equal(sent[0]!.body, sent[1]!.body);
});

test('a message may go to any other node, and only there', () => {
  const { node, sent } = subject();
  node.send(2, 'count', 1);
  node.broadcast('count', 1, { to: Uint32Array.of(0) });
  assert.deepEqual(
    sent.map(({ to, reliable }) => [to, reliable]),
    [
      [2, false],
      [0, false],
    ],
  );
  for (const to of [1, 3, -1, 0.5]) {
    assert.throws(
      () => node.send(to, 'count', 1),
      (error) => error instanceof PluginError && /expected another node from 0 to 2/.test(error.message),
    );
  }
});

test('an undeclared type of message is refused with those that are declared', () => {
  assert.throws(
    () => subject().node.send(0, 'cuont', 1),
    /sends a message of type "cuont".*declares: other, count/,
  );
});

test('a shared body is decoded once for all receivers', () => {
  let decoded = 0;
  const codec: Codec<number, number> = {
    ...number('u32'),
    decode(bytes, indexBytes) {
      decoded++;
      return number('u32').decode(bytes, indexBytes);
    },
  };
  const decoder = new Decoder([{ name: 'count', codec }]);
  const body = { ...codec.encode(3, new Streams(1).stream('x')), crc32: 0 };
  assert.deepEqual([decoder.decode(0, body), decoder.decode(0, body)], [3, 3]);
  assert.equal(decoded, 1);
});

test('random streams are named by node and purpose, and are the same at each call', () => {
  const { node, services } = subject();
  assert.equal(node.random('batches'), services.streams.stream('node 1/batches'));
});

test('rounds count up, say when they are over, and never go back', () => {
  const { node } = subject();
  assert.equal(node.nextRound(), true);
  assert.equal(node.nextRound(), false);
  node.joinRound(7);
  node.joinRound(3);
  assert.equal(node.round, 7);
});

test('what a node asks for carries its own number', () => {
  const { node, asked } = subject();
  const task = { id: 'work' } as never;
  node.timer('tea', 5);
  node.cancelTimer('tea');
  node.compute(task, 'input');
  node.compute(task, 'input', 'mine');
  node.connect(2);
  node.disconnect(0);
  node.ignore({ from: 2, type: 'count', round: 0, body: 1 });
  assert.deepEqual(asked, [
    ['timer', 1, 'tea', 5],
    ['cancel', 1, 'tea'],
    ['compute', 1, 'work', 'input', 'work'],
    ['compute', 1, 'work', 'input', 'mine'],
    [1, 2, 'add'],
    [1, 0, 'remove'],
    ['ignored', 1, 2],
  ]);
});

test('a node sees its own part of the run', () => {
  const { node } = subject();
  assert.deepEqual(
    [node.now, node.nodes, node.computing, node.shared('dataset')],
    [77, 3, true, 'the dataset'],
  );
  assert.deepEqual([...node.neighbors.in], [0, 2]);
  assert.deepEqual([...node.mixing.neighbors], [1 / 3, 1 / 3]);
  assert.deepEqual(node.initialParams, Float32Array.of(1));
  assert.equal(node.model, model);
  assert.equal(node.modelOf(2), model);
  assert.throws(() => node.shard, /node 1 \(learner\) has no shard/);
});
