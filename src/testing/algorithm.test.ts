import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { algorithms } from '../algorithms/index.js';
import { UsageError } from '../errors.js';
import type { AnyAlgorithm, CodecContext, NodeContext, ScenarioFacts } from '../learning/algorithm.js';
import type { VectorView } from '../wire/codec.js';
import { number } from '../wire/control.js';
import { float32 } from '../wire/float32.js';
import { record } from '../wire/record.js';
import { testAlgorithm } from './index.js';

/** A gossip: each node sends its params to its neighbours, and averages when it has received those of all of them. */
interface GossipState {
  params: Float32Array;
  round: number;
  received: Array<{ from: number; round: number; params: Float32Array }>;
}

/** What a faulty gossip does differently. */
interface Faults {
  init?(node: NodeContext): object;
  messages?(context: CodecContext<unknown>): ReturnType<AnyAlgorithm['messages']>;
  start?(node: NodeContext, state: GossipState): unknown;
  combine?(state: GossipState, views: Float32Array[], node: NodeContext): Float32Array;
  evaluate?(state: GossipState): Float32Array;
  validate?(facts: ScenarioFacts<unknown>): void;
}

function gossip(faults: Faults = {}): AnyAlgorithm {
  const send = (node: NodeContext, state: GossipState): void => {
    node.broadcast('model', { params: { values: state.params }, round: state.round });
  };
  const advance = (node: NodeContext, state: GossipState): void => {
    const present = state.received.filter(({ round }) => round === state.round);
    if (present.length < node.neighbors.in.length) return;
    state.received = state.received.filter(({ round }) => round > state.round);
    const views = present.sort((a, b) => a.from - b.from).map(({ params }) => params);
    state.params = faults.combine?.(state, views, node) ?? mean([state.params, ...views]);
    state.round++;
    if (!node.nextRound()) return;
    send(node, state);
    advance(node, state);
  };
  return {
    id: 'gossip',
    description: 'averages with all neighbours',
    reference: 'none',
    options: z.strictObject({}),
    messages: faults.messages ?? gossipMessages,
    validate: faults.validate ?? refuseTrouble,
    init: (node: NodeContext) => ({
      params: node.initialParams,
      round: 0,
      received: [],
      ...faults.init?.(node),
    }),
    on: {
      start(node: NodeContext, state: GossipState) {
        send(node, state);
        return faults.start?.(node, state) as undefined;
      },
      message(node: NodeContext, state: GossipState, message) {
        const { params, round } = message.body as { params: VectorView; round: number };
        state.received.push({ from: message.from, round, params: params.values });
        advance(node, state);
      },
    },
    evaluate: (state: GossipState) => ({ mixed: { params: faults.evaluate?.(state) ?? state.params } }),
  };
}

function gossipMessages({ model }: CodecContext<unknown>) {
  return { model: record({ params: float32(model.length), round: number('u32', 'header') }) };
}

function refuseTrouble({ drops, faults }: ScenarioFacts<unknown>): void {
  if (drops || faults) throw new UsageError('no-patience', 'expected a network without drops and faults');
}

function mean(vectors: readonly Float32Array[]): Float32Array {
  return vectors[0]!.map((_, i) => vectors.reduce((sum, vector) => sum + vector[i]!, 0) / vectors.length);
}

/** What these algorithms need and quadratics do not have, as their refusals name it. */
const NEEDS: Readonly<Record<string, RegExp>> = {
  dpfl: /validation rows/,
  l2c: /validation rows/,
  'meta-l2c': /validation rows/,
  mhd: /a head of one dense layer/,
  transference: /public rows/,
};

/** What these algorithms cannot bear, as their refusals name it. */
const CANNOT_BEAR: Readonly<Record<string, RegExp>> = {
  'choco-sgd': /never recovers from a lost message/,
  dfedpgp: /never recovers from a lost message/,
  sgp: /never recovers from a lost message/,
};

for (const algorithm of algorithms) {
  test(`${algorithm.id} keeps the laws of algorithms, refuses nothing and uses all its messages`, async () => {
    const report = await testAlgorithm(algorithm);
    const needs = NEEDS[algorithm.id];
    assert.deepEqual(report.scenarios, needs ? ['blobs'] : ['quadratic', 'blobs']);
    for (const { reason } of report.refused)
      assert.match(reason, needs ?? CANNOT_BEAR[algorithm.id] ?? /nothing/);
    // Nobody waits for the last messages of gossip.
    assert.equal(report.bytesInFlight > 0, algorithm.id === 'gossip');
    for (const [type, encoded] of Object.entries(report.encoded))
      assert.ok(encoded > 0, `no ${type} was sent`);
  });
}

