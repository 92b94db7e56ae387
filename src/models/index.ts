/** The list of models. */
import { deepFreeze } from '../compute/plain-data.js';
import type { List } from '../options/index.js';
import { cnn } from './cnn.js';
import { gru } from './gru.js';
import { linearRepresentation } from './linear-representation.js';
import { mixedModels } from './mixed-models.js';
import { mlp, softmax } from './mlp.js';
import type { Model, ModelEntry, ModelSpec } from './model.js';
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
import { describeReference, entryOf } from './references.js';

/** Any model, for lists. @public */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export type AnyModelEntry = ModelEntry<any>;

const single: readonly AnyModelEntry[] = [
  softmax,
  mlp,
  cnn,
  gru,
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

const listOf = (entries: readonly AnyModelEntry[]): List<AnyModelEntry> => ({
  what: 'model',
  entries,
  functions: ['build'],
});

/** Every model that a scenario can name. @public */
export const models: readonly AnyModelEntry[] = [...single, mixedModels(listOf(single))];

/** {@link models} as a list to choose from. @public */
export const modelList = listOf(models);

/** Models by their spec, which nobody changes. */
const built = new WeakMap<ModelSpec, Model>();

/**
 * The model of a spec.
 * @throws UsageError for an unknown name, and for data that do not fit the model; PluginError where a model of the user's
 * own fails
 * @public
 */
export function buildModel(spec: ModelSpec): Model {
  let model = built.get(spec);
  if (!model) {
    const entry = entryOf(modelList, spec);
    model =
      spec.module === undefined
        ? builtIn(entry, spec)
        : buildOwnModel(describeReference(modelList, spec), entry, spec);
    built.set(deepFreeze(spec), model);
  }
  return model;
}

/** Models of the list by the text of their spec: a spec that comes from another thread is a new object each time. */
const known = new Map<string, Model>();

function builtIn(entry: AnyModelEntry, spec: ModelSpec): Model {
  const key = JSON.stringify(spec);
  let model = known.get(key);
  if (!model) {
    model = entry.build(spec);
    known.set(key, model);
  }
  return model;
}
