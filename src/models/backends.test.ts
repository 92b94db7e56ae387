/** Training a model on the native backend against training it on the others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EVERY_MODEL, SLOW_ON_CPU } from '../../test/support/models.js';
import { sgdWith } from '../../test/support/optimizers.js';
import { loadForTest } from '../../test/support/tensorflow.js';
import { type LoadedBackend, loadBackend } from '../compute/backend.js';
import { runGroup, taskContext } from '../compute/run-group.js';
import { type Dataset, lengthOf } from '../data/dataset.js';
import { type TrainInput, type TrainOutput, train } from '../learning/train.js';
import { Random } from '../random.js';
import { buildModel } from './index.js';
import type { ModelSpec } from './model.js';

const STEPS = 20;
/** Models of millions of params take a minute with more. */
const sizesFor = (use: string) =>
  SLOW_ON_CPU.includes(use) ? { nodes: 1, batch: 1 } : { nodes: 2, batch: 2 };
const ROWS = 12;
/** Greatest difference of a param after all steps, relative to the greatest way that a param has gone in them. */
const TOLERANCE = 1e-4;

function datasetFor({ input, classes }: ModelSpec): Dataset {
  const random = new Random('dataset');
  const length = ROWS * lengthOf(input);
  return {
    id: 'random',
    shape: input,
    features: Float32Array.from({ length }, () => random.normal()),
    scale: 1,
    labels: Int32Array.from({ length: ROWS }, () => random.integer(Math.max(1, classes))),
    ...(classes === 0 ? { targets: Float32Array.from({ length: ROWS }, () => random.normal()) } : {}),
    classes,
    train: ROWS,
    test: 0,
  };
}

function inputsFor(spec: ModelSpec): TrainInput<Float32Array>[] {
  const random = new Random('node');
  const { nodes, batch } = sizesFor(spec.use);
  const model = buildModel(spec);
  return Array.from({ length: nodes }, () => ({
    model: spec,
    params: model.init(random),
    rows: Uint32Array.from({ length: STEPS * batch }, () => random.integer(ROWS)),
    batch,
    optimizer: sgdWith(0.002),
    optimizerState: null,
    stepsTaken: 0,
  }));
}

async function trained(
  backend: LoadedBackend,
  spec: ModelSpec,
  inputs: TrainInput<Float32Array>[],
): Promise<TrainOutput[]> {
  await backend.activate();
  const dataset = datasetFor(spec);
  return runGroup(train as never, inputs, taskContext(backend.tf, { dataset })) as TrainOutput[];
}

const { backend, skip = false } = await loadForTest('tensorflow');

for (const [use, spec] of Object.entries(EVERY_MODEL)) {
  // Where cpu takes minutes, wasm stands in for it.
  const reference = SLOW_ON_CPU.includes(use) ? 'wasm' : 'cpu';
  test(`tensorflow: ${STEPS} steps of ${use} end near those of ${reference}`, { skip }, async () => {
    const inputs = inputsFor(spec);
    const expected = await trained(await loadBackend(reference), spec, inputs);
    const actual = await trained(backend!, spec, inputs);
    for (const [node, { params, loss }] of actual.entries()) {
      const before = inputs[node]!.params;
      let [way, difference] = [0, 0];
      for (const [i, value] of expected[node]!.params.entries()) {
        way = Math.max(way, Math.abs(value - before[i]!));
        difference = Math.max(difference, Math.abs(value - params[i]!));
      }
      assert.ok(way > 1e-4, `params of node ${node} went ${way}: too little to compare`);
      assert.ok(difference <= TOLERANCE * way, `params of node ${node} differ by ${difference} of ${way}`);
      const allowed = 1e-4 * Math.max(1, expected[node]!.loss);
      assert.ok(Math.abs(loss - expected[node]!.loss) <= allowed, `loss ${loss}, ${expected[node]!.loss}`);
    }
  });
}
