/** FedMask: what two masks make, what is pruned, the gradient of scores; what a round costs, and what stays at home. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { record, recordStates } from '../../../test/support/recording.js';
import { loadBackend } from '../../compute/backend.js';
import { runGroup, taskContext } from '../../compute/run-group.js';
import type { Dataset } from '../../data/dataset.js';
import { buildModel } from '../../models/index.js';
import { Random } from '../../random.js';
import { planOf } from '../../testing/plans.js';
import { CHECKED, runToEnd } from '../../testing/run.js';
import { fedmask } from './fedmask.js';
import { type ScoreInput, scoreTask } from './fedmask-step.js';
import { applyMask, combineMasks, keepUnits, kernelMasks } from './masks.js';

const NODES = 4;
const ROUNDS = 3;
const model = buildModel({
  use: 'mlp',
  options: { hidden: [5], headLayers: 1, bias: true, kernelInit: 'uniform' },
  input: [6],
  classes: 3,
});
const layout = kernelMasks(model);
/** 6·5 + 5·3 kernel weights. */
const MASKED = 45;

/** Runs it, and gives copies of what a node held whenever it was evaluated, and every encoded body. */
async function watched(given: object = {}, own: object = {}) {
  const { algorithm: tapped, bodies } = record(fedmask);
  const { algorithm: entry, states } = recordStates(tapped);
  const plan = planOf(sketch(given, own) as never);
  const run = await runToEnd({ ...plan, algorithm: { ...plan.algorithm, entry } });
  return { ...run, states, bodies };
}

const sketch = (algorithm: object = {}, own: object = {}) => ({
  nodes: NODES,
  data: { use: 'blobs', features: 6, classes: 3, train: 80, test: 30, split: 'iid' },
  model: { use: 'mlp', hidden: [5] },
  algorithm: { use: 'fedmask', batch: 5, ...algorithm },
  stop: { after: `${ROUNDS} rounds` },
  ...own,
});

test('overlap sets the weights that two masks keep; majority takes the bit of most masks, at a tie the node’s own', () => {
  // Ones at the places: 1, 1, 2, 3, 2, 0.
  const own = Uint8Array.of(1, 0, 0, 1, 1, 0);
  const received = [Uint8Array.of(0, 1, 1, 1, 0, 0), Uint8Array.of(0, 0, 1, 1, 1, 0)];
  assert.deepEqual([...combineMasks(own, received, 'overlap')], [1, 0, 1, 1, 1, 0]);
  assert.deepEqual([...combineMasks(own, received, 'majority')], [0, 0, 1, 1, 1, 0]);
  const one = [Uint8Array.of(0, 1, 1, 1, 0, 0)];
  assert.deepEqual([...combineMasks(own, one, 'overlap')], [1, 0, 0, 1, 1, 0]);
  assert.deepEqual([...combineMasks(own, one, 'majority')], [...own]);
});

test('the order of masks does not matter, equal masks and a single mask do not change, and overlap removes nothing', () => {
  const masks = fc
    .integer({ min: 1, max: 20 })
    .chain((length) =>
      fc.array(fc.uint8Array({ minLength: length, maxLength: length, max: 1 }), { minLength: 1 }),
    );
  const law = fc.property(masks, fc.constantFrom('overlap', 'majority'), ([own, ...received], rule) => {
    const combined = combineMasks(own!, received, rule);
    assert.deepEqual(combineMasks(own!, [...received].reverse(), rule), combined);
    assert.deepEqual(combineMasks(own!, [], rule), own);
    assert.deepEqual(combineMasks(own!, [own!, own!], rule), own);
    if (rule === 'overlap') assert.ok(own!.every((bit, i) => bit <= combined[i]!));
  });
  fc.assert(law, { seed: 1 });
});

