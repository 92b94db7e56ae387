/** Dis-PFL: what it keeps, averages, sends and finds; the closed form of its bytes; the case in which it is D-PSGD. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeNode } from '../../../test/support/fake-node.js';
import { record, recordStates } from '../../../test/support/recording.js';
import { UsageError } from '../../errors.js';
import { buildModel } from '../../models/index.js';
import { Random } from '../../random.js';
import { testAlgorithm } from '../../testing/algorithm.js';
import { planOf } from '../../testing/plans.js';
import { CHECKED, runToEnd } from '../../testing/run.js';
import { dPsgd } from '../d-psgd.js';
import { disPfl } from './dis-pfl.js';
import { onesOf, paramsMasks } from './masks.js';
import { dropAndRegrow, type MaskedVector, onesByErk } from './sparse.js';

const NODES = 4;
const ROUNDS = 3;
const model = buildModel({
  use: 'mlp',
  options: { hidden: [5], headLayers: 1, bias: true, kernelInit: 'uniform' },
  input: [6],
  classes: 3,
});
const layout = paramsMasks(model, onesByErk(0.5));
/** 13 of 30 and 9 of 15 weights, and the 5 + 3 biases. */
const NNZ = 13 + 9 + 8;
const BODY = Math.ceil(model.length / 8) + 4 * NNZ;

const sketch = (algorithm: object = {}, own: object = {}) => ({
  nodes: NODES,
  data: { use: 'blobs', features: 6, classes: 3, train: 80, test: 30, split: 'iid' },
  model: { use: 'mlp', hidden: [5] },
  algorithm: { use: 'dis-pfl', batch: 5, ...algorithm },
  measure: { probes: ['series'] },
  stop: { after: `${ROUNDS} rounds` },
  ...own,
});

/** A request to compute a task. */
interface Computing {
  readonly name: string;
  readonly input: { readonly params: Float32Array; readonly mask: Uint8Array };
}

/** Runs it, and gives copies of what a node held whenever it was evaluated, and every encoded body. */
async function watched(given: object, own: object = {}) {
  const { algorithm: tapped, bodies } = record(disPfl);
  const { algorithm: entry, states } = recordStates(tapped);
  const plan = planOf(sketch(given, own) as never);
  const run = await runToEnd({ ...plan, algorithm: { ...plan.algorithm, entry } });
  return { ...run, states, bodies };
}

test('a message is ⌈d/8⌉ bytes of mask and 4·nnz of values, and that is all that is sent', async () => {
  const { result, bodies } = await watched({}, { topology: 'ring' });
  assert.equal(result.traffic.messages.sent, ROUNDS * NODES * 2);
  assert.equal(result.traffic.bytes.sent, ROUNDS * NODES * 2 * (32 + BODY));
  assert.equal(result.traffic.parts.index, ROUNDS * NODES * 2 * Math.ceil(model.length / 8));
  assert.equal(result.traffic.parts.values, ROUNDS * NODES * 2 * 4 * NNZ);
  assert.equal(bodies.length, ROUNDS * NODES);
  for (const { bytes } of bodies) assert.equal(bytes.length, BODY);
});

test('params are 0 where the mask is 0, every layer keeps its number of ones, and masks change', async () => {
  const { states, samples } = await watched(
    { optimizer: { use: 'sgd', momentum: 0.9, weightDecay: 5e-4 } },
    { topology: 'complete' },
  );
  assert.ok(states.length > NODES);
  for (const { params, mask, next, training } of states) {
    const zero = (values: Float32Array) => values.every((value, i) => mask[i] === 1 || Object.is(value, 0));
    assert.ok(zero(params));
    if (training.optimizerState) assert.ok(zero(training.optimizerState));
    for (const each of [mask, next]) {
      for (const { from, length, ones } of layout.kernels) {
        assert.equal(onesOf(each.subarray(from, from + length)), ones);
      }
    }
  }
  const [first, last] = [states[0]!, states.at(-1)!];
  assert.notDeepEqual(last.mask, first.mask);
  const of = (wanted: string) => samples.filter(({ metric, time }) => metric === wanted && time > 0);
  assert.ok(of('mask-ones').every(({ value }) => value === NNZ));
  // At most ⌈½ · 13⌉ + ⌈½ · 9⌉, and something.
  assert.ok(of('mask-replaced').every(({ value }) => value <= 7 + 5));
  assert.ok(of('mask-replaced').some(({ value }) => value > 0));
});

