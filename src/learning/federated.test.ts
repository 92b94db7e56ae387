/** Rounds with a server: which clients take part, which answers count, and in which order they are summed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { FakeNode, type NodeRequest } from '../../test/support/fake-node.js';
import type { AnyTask } from '../compute/task.js';
import { Random } from '../random.js';
import { float32 } from '../wire/float32.js';
import type { CodecContext } from './algorithm.js';
import {
  type ClientStep,
  clientStep,
  clientsOf,
  type FederatedAlgorithm,
  type FederatedOptions,
  federated,
} from './federated.js';
import { averagingMessages, averagingServer, sampleWeightedMean } from './federated-averaging.js';
import { messageType } from './messages.js';

const stepNamed = (id: string): ClientStep<string[], FederatedOptions> =>
  clientStep({
    task: { id } as AnyTask,
    input: () => null,
    computed: (_node, client, output) => void client.push(`${output}`),
  });

/** Nothing is encoded here: bodies are texts and stay texts. */
const text = (name: string) => messageType<string, string>(name, () => assert.fail('no codec is asked for'));

/** Clients log what they get and compute, the server what it aggregates. */
const algorithm: FederatedAlgorithm<string[], string[], FederatedOptions> = federated({
  id: 'subject',
  description: '',
  reference: '',
  options: z.any(),
  messages: { global: text('global'), update: text('update') },
  client: {
    init: () => [],
    receive: (_node, client, body) => void client.push(`${body}`),
    steps: [stepNamed('first'), stepNamed('second')],
    update: (_node, client) => client.join(' '),
  },
  server: {
    init: () => [],
    global: ({ round }) => `global ${round}`,
    aggregate: (_node, server, updates) =>
      void server.push(updates.map(({ from, body }) => `${from}:${body}`).join(' ')),
  },
});

const LENIENT: FederatedOptions = { reliable: false, participation: 1 };
const HASTY: FederatedOptions = { ...LENIENT, deadline: 1000 };

/** One node of the algorithm: the server of three clients, or client 0. */
function subject(role: 'server' | 'learner', options: FederatedOptions = LENIENT) {
  const id = role === 'server' ? 3 : 0;
  const node = new FakeNode({ options, id, nodes: 3, neighbors: [] });
  Object.defineProperty(node, 'role', { value: role });
  const { context } = node;
  const state = algorithm.init(context);
  const after = (act: () => void): NodeRequest[] => {
    act();
    return node.taken();
  };
  return {
    node,
    log: state.own,
    state,
    start: () => after(() => algorithm.on.start(context, state)),
    receive: (from: number, round: number, body = `x${from}`) => {
      const type = role === 'server' ? 'update' : 'global';
      return after(() => algorithm.on.message!(context, state, { from, round, type, body }));
    },
    deadline: () => after(() => algorithm.on.timer!(context, state, 'deadline')),
    computed: (output: string) => {
      node.computing = false;
      return after(() => algorithm.on.computed!(context, state, { name: '', output }));
    },
  };
}

const sentOf = (requests: readonly NodeRequest[]) =>
  requests.flatMap((one) => (one.request === 'send' ? [`${one.body} → ${one.to}`] : []));

test('the server sums in ascending order of clients, in whatever order they answer, and then starts the next round', () => {
  const server = subject('server');
  assert.deepEqual(sentOf(server.start()), ['global 0 → 0,1,2']);
  assert.deepEqual(
    [2, 0].flatMap((from) => server.receive(from, 0)),
    [],
  );
  assert.deepEqual(sentOf(server.receive(1, 0)), ['global 1 → 0,1,2']);
  assert.deepEqual(server.log, ['0:x0 1:x1 2:x2']);
});

test('an answer that comes twice, or belongs to another round, is ignored', () => {
  const server = subject('server');
  server.start();
  server.receive(0, 0);
  assert.deepEqual(server.receive(0, 0, 'again'), [{ request: 'ignore', from: 0, round: 0 }]);
  for (const from of [1, 2]) server.receive(from, 0);
  assert.deepEqual(server.receive(1, 0), [{ request: 'ignore', from: 1, round: 0 }]);
  assert.deepEqual(server.log, ['0:x0 1:x1 2:x2']);
});