test('the units of the least sum are removed, the first of equal ones stay', () => {
  const kernel = { ...layout.kernels[0]!, length: 6, units: 3 };
  const small = { kernels: [kernel], length: 6, params: 6 };
  // Sums of units 0, 1, 2: 5, 3, 4; then 5, 3, 3.
  const kept = (ranks: number[], share: number) => [
    ...keepUnits(Float32Array.from(ranks), small, () => share),
  ];
  assert.deepEqual(kept([1, -1, 2, 4, 2, 2], 1 / 3), [1, 0, 1, 1, 0, 1]);
  assert.deepEqual(kept([1, -1, 2, 4, 2, 2], 2 / 3), [1, 0, 0, 1, 0, 0]);
  assert.deepEqual(kept([1, 1, 2, 4, 2, 1], 1 / 3), [1, 1, 0, 1, 1, 0]);
  assert.deepEqual(kept([1, -1, 2, 4, 2, 2], 0.3), [1, 1, 1, 1, 1, 1]);
});

test('scores move by the gradient at w ⊙ m, times w and the slope of σ; pruned ones do not move', async () => {
  const { run, input } = await scoring();
  const [{ scores }] = run([input]);
  const { unitMask } = input;
  let checked = 0;
  for (const { offset, from, length } of layout.kernels) {
    for (let i = 0; i < length; i += 2) {
      const score = input.scores[from + i]!;
      if (unitMask[from + i] === 0) assert.equal(scores[from + i], score);
      // Off the mask the loss does not feel the weight.
      if (unitMask[from + i] === 0 || score <= 0) continue;
      const loss = (change: number) => {
        const weights = input.weights.slice();
        weights[offset + i]! += change;
        return run([{ ...input, weights }])[0].loss;
      };
      const slope = (loss(0.02) - loss(-0.02)) / 0.04;
      const on = 1 / (1 + Math.exp(-score));
      const wanted = score - slope * input.weights[offset + i]! * on * (1 - on);
      assert.ok(Math.abs(scores[from + i]! - wanted) < 2e-4, `${scores[from + i]} is not ${wanted}`);
      checked++;
    }
  }
  assert.ok(checked >= 8);
});

test('a node’s steps have the same bits alone and in a group, and two steps in one task are two tasks', async () => {
  const { run, input } = await scoring();
  const other = { ...input, scores: input.scores.map((score) => -score) };
  const [alone] = run([input]);
  assert.deepEqual(run([other, input])[1], alone);
  const rows = Uint32Array.of(...input.rows, 9, 8, 7, 6);
  const [once] = run([{ ...input, rows }]);
  const [second] = run([{ ...input, scores: alone.scores, rows: rows.slice(4) }]);
  assert.deepEqual(once.scores, second.scores);
  assert.equal(once.loss, (alone.loss + second.loss) / 2);
  assert.equal(scoreTask.flops({ ...input, rows }), 2 * scoreTask.flops(input));
});

test('a round costs ⌈d/8⌉ bytes per link, all of them values, and nothing else', async () => {
  const { result, bodies } = await watched({}, { topology: 'ring' });
  assert.equal(result.traffic.messages.sent, ROUNDS * NODES * 2);
  assert.equal(result.traffic.bytes.sent, ROUNDS * NODES * 2 * (32 + Math.ceil(MASKED / 8)));
  assert.equal(result.traffic.parts.values, ROUNDS * NODES * 2 * Math.ceil(MASKED / 8));
  for (const { bytes } of bodies) assert.equal(bytes.length, Math.ceil(MASKED / 8));
});

test('a node evaluates frozen weights under its own mask, which never contains a pruned weight', async () => {
  for (const aggregate of ['overlap', 'majority']) {
    const { states } = await watched({ aggregate, learningRate: 10 }, { topology: 'complete' });
    const { weights } = states[0]!;
    const masks = new Set<string>();
    for (const state of states.slice(NODES)) {
      assert.deepEqual(state.weights, weights);
      // One of the five hidden units, with its six weights; no class.
      assert.equal(state.unitMask.filter((bit) => bit === 0).length, 6);
      assert.ok(state.unitMask.subarray(30).every((bit) => bit === 1));
      assert.ok(state.mask.every((bit, i) => bit <= state.unitMask[i]!));
      const own = state.adapted.map((value) => (value === 0 ? 0 : 1));
      const mask = Uint8Array.from([...own.subarray(0, 30), ...own.subarray(35, 50)]);
      assert.ok(mask.every((bit, i) => bit <= state.unitMask[i]!));
      assert.deepEqual(state.adapted, applyMask(weights, mask, layout));
      masks.add(mask.join(''));
    }
    assert.ok(masks.size > NODES, 'masks are personal, and move');
  }
});