test('a round by hand: average, next mask, training, and a search whose mask is not sent', () => {
  const options = disPfl.options.parse({ batch: 2, localSteps: 1 }) as never;
  const fake = new FakeNode({ options, neighbors: [1, 2] });
  const initialParams = new Float32Array(model.length).fill(1);
  const shard = { train: Uint32Array.of(0, 1, 2, 3) };
  Object.assign(fake, { model, initialParams, shard, publicRandom: (name: string) => new Random(name) });
  const state = disPfl.init(fake.context as never);
  const { own } = state;
  const full = new Uint8Array(model.length).fill(1);
  const half = full.map((_, i) => i % 2);
  const first = own.mask;
  own.next = full;
  disPfl.on.start(fake.context as never, state);
  assert.deepEqual(fake.taken(), [
    { request: 'send', type: 'model', body: { values: own.params, mask: first }, to: [1, 2] },
  ]);
  const hear = (from: number, value: number, mask: Uint8Array) => {
    const body = {
      length: model.length,
      values: Float32Array.from(mask, (bit) => bit * value),
      mask,
    };
    disPfl.on.message!(fake.context as never, state, { from, type: 'model', round: 0, body });
  };
  hear(2, 9, half);
  hear(1, 5, half);
  const training = fake.taken().find(({ request }) => request === 'compute') as Computing;
  assert.equal(training.name, 'masked-train');
  assert.equal(training.input.mask, full);
  // Own weights are 1, the others' 5 and 9 at odd places.
  const average = (bit: number, odd: number) => (odd ? (bit ? 5 : 7) : bit ? 1 : 0);
  assert.deepEqual(
    [...training.input.params],
    Array.from(first, (bit, i) => average(bit, i % 2)),
  );
  const params = initialParams.map((_, i) => i + 1);
  const finish = (output: object) => {
    fake.computing = false;
    disPfl.on.computed!(fake.context as never, state, { name: '', output });
  };
  own.mask = first;
  finish({ params, optimizerState: null, loss: 1 });
  const gradient = initialParams.map((_, i) => model.length - i);
  finish({ gradient, loss: 1 });
  assert.deepEqual(own.next, dropAndRegrow({ params, gradient, mask: first, layout, rate: 0.5 }));
  assert.notDeepEqual(own.next, first);
  const sent = fake.taken().find(({ request }) => request === 'send') as { body: MaskedVector };
  assert.equal(sent.body.values, params);
  assert.equal(sent.body.mask, first);
});

test('the next mask of a node and its momentum are in no encoded body', async () => {
  const { states, bodies } = await watched({ optimizer: { use: 'sgd', momentum: 0.9, weightDecay: 5e-4 } });
  const sent = new Set(bodies.flatMap(({ bytes }) => wordsOf(bytes.subarray(Math.ceil(model.length / 8)))));
  for (const { params, training } of states.slice(NODES, -NODES)) {
    // The search is not blind: what was sent is found.
    assert.ok(wordsOf(bytesOf(params)).some((word) => sent.has(word)));
    for (const word of wordsOf(bytesOf(training.optimizerState!))) assert.ok(word === 0 || !sent.has(word));
  }
});

test('with all weights kept and masks that do not change, Dis-PFL is D-PSGD with uniform mixing', async () => {
  const given = {
    localSteps: 2,
    learningRate: 0.1,
    optimizer: { use: 'sgd', weightDecay: 1e-3, momentum: 0.5 },
  };
  const own = { decay: 1, density: 1, clipNorm: 1e9 };
  const { states } = await watched(
    { ...given, ...own },
    { topology: 'complete', stop: { after: '4 rounds' } },
  );
  // D-PSGD averages after its steps, Dis-PFL before: so what is alike is what the steps of a round have made.
  const { algorithm: entry, states: gossiped } = recordStates(dPsgd);
  const gossip = { use: 'd-psgd', mixing: 'uniform', batch: 5, ...given };
  const plan = planOf({
    ...sketch(),
    algorithm: gossip,
    topology: 'complete',
    stop: { after: '4 rounds' },
  } as never);
  await runToEnd({ ...plan, algorithm: { ...plan.algorithm, entry } });
  assert.equal(states.length, gossiped.length);
  for (const [n, { params }] of states.slice(-NODES).entries()) {
    const other = gossiped.slice(-NODES)[n]!.adapted;
    assert.ok(params.every((value, i) => Math.abs(value - other[i]!) < 1e-6));
  }
});

