/** Specs and random inputs for tests of models. */

import { lengthOf } from '../../src/data/dataset.js';
import { models } from '../../src/models/index.js';
import type { Model, ModelSpec } from '../../src/models/model.js';
import { Random } from '../../src/random.js';

/** A spec with the entry's defaults filled in. */
export function specOf(use: string, input: number[], classes: number, options: object = {}): ModelSpec {
  const entry = models.find(({ id }) => id === use)!;
  return { use, options: entry.options.parse(options), input, classes };
}

/** A network with every kind of layer, for images of 6 × 7 × 2. */
export const TINY_LAYERS = [
  { use: 'conv', filters: 3, kernelSize: 3, padding: 1 },
  { use: 'elu' },
  { use: 'response-norm', size: 3, alpha: 0.5 },
  { use: 'max-pool', window: 3, stride: 2, padding: 1 },
  { use: 'conv', filters: 4, kernelSize: 2, stride: 2, padding: 'same' },
  { use: 'relu' },
  { use: 'average-pool', window: 2 },
  { use: 'dense', units: 5 },
  { use: 'relu' },
];

/** A small input for every model of the list; a preset's own where its layers need it. */
export const EVERY_MODEL: Readonly<Record<string, ModelSpec>> = {
  softmax: specOf('softmax', [7], 3),
  mlp: specOf('mlp', [7], 3, { hidden: [5, 4] }),
  cnn: specOf('cnn', [6, 7, 2], 3, { layers: TINY_LAYERS }),
  gru: specOf('gru', [6], 5, { hidden: [4, 3], embedding: 2 }),
  quadratic: specOf('quadratic', [7], 0, { initBound: 1 }),
  'linear-representation': specOf('linear-representation', [7], 0),
  'l2c-cnn': specOf('l2c-cnn', [16, 16, 3], 10),
  'deprl-vgg': specOf('deprl-vgg', [32, 32, 3], 10),
  'deprl-alexnet': specOf('deprl-alexnet', [28, 28, 1], 10),
  'deprl-dnn': specOf('deprl-dnn', [900], 5),
  'mce-pl-alexnet': specOf('mce-pl-alexnet', [24, 24, 3], 10),
  'transference-mlp': specOf('transference-mlp', [10], 2),
  resnet18: specOf('resnet18', [8, 8, 3], 10),
  'transference-celeba': specOf('transference-celeba', [8, 8, 3], 2),
};

/** Models of which a step takes seconds on `cpu`. */
export const SLOW_ON_CPU: readonly string[] = [
  'deprl-vgg',
  'deprl-alexnet',
  'mce-pl-alexnet',
  'resnet18',
  'transference-celeba',
];

/** Nodes with params and batches of their own. */
export interface Stack {
  readonly params: readonly Float32Array[];
  readonly features: readonly Float32Array[];
  readonly labels: readonly number[][];
}

/** Params as wide as the model starts, normal features, random labels. */
export function drawStack(model: Model, nodes: number, batch: number): Stack {
  const random = new Random('stack');
  const { input, classes } = model.spec;
  const length = batch * lengthOf(input);
  // Drawing millions of params takes longer than training them: a pattern of normals will do.
  const pattern = Array.from({ length: 4099 }, () => random.normal());
  const paramsOf = (node: number) => {
    const params = new Float32Array(model.length);
    for (const { offset, length, initBound } of model.slices) {
      for (let i = 0; i < length; i++)
        params[offset + i] = (initBound || 1) * pattern[(i + 7 * node) % 4099]!;
    }
    return params;
  };
  const all = Array.from({ length: nodes }, (_, node) => ({
    params: paramsOf(node),
    features: Float32Array.from({ length }, () => random.normal()),
    labels: Array.from({ length: batch }, () => (classes > 0 ? random.integer(classes) : random.normal())),
  }));
  return {
    params: all.map(({ params }) => params),
    features: all.map(({ features }) => features),
    labels: all.map(({ labels }) => labels),
  };
}
