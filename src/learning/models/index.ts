/** The list of models. */
import { z } from 'zod';
import { UsageError, unknownName } from '../../errors.js';
import { count, type Entry } from '../../options.js';
import { dense, type Layer, relu } from '../layers.js';
import type { Model, ModelSpec } from '../model.js';
import { layered } from './layered.js';
import { quadratic } from './quadratic.js';

/** A kind of model: builds the model from plain data, the same everywhere. */
export interface ModelEntry<Options = unknown> extends Entry<Options> {
  /** Throws a UsageError where the data does not fit the model. */
  build(spec: ModelSpec & { readonly options: Options }): Model;
}

const softmax: ModelEntry<Record<string, never>> = {
  id: 'softmax',
  description: 'softmax regression: one dense layer; all of it is the head',
  options: z.strictObject({}),
  build(spec) {
    requireClasses(spec);
    return layered(spec, [dense('dense1', { inputs: flatLength(spec), outputs: spec.classes })]);
  },
};

interface MlpOptions {
  hidden: number[];
  headLayers: number;
}

const mlp: ModelEntry<MlpOptions> = {
  id: 'mlp',
  description: 'multi-layer perceptron with ReLU; the last headLayers dense layers are the head',
  options: z.strictObject({
    hidden: z.array(count()).min(1).describe('units of each hidden layer'),
    headLayers: count().default(1).describe('how many dense layers, from the last one down, form the head'),
  }),
  build(spec) {
    requireClasses(spec);
    const { hidden, headLayers } = spec.options;
    if (headLayers > hidden.length + 1) {
      throw new UsageError(
        'head-too-deep',
        `expected headLayers of at most ${hidden.length + 1} (the number of dense layers), got ${headLayers}`,
        'model.headLayers',
      );
    }
    const layers: Layer[] = [];
    let inputs = flatLength(spec);
    for (const [h, outputs] of hidden.entries()) {
      layers.push(dense(`dense${h + 1}`, { inputs, outputs }), relu(outputs));
      inputs = outputs;
    }
    layers.push(dense(`dense${hidden.length + 1}`, { inputs, outputs: spec.classes }));
    return layered(spec, layers, headLayers);
  },
};

// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export const models: readonly ModelEntry<any>[] = [softmax, mlp, quadratic];

/** Builds the model of a spec. Throws a UsageError for an unknown name. */
export function buildModel(spec: ModelSpec): Model {
  const entry = models.find((candidate) => candidate.id === spec.use);
  if (!entry) {
    throw unknownName(
      'model',
      spec.use,
      models.map((model) => model.id),
      'model.use',
    );
  }
  return entry.build(spec);
}

function flatLength(spec: ModelSpec): number {
  return spec.input.reduce((product, size) => product * size, 1);
}

function requireClasses(spec: ModelSpec): void {
  if (spec.classes < 2) {
    throw new UsageError(
      'model-data-mismatch',
      `expected data with at least 2 classes for model "${spec.use}", got ${spec.classes}`,
      'model.use',
    );
  }
}
