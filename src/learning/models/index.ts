/** The list of models. */
import { unknownName } from '../../errors.js';
import type { Entry } from '../../options.js';
import type { Model, ModelSpec } from '../model.js';
import { cnn } from './cnn.js';
import { linearRepresentation } from './linear-representation.js';
import { mlp, softmax } from './mlp.js';
import { deprlAlexnet, deprlDnn, deprlVgg, l2cCnn, mcePlAlexnet, transferenceMlp } from './presets.js';
import { quadratic } from './quadratic.js';

/** A kind of model: builds the model from plain data, the same everywhere. */
export interface ModelEntry<Options = unknown> extends Entry<Options> {
  /** Throws a UsageError where the data does not fit the model. */
  build(spec: ModelSpec & { readonly options: Options }): Model;
}

// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export const models: readonly ModelEntry<any>[] = [
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
];

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