test('an algorithm may refuse drops and faults, and the report lists what it refused', async () => {
  const report = await testAlgorithm(gossip());
  assert.deepEqual(report.scenarios, ['quadratic', 'blobs']);
  assert.equal(report.refused.length, 8);
  assert.match(report.refused[0]!.reason, /without drops/);
  // 4 nodes and 5, each 3 rounds, each one broadcast.
  assert.deepEqual(report.encoded, { model: 27 });
});

/** Lives outside of the state, so a handler must not depend on it. */
const counters = new WeakMap<object, number>();
let runs = 0;

const faulty: ReadonlyArray<readonly [string, Faults, RegExp]> = [
  [
    'waits for ever',
    { validate: () => undefined },
    /a run with drops finishes all its rounds: it ended \(stalled\) in round \d of 3 rounds at \d+ ns: no event is pending/,
  ],
  [
    'draws from outside of the seed',
    {
      start(_node, state) {
        state.params = state.params.map((x) => x + runs++);
      },
    },
    /two runs with the same seed are identical, whatever .* say: expected events \d+, trace \w+, params \w+, got events .*seed 1/,
  ],
  [
    'keeps a Map',
    { init: () => ({ extra: new Map([[1, 2]]) }) },
    /states are plain data.*state of node 0\.extra.*got an instance of Map/,
  ],
  [
    'changes what it received',
    {
      combine(_state, views) {
        views[0]![0] = 7;
        return mean(views);
      },
    },
    /ends without an error: .*the body of message "model" that node \d sent in round \d was changed afterwards/,
  ],
  [
    'changes its initial params in place',
    {
      start(node) {
        node.initialParams[0] = 7;
      },
    },
    /never changed: initial params of node 0: the array at "" was changed/,
  ],
  [
    'keeps something outside of its state',
    {
      combine(state, views, node) {
        const count = (counters.get(node) ?? 0) + 1;
        counters.set(node, count);
        return mean([state.params, ...views]).map((x) => x + count);
      },
    },
    /a run that was saved after \d+ of \d+ events continues as if it had not been saved/,
  ],
  [
    'changes when it is measured',
    {
      evaluate(state) {
        state.params = state.params.map((x) => x + 1);
        return state.params;
      },
    },
    /ends without an error: .*evaluate on node 0.*expected evaluate to change no state/,
  ],
  [
    'changes its options',
    {
      start(node) {
        (node.options as { speed?: number }).speed = 2;
      },
    },
    /ends without an error: .*start on node 0.*Cannot add property speed, object is not extensible/,
  ],
  [
    'looks at the date',
    {
      start(_node, state) {
        state.params = state.params.map((x) => x + new Date().getFullYear());
      },
    },
    /two runs with the same seed are identical, whatever clocks and Math\.random say/,
  ],
  [
    'has an async handler',
    { start: async () => undefined },
    /a run without faults ends without an error.*must not be async/,
  ],
  [
    'has a codec that loses a coordinate',
    {
      messages(context) {
        const { model: codec } = gossipMessages(context);
        return {
          model: {
            ...codec,
            decode(bytes, indexBytes) {
              const { params, round } = codec.decode(bytes, indexBytes);
              const values = params.values.slice();
              values[0] = 1e9;
              return { round, params: { ...params, values } };
            },
          },
        };
      },
    },
    /messages of type "model" keep the laws of codecs.*decode gives back the body/s,
  ],
  [
    'becomes infinite',
    { combine: (state) => state.params.map(() => Number.POSITIVE_INFINITY) },
    /it ended \(diverged\) in round/,
  ],
];

for (const [what, faults, message] of faulty) {
  test(`an algorithm that ${what} breaks a law`, async () => {
    await assert.rejects(testAlgorithm(gossip(faults)), message);
  });
}

test('an algorithm that changes the input of its task breaks a law', async () => {
  const dPsgd = algorithms.find(({ id }) => id === 'd-psgd')!;
  const faulty: AnyAlgorithm = {
    ...dPsgd,
    on: {
      ...dPsgd.on,
      start(node, state) {
        dPsgd.on.start(node, state);
        state.own.params[0] = 7;
      },
    },
  };
  const message = /ends without an error: .*input of task #0 "train": the array at "\.params" was changed/;
  await assert.rejects(testAlgorithm(faulty), message);
});

test('where an option has no default the error asks for a value, and with one the algorithm is tested', async () => {
  const algorithm = { ...gossip(), options: z.strictObject({ speed: z.number() }) };
  await assert.rejects(
    testAlgorithm(algorithm),
    /all its options have defaults.*pass \{ options: \{ … \} \}/s,
  );
  await testAlgorithm(algorithm, { options: { speed: 1 } });
});