test('at the deadline the server aggregates the answers that have arrived, if any, and starts the next round', () => {
  const server = subject('server', HASTY);
  assert.ok(server.start().some(({ request }) => request === 'timer'));
  server.receive(1, 0);
  assert.deepEqual(sentOf(server.deadline()), ['global 1 → 0,1,2']);
  assert.deepEqual(sentOf(server.deadline()), ['global 2 → 0,1,2']);
  assert.deepEqual(server.log, ['1:x1']);
});

test('a share of the clients takes part, rounded up, in ascending order', () => {
  const server = subject('server', { ...LENIENT, participation: 0.4 });
  const requests = server.start();
  assert.equal(requests.length, 1);
  const [only] = requests;
  assert.ok(only?.request === 'send' && only.to.length === 2 && only.to[0]! < only.to[1]!);
});

test('how many take part is the share rounded up, whatever the product of floats is', () => {
  for (const [share, nodes, clients] of [
    [0.07, 100, 7],
    [0.14, 50, 7],
    [0.55, 100, 55],
    [0.1, 25, 3],
    [0.001, 10, 1],
    [1, 20, 20],
  ] as const)
    assert.equal(clientsOf(share, nodes), clients, `${share} of ${nodes}`);
});

test('a client joins the round of the server, computes its steps in order, and answers', () => {
  const client = subject('learner');
  assert.deepEqual(client.start(), []);
  assert.deepEqual(client.receive(3, 2, 'x'), [{ request: 'compute', name: 'first', input: null }]);
  assert.equal(client.node.round, 2);
  assert.deepEqual(client.computed('a'), [{ request: 'compute', name: 'second', input: null }]);
  assert.deepEqual(sentOf(client.computed('b')), ['x a b → 3']);
});

test('a client ignores messages while it computes, and messages of earlier rounds', () => {
  const client = subject('learner');
  client.receive(3, 1, 'x');
  assert.deepEqual(client.receive(3, 2, 'y'), [{ request: 'ignore', from: 3, round: 2 }]);
  for (const output of ['a', 'b']) client.computed(output);
  assert.deepEqual(client.receive(3, 0, 'z'), [{ request: 'ignore', from: 3, round: 0 }]);
  assert.deepEqual(client.log, ['x', 'a', 'b']);
});

/** As `algorithm`, with a last training of the clients, and with models and series of both roles. */
const finished: FederatedAlgorithm<string[], string[], FederatedOptions> = federated({
  id: 'finished',
  description: '',
  reference: '',
  options: z.any(),
  messages: {
    global: messageType('global', () => float32(1)),
    update: messageType('update', () => float32(2)),
  },
  client: {
    init: () => [],
    receive: (_node, client, body) => void client.push(`${body}`),
    steps: [stepNamed('first')],
    final: () => stepNamed('last'),
    update: () => ({ values: new Float32Array(2) }),
    evaluate: (client, { server, id }) => ({ adapted: { params: vector(client.length, server.length, id) } }),
    series: (client) => ({ length: client.length }),
  },
  server: {
    init: () => ['own'],
    global: () => ({ values: new Float32Array(1) }),
    aggregate: (_node, server, updates) => void server.push(`${updates.length}`),
    evaluate: (server) => ({ mixed: { params: vector(server.length) } }),
  },
});
const vector = (...numbers: number[]) => Float32Array.from(numbers);

/** A node of `finished` in its last round. */
function inLastRound(role: 'server' | 'learner', options: FederatedOptions = LENIENT) {
  const node = new FakeNode({ options, id: role === 'server' ? 2 : 0, nodes: 2, neighbors: [], rounds: 1 });
  Object.assign(node, { role, lastRound: true });
  const { context } = node;
  const state = finished.init(context);
  const message = (from: number, type: string) => {
    finished.on.message!(context, state, { from, round: 0, type, body: type });
    return node.taken();
  };
  return { node, context, state, message };
}

const typesOf = (requests: readonly NodeRequest[]) =>
  requests.map((one) => (one.request === 'send' ? `${one.type} → ${one.to}` : one.request));

test('after the last round the server sends its model once more, and ends when all clients are done', () => {
  const { node, context, state, message } = inLastRound('server', HASTY);
  finished.on.start(context, state);
  assert.deepEqual(typesOf(node.taken()), ['global → 0,1', 'timer']);
  assert.deepEqual(message(0, 'update'), []);
  assert.deepEqual(typesOf(message(1, 'update')), ['cancel', 'final → 0,1', 'timer']);
  assert.deepEqual(message(1, 'done'), []);
  assert.deepEqual(typesOf(message(0, 'update')), ['ignore'], 'late for the round before');
  assert.deepEqual(typesOf(message(0, 'done')), ['cancel']);
  assert.deepEqual(state.own, ['own', '2'], 'the last training is not aggregated');
  assert.equal(node.round, 1);
});

