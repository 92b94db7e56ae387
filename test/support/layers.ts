/** Checks of layers against a description in float64, and of stacks against single nodes. */
import assert from 'node:assert/strict';
import type * as tf from '@tensorflow/tfjs-core';
import type { LoadedBackend } from '../../src/compute/backend.js';
import { lengthOf } from '../../src/data/dataset.js';
import type { Layer } from '../../src/models/layers/layer.js';
import { Random } from '../../src/random.js';

/** What a layer gives for one sample, from its params, one flat array per slice. */
export type Reference = (sample: readonly number[], params: ReadonlyArray<readonly number[]>) => number[];

const NODES = 3;
const BATCH = 2;
const STEP = 1e-5;
/** Tolerance of float32 sums of some dozens of terms of about 1. */
const TOLERANCE = 1e-5;

/** One node's numbers. */
interface Case {
  readonly samples: number[][];
  readonly params: number[][];
  /** The loss of the check is Σ weights × outputs. */
  readonly weights: number[][];
}

/** The results of a layer: outputs, gradients of params, gradient of the input. */
interface Given {
  readonly output: tf.Tensor;
  readonly ofParams: tf.Tensor[];
  readonly ofInput: tf.Tensor;
}

/**
 * Asserts that the outputs are the reference's, that both gradients are the central finite differences of the reference,
 * and that every node of a stack has the bits that it has alone.
 */
export function checkLayer(
  backend: LoadedBackend,
  layer: Layer,
  features: number,
  reference: Reference,
  draw: (random: Random) => number = (random) => random.normal(),
): void {
  const random = new Random('layer');
  const cases = Array.from({ length: NODES }, () => drawCase(layer, features, reference, () => draw(random)));
  const engine = backend.tf;
  engine.tidy(() => {
    const stacked = applyLayer(engine, layer, cases);
    for (const [node, own] of cases.entries()) {
      assertReference(own, reference, (tensor) => partOf(tensor, node), stacked);
      const alone = applyLayer(engine, layer, [own]);
      for (const [t, tensor] of tensors(alone).entries()) {
        assert.deepEqual(partOf(tensors(stacked)[t]!, node), [...tensor.dataSync()], `node ${node} alone`);
      }
    }
  });
}

const tensors = ({ output, ofParams, ofInput }: Given) => [output, ...ofParams, ofInput];

function partOf(stack: tf.Tensor, node: number): number[] {
  const length = stack.size / stack.shape[0];
  return [...stack.dataSync().subarray(node * length, (node + 1) * length)];
}

function drawCase(layer: Layer, features: number, reference: Reference, draw: () => number): Case {
  const numbers = (length: number) => Array.from({ length }, () => Math.fround(draw()));
  const params = layer.slices.map(({ shape }) => numbers(lengthOf(shape)));
  const samples = Array.from({ length: BATCH }, () => numbers(features));
  const weights = samples.map((sample) => numbers(reference(sample, params).length));
  return { samples, params, weights };
}

function applyLayer(engine: typeof tf, layer: Layer, cases: readonly Case[]): Given {
  const stack = (pick: (own: Case) => unknown) => engine.tensor(cases.map(pick) as number[][][]);
  const params = layer.slices.map(({ shape }, s) =>
    engine.reshape(
      stack(({ params }) => [params[s]!]),
      [cases.length, ...shape],
    ),
  );
  const input = stack(({ samples }) => samples);
  const weights = stack((own) => own.weights);
  const output = layer.forward(engine, { params, input });
  assert.deepEqual(output.shape, weights.shape);
  const pass = { params, input, output, outputGradient: weights };
  const ofParams = layer.paramsGradient(engine, pass);
  assert.deepEqual(
    ofParams.map(({ shape }) => shape),
    params.map(({ shape }) => shape),
  );
  const ofInput = layer.inputGradient(engine, pass);
  assert.deepEqual(ofInput.shape, input.shape);
  return { output, ofParams, ofInput };
}

function assertReference(
  own: Case,
  reference: Reference,
  part: (tensor: tf.Tensor) => number[],
  given: Given,
): void {
  const expected = own.samples.flatMap((sample) => reference(sample, own.params));
  assertNear(part(given.output), expected, 'output');
  const loss = () =>
    own.samples.reduce(
      (sum, sample, b) =>
        reference(sample, own.params).reduce((total, value, i) => total + value * own.weights[b]![i]!, sum),
      0,
    );
  for (const [s, slice] of own.params.entries()) {
    assertNear(part(given.ofParams[s]!), differences(slice, loss), `gradient of slice ${s}`);
  }
  const ofInput = own.samples.flatMap((sample) => differences(sample, loss));
  assertNear(part(given.ofInput), ofInput, 'gradient of the input');
}

/** Central finite differences of a loss by each number of a list that it reads. */
function differences(numbers: number[], loss: () => number): number[] {
  return numbers.map((value, i) => {
    numbers[i] = value + STEP;
    const above = loss();
    numbers[i] = value - STEP;
    const below = loss();
    numbers[i] = value;
    return (above - below) / (2 * STEP);
  });
}

function assertNear(actual: readonly number[], expected: readonly number[], what: string): void {
  assert.equal(actual.length, expected.length, what);
  for (const [i, value] of expected.entries()) {
    assert.ok(
      Math.abs(actual[i]! - value) <= TOLERANCE * Math.max(1, Math.abs(value)),
      `${what}[${i}]: ${actual[i]}, expected ${value}`,
    );
  }
}
