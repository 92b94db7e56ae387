/** What the option `codec` does in methods that send more than a model: the bytes of each message, and what stays exact. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dfedpgp } from '../src/algorithms/dfedpgp.js';
import { fedlalr } from '../src/algorithms/fedlalr.js';
import { scaffold } from '../src/algorithms/scaffold.js';
import type { Algorithm, NodeContext } from '../src/learning/algorithm.js';
import type { FederatedState } from '../src/learning/federated.js';
import { sampleWeightedMean } from '../src/learning/federated-averaging.js';
import { type PlanSketch, planOf } from '../src/testing/index.js';
import { runToEnd } from '../src/testing/run.js';
import { payload } from './support/mixing-runs.js';
import { ROWS } from './support/quadratic-recursions.js';
import { runOnQuadratics } from './support/quadratic-runs.js';

const NODES = 4;
const LINKS = NODES * (NODES - 1);
/** Params of an MLP of 6, 5 and 3 units, and those of its body. */
const [PARAMS, BODY] = [6 * 5 + 5 + 5 * 3 + 3, 6 * 5 + 5];

/** The bytes of each type of message in the first round of a run on a complete graph, or with a server. */
async function firstRound(algorithm: object, types: readonly string[]): Promise<Record<string, number>> {
  const options = { batch: 8, learningRate: 0.1, ...algorithm };
  const isServed = ['fedlalr', 'ifca', 'scaffold'].includes((algorithm as { use: string }).use);
  const run = await runToEnd(
    planOf({
      nodes: NODES,
      model: { use: 'mlp', hidden: [5] },
      ...(!isServed && { topology: 'complete' }),
      data: {
        use: 'blobs',
        train: 160,
        test: 40,
        classes: 3,
        features: 6,
        validation: '25%',
        publicRows: 20,
      },
      algorithm: options as never,
      stop: { after: '2 rounds' },
    } as PlanSketch),
  );
  return Object.fromEntries(types.map((type) => [type, payload(run, type)[0]!]));
}

/** Numbers of the encoder: (inputs·k1 + k1 + k1·k2 + k2) for kernels of 6 and 5 inputs and biases of one, with k1 = 10 and k2 = 20. */
const ENCODER = [6, 1, 5, 1].reduce((sum, inputs) => sum + inputs * 10 + 10 + 10 * 20 + 20, 0);
const CHUNKS = LINKS * 4 * Math.ceil(ENCODER / NODES);

const CASES: [algorithm: { use: string; [option: string]: unknown }, bytes: Record<string, number>][] = [
  [{ use: 'l2c' }, { update: LINKS * 2 * PARAMS }],
  [{ use: 'l2c', aggregate: 'model' }, { update: LINKS * 2 * PARAMS }],
  [{ use: 'meta-l2c' }, { update: LINKS * 4 * PARAMS, reduce: CHUNKS, gather: CHUNKS }],
  [
    { use: 'meta-l2c', payload: 'model' },
    { update: LINKS * 2 * PARAMS, reduce: CHUNKS, gather: CHUNKS },
  ],
  [
    { use: 'transference' },
    { transfer: LINKS * 4 * (BODY + 1), 'shared-1': LINKS * 2 * BODY, 'shared-2': LINKS * 2 * BODY },
  ],
  [{ use: 'dfedpgp' }, { body: LINKS * (2 * BODY + 8) }],
  [{ use: 'dpfl', warmUpRounds: 0 }, { model: LINKS * (2 * PARAMS + 4) }],
  [
    { use: 'ifca', clusters: 3 },
    { global: NODES * 6 * PARAMS, update: NODES * (2 * PARAMS + 8) },
  ],
  [{ use: 'scaffold' }, { global: NODES * 4 * PARAMS, update: NODES * 4 * PARAMS }],
  [{ use: 'fedlalr' }, { global: NODES * 10 * PARAMS, update: NODES * (10 * PARAMS + 4) }],
  [
    { use: 'fedlalr', share: 'model' },
    { global: NODES * 2 * PARAMS, update: NODES * (2 * PARAMS + 4) },
  ],
];