test('with drawn neighbours each node receives from that many others per round, and not always the same', async () => {
  const { result, states, topology } = await watched(
    { neighbors: 2 },
    { nodes: 6, topology: 'ring', stop: { after: '5 rounds' } },
  );
  assert.equal(result.traffic.messages.delivered, 5 * 6 * 2);
  assert.equal(result.traffic.bytes.sent, 5 * 6 * 2 * (32 + BODY));
  for (const { senders } of states) assert.equal(senders.length, 2);
  const lists = new Set(states.slice(6).map(({ senders }) => senders.join()));
  assert.ok(lists.size > 6);
  // topology.csv has the senders of each node: with weights of 1/3, and at the end two per node.
  const links = new Map<string, number>();
  for (const { change, from, to, weight } of topology) {
    if (change === 'remove') links.delete(`${from} ${to}`);
    else links.set(`${from} ${to}`, weight!);
  }
  assert.equal(links.size, 6 * 2);
  for (const weight of links.values()) assert.equal(weight, 1 / 3);
});

test('fewer weights are replaced from round to round, and none from the last round of annealing on', async () => {
  const stop = { after: '4 rounds' };
  const { samples } = await watched({ annealRounds: 2 }, { topology: 'complete', stop });
  const of = (round: number) =>
    samples.filter(
      ({ metric, node, round: at }) => metric === 'mask-replaced' && node !== undefined && at === round,
    );
  for (const round of [1, 2, 3, 4]) assert.equal(of(round).length, NODES);
  // ρ is ½, ¼, 0, 0: of 13 and 9 ones at most 7 + 5, 4 + 3, none.
  assert.ok(of(2).some(({ value }) => value > 0));
  assert.ok(of(2).every(({ value }) => value <= 4 + 3));
  assert.ok([...of(3), ...of(4)].every(({ value }) => value === 0));
});

test('with drawn neighbours and masks of their own the laws of algorithms hold', async () => {
  const report = await testAlgorithm(disPfl, { options: { neighbors: 2, initialMasks: 'per-node' } });
  assert.deepEqual(report.scenarios, ['quadratic', 'blobs']);
  for (const { reason } of report.refused) assert.match(reason, /never/);
});

test('more neighbours than there are other nodes are refused', () => {
  const plan = planOf(sketch({ neighbors: NODES }) as never);
  assert.throws(
    () =>
      disPfl.validate!({
        options: plan.algorithm.options as never,
        nodes: NODES,
        drops: false,
        faults: false,
      }),
    (error) => error instanceof UsageError && /at most 3.*got 4/.test(error.message),
  );
});

test('a late model is left out and counted as ignored, and no node waits for it for ever', async () => {
  const slow = { use: 'choice', speeds: ['0.05MFLOPS', '1GFLOPS'], shares: [0.3, 0.7] };
  for (const neighbors of [undefined, 2]) {
    const { result } = await watched(
      { deadline: '50ms', neighbors },
      { nodes: 6, topology: 'complete', compute: slow, stop: { after: '4 rounds' } },
    );
    assert.equal(result.stopped, 'rounds');
    assert.ok(result.traffic.messages.ignored > 0);
  }
});

test('drops and a node that goes down and comes back do not stop a run', async () => {
  const trouble = {
    network: { drop: '20%' },
    faults: [{ use: 'node-down', node: 1, at: '15ms', for: '200ms' }],
  };
  for (const neighbors of [undefined, 2]) {
    const { result } = await watched(
      { deadline: '60ms', neighbors },
      { ...trouble, stop: { after: '6 rounds' } },
    );
    assert.equal(result.stopped, 'rounds');
    assert.ok(result.traffic.messages.dropped > 0);
  }
});

test('no worker and one worker give the same fingerprints', async () => {
  const plan = planOf(sketch({ neighbors: 2 }) as never);
  const [inline, worker] = await Promise.all([
    runToEnd(plan, CHECKED),
    runToEnd(plan, { ...CHECKED, workers: 1 }),
  ]);
  assert.deepEqual(worker.result.fingerprints, inline.result.fingerprints);
});

test('the mask search draws its own batches: training sees the same rows without it', async () => {
  const rowsOf = async (options: object) => (await watched(options)).states.at(-1)!.training.cursor;
  assert.deepEqual(await rowsOf({ dropShare: 0 }), await rowsOf({ dropShare: 0.5 }));
});

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function wordsOf(bytes: Uint8Array): number[] {
  return [...new Uint32Array(Uint8Array.from(bytes).buffer)];
}

test('a list of densities goes to the nodes in turn: each keeps its own number of weights', async () => {
  const { states } = await watched({ density: [0.2, 0.8] }, { stop: { after: '3 rounds' } });
  const ones = states.slice(-NODES).map(({ mask }) => mask.reduce((sum, bit) => sum + bit, 0));
  assert.equal(ones[0], ones[2]);
  assert.equal(ones[1], ones[3]);
  assert.ok(ones[0]! < ones[1]!);
});