test('after an exchange the scores have the signs of the combined mask', async () => {
  // One round: what is sent follows from the scores, and the scores after it from all that was sent.
  const { states, bodies } = await watched(
    { pruneUnits: 0 },
    { topology: 'complete', stop: { after: '1 round' } },
  );
  const masks = bodies.map(({ bytes }) =>
    Uint8Array.from({ length: MASKED }, (_, i) => (bytes[i >> 3]! >> (i & 7)) & 1),
  );
  assert.equal(masks.length, NODES);
  const combined = masks.map((own, n) =>
    combineMasks(
      own,
      masks.filter((_, m) => m !== n),
      'overlap',
    ),
  );
  assert.deepEqual(
    new Set(states.slice(-NODES).map(({ mask }) => mask.join())),
    new Set(combined.map((mask) => mask.join())),
  );
  for (const { mask, scores } of states.slice(-NODES)) {
    assert.ok(scores.every((score, i) => (mask[i] === 1 ? score > 0 : score < 0)));
  }
});

test('scores are in no encoded body', async () => {
  const { states, bodies } = await watched({ learningRate: 30 });
  const windows = (bytes: Uint8Array) =>
    Array.from({ length: Math.max(0, bytes.length - 3) }, (_, i) => bytes.subarray(i, i + 4).join());
  const sent = new Set(bodies.flatMap(({ bytes }) => windows(bytes)));
  assert.ok(sent.size > 6);
  for (const { scores } of states) {
    const bytes = new Uint8Array(scores.buffer, scores.byteOffset, scores.byteLength);
    for (let i = 0; i < bytes.length; i += 4) assert.ok(!sent.has(bytes.subarray(i, i + 4).join()));
  }
});

test('late masks are ignored, and neither drops nor a node that goes down stops a run', async () => {
  const slow = { use: 'choice', speeds: ['0.05MFLOPS', '1GFLOPS'], shares: [0.3, 0.7] };
  const late = await watched({ deadline: '50ms' }, { nodes: 6, topology: 'complete', compute: slow });
  assert.equal(late.result.stopped, 'rounds');
  assert.ok(late.result.traffic.messages.ignored > 0);
  const faults = [{ use: 'node-down', node: 1, at: '15ms', for: '200ms' }];
  const troubled = await watched(
    { deadline: '60ms' },
    { network: { drop: '20%' }, faults, stop: { after: '6 rounds' } },
  );
  assert.equal(troubled.result.stopped, 'rounds');
  assert.ok(troubled.result.traffic.messages.dropped > 0);
});

test('no worker and one worker give the same fingerprints', async () => {
  const plan = planOf(sketch() as never);
  const [inline, worker] = await Promise.all([
    runToEnd(plan, CHECKED),
    runToEnd(plan, { ...CHECKED, workers: 1 }),
  ]);
  assert.deepEqual(worker.result.fingerprints, inline.result.fingerprints);
});

/** The task on a small data set: an input of one step, with one hidden unit pruned. */
async function scoring() {
  const random = new Random('scoring');
  const dataset: Dataset = {
    id: 'test',
    shape: [6],
    features: Float32Array.from({ length: 10 * 6 }, () => random.normal()),
    scale: 1,
    labels: Int32Array.from({ length: 10 }, () => random.integer(3)),
    classes: 3,
    train: 10,
    test: 0,
  };
  const input: ScoreInput = {
    model: model.spec,
    weights: Float32Array.from({ length: model.length }, () => random.normal()),
    scores: Float32Array.from({ length: MASKED }, () => random.normal()),
    unitMask: Uint8Array.from({ length: MASKED }, (_, i) => (i < 30 && i % 5 === 2 ? 0 : 1)),
    layout,
    rows: Uint32Array.of(1, 2, 3, 4),
    batch: 4,
    view: undefined,
    learningRate: 1,
  };
  const { tf } = await loadBackend('cpu');
  type Output = ReturnType<typeof scoreTask.run>;
  const run = (inputs: readonly (typeof input)[]) =>
    runGroup(scoreTask, inputs, taskContext(tf, { dataset })) as [...Output, Output[number]];
  return { run, input };
}