for (const [algorithm, bytes] of CASES) {
  const { use, ...options } = algorithm;
  test(`with float16, models take half the bytes, and all else as many: ${use} ${JSON.stringify(options)}`, async () => {
    const got = await firstRound({ ...algorithm, codec: 'float16' }, Object.keys(bytes));
    assert.deepEqual(got, bytes);
  });
}

/** An algorithm that lays aside the states of its nodes, which they change in place. */
function watching<State, Options>(algorithm: Algorithm<State, Options>) {
  const states: State[] = [];
  const init = (node: NodeContext<Options>) => {
    const state = algorithm.init(node);
    states[node.id] = state;
    return state;
  };
  return { use: { ...algorithm, init }, states };
}

/** The states of clients and of the server. */
function split<Client, Server>(states: readonly FederatedState<Client, Server>[]) {
  const clients = states.flatMap((state) => (state.role === 'client' ? [state.own] : []));
  const [server] = states.flatMap((state) => (state.role === 'server' ? [state.own] : []));
  return { clients, server: server! };
}

test('dfedpgp: the push-sum weights are exact whatever the codec, and their sum stays', async () => {
  const weightsWith = async (codec: string) => {
    const { use, states } = watching(dfedpgp);
    await runToEnd(
      planOf({
        nodes: 8,
        model: { use: 'mlp', hidden: [5] },
        topology: { use: 'k-out', receivers: 3 },
        algorithm: { use, batch: 8, codec },
        stop: { after: '12 rounds' },
      }),
    );
    return states.map(({ own }) => own.weight);
  };
  const weights = await weightsWith('sign');
  assert.deepEqual(weights, await weightsWith('float32'));
  assert.ok(Math.abs(weights.reduce((sum, weight) => sum + weight, 0) - 8) < 1e-12);
  assert.ok(weights.some((weight) => Math.abs(weight - 1) > 0.1));
});

test('fedlalr: moments arrive bit by bit, and models as the codec leaves them', async () => {
  const { use, states } = watching(fedlalr);
  const algorithm = { use, localSteps: 3, learningRate: 0.1, codec: 'sign' };
  await runOnQuadratics({ rows: ROWS, algorithm, stop: { after: '4 rounds' } });
  const { clients, server } = split(states);
  const d = ROWS[0]!.length - 1;
  const mean = (vectors: readonly Float32Array[]) =>
    sampleWeightedMean(vectors.map((values) => ({ values, samples: 1 })));
  // m, v and v̂.
  const moments = clients.map(({ training }) => training.optimizerState!);
  assert.deepEqual(server.values.slice(d, 2 * d), mean(moments.map((own) => own.slice(0, d))));
  assert.deepEqual(server.values.slice(2 * d), mean(moments.map((own) => own.slice(2 * d))));
  assert.notDeepEqual(server.values.slice(0, d), mean(clients.map(({ params }) => params)));
});

test('scaffold: c is the mean of the c_i, but for what a codec rounds away, most of which error feedback sends', async () => {
  const gapWith = async (codec: unknown) => {
    const { use, states } = watching(scaffold);
    const algorithm = { use, localSteps: 5, learningRate: 0.1, codec };
    await runOnQuadratics({ rows: ROWS, algorithm, stop: { after: '250 rounds' } });
    const { clients, server } = split(states);
    const mean = server.control.map(
      (_, k) => clients.reduce((sum, { control }) => sum + control[k]!, 0) / clients.length,
    );
    return Math.hypot(...mean.map((value, k) => value - server.control[k]!));
  };
  const rounded = await gapWith('qsgd');
  const fedBack = await gapWith({ use: 'error-feedback', codec: 'qsgd' });
  assert.ok((await gapWith('float32')) < 1e-5);
  assert.ok(fedBack < rounded / 5 && rounded > 0.01, `${fedBack}, without feedback ${rounded}`);
});