test('a client answers the last model with its last training, whose result it does not send', () => {
  const { node, context, state, message } = inLastRound('learner');
  assert.deepEqual(message(2, 'final'), [{ request: 'compute', name: 'last', input: null }]);
  node.computing = false;
  finished.on.computed!(context, state, { name: '', output: 'z' });
  assert.deepEqual(node.taken(), [{ request: 'send', type: 'done', body: null, to: [2] }]);
  assert.deepEqual(state.own, ['final', 'z']);
});

test('an algorithm with a last training has its task and two more message types', () => {
  const ids = (one: typeof finished) => one.tasks!(LENIENT).map(({ id }) => id);
  assert.deepEqual(
    [ids(algorithm), ids(finished)],
    [
      ['first', 'second'],
      ['first', 'last'],
    ],
  );
  const codecs = finished.messages({ options: LENIENT } as never);
  assert.deepEqual(Object.keys(codecs), ['global', 'update', 'final', 'done']);
  assert.deepEqual(finished.roles, { server: { count: 1, countsRounds: true } });
});

test('models and series are those of the role, and a client knows the server', () => {
  const server = inLastRound('server').state;
  const client = inLastRound('learner').state;
  const context = { roles: [server], id: 7, options: LENIENT } as never;
  assert.deepEqual(finished.evaluate(client, context), { adapted: { params: vector(0, 1, 7) } });
  assert.deepEqual(finished.evaluate(server, context), { mixed: { params: vector(1) } });
  assert.deepEqual([finished.series!(client), finished.series!(server)], [{ length: 0 }, {}]);
  const plain = subject('learner').state;
  assert.deepEqual([algorithm.evaluate(plain, context), algorithm.series!(plain)], [{}, {}]);
});

const LENGTH = 3;
const update = fc.record({
  values: fc.float32Array({ minLength: LENGTH, maxLength: LENGTH, min: -1e6, max: 1e6, noNaN: true }),
  samples: fc.integer({ min: 1, max: 1000 }),
});

test('the mean weighted by samples lies between the least and the greatest, and that of one update is the update', () => {
  fc.assert(
    fc.property(fc.array(update, { minLength: 1, maxLength: 7 }), (updates) => {
      const mean = sampleWeightedMean(updates);
      for (const [k, value] of mean.entries()) {
        const all = updates.map(({ values }) => values[k]!);
        // Shares sum to 1 up to float64 rounding; the result is rounded to float32 once.
        const slack = 1e-6 * Math.max(...all.map(Math.abs));
        assert.ok(value >= Math.min(...all) - slack && value <= Math.max(...all) + slack);
      }
      assert.deepEqual(
        sampleWeightedMean([updates[0]!]),
        updates[0]!.values.map((value) => value + 0),
      );
    }),
    { seed: 5 },
  );
});

test('the mean weighted by samples is the mean over all samples', () => {
  const of = (value: number, samples: number) => ({ values: Float32Array.of(value), samples });
  assert.deepEqual([...sampleWeightedMean([of(1, 1), of(5, 3)])], [4]);
  assert.deepEqual([...sampleWeightedMean([of(1, 2), of(5, 6)])], [4]);
});

test('an averaging server sends 4·d bytes, receives 4·d and a count, and replaces its vector by the mean', () => {
  const messages = averagingMessages(() => float32(2));
  const context = {} as CodecContext<unknown>;
  const [global, update] = [messages.global.codec(context), messages.update.codec(context)];
  const random = new Random('codec');
  const server = { values: Float32Array.of(9, 9) };
  const node = new FakeNode({ options: null, neighbors: [] }).context;
  assert.equal(global.encode(averagingServer.global(node, server), random).bytes.length, 8);
  const updates = [Float32Array.of(0, 4), Float32Array.of(2, 8)].map((values, from) => {
    const encoded = update.encode({ values: { values }, samples: 5 }, random);
    assert.deepEqual([encoded.valuesBytes, encoded.headerBytes], [8, 4]);
    return { from, body: update.decode(encoded.bytes, encoded.indexBytes) };
  });
  averagingServer.aggregate(node, server, updates);
  assert.deepEqual([...server.values], [1, 6]);
});
