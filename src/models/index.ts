/** The list of models. */

import { unknownName } from '../errors.js';
import type { Entry, List } from '../options/index.js';
import { cnn } from './cnn.js';
import { linearRepresentation } from './linear-representation.js';
import { mixed } from './mixed.js';
import { mlp, softmax } from './mlp.js';
import type { Model, ModelSpec } from './model.js';
import { buildOwnModel } from './own-model.js';
import {
  deprlAlexnet,
  deprlDnn,
  deprlVgg,
  l2cCnn,
  mcePlAlexnet,
  resnet18,
  transferenceCeleba,
  transferenceMlp,
} from './presets.js';
import { quadratic } from './quadratic.js';

/** A kind of model: builds the model from plain data, the same everywhere. */
export interface ModelEntry<Options = unknown> extends Entry<Options> {
  /** Throws a UsageError where the data does not fit the model. */
  build(spec: ModelSpec & { readonly options: Options }): Model;
  /** Where nodes have different models: the spec of each of them. */
  dealt?(spec: ModelSpec & { readonly options: Options }, nodes: number): ModelSpec[];
}

// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
const single: readonly ModelEntry<any>[] = [
  softmax,
  mlp,
  cnn,
  quadratic,
  linearRepresentation,
  l2cCnn,
  deprlVgg,
  deprlAlexnet,
  deprlDnn,
  mcePlAlexnet,
  transferenceMlp,
  resnet18,
  transferenceCeleba,
];

// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export const models: readonly ModelEntry<any>[] = [...single, mixed(single)];

/**
 * Builds the model of a spec. Throws a UsageError for an unknown name, a PluginError where a model of the user's own
 * fails.
 */
export function buildModel(spec: ModelSpec): Model {
  if (spec.module !== undefined) return buildOwnModel(spec, spec.module);
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

/** {@link models} as a list to choose from. */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export const modelList: List<ModelEntry<any>> = { what: 'model', entries: models, functions: ['build'] };
