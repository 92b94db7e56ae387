/** The list of layers: what a network is made of. */
import type { List } from '../../options/index.js';
import { describeReference, entryOf, type Reference } from '../references.js';
import { averagePoolEntry } from './average-pool.js';
import { convEntry } from './conv.js';
import { denseEntry } from './dense.js';
import { eluEntry } from './elu.js';
import { embeddingEntry } from './embedding.js';
import { geluEntry } from './gelu.js';
import { globalAveragePoolEntry } from './global-average-pool.js';
import { groupNormEntry } from './group-norm.js';
import { gruEntry } from './gru.js';
import type { BuiltLayer, LayerContext, LayerEntry } from './layer.js';
import { maxPoolEntry } from './max-pool.js';
import { buildOwnLayer } from './own-layer.js';
import { reluEntry } from './relu.js';
import { residualEntry } from './residual.js';
import { responseNormEntry } from './response-norm.js';
import { sigmoidEntry } from './sigmoid.js';
import { tanhEntry } from './tanh.js';

/** Every layer that a scenario can name. @public */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export const layers: readonly LayerEntry<any>[] = [
  convEntry,
  residualEntry,
  maxPoolEntry,
  averagePoolEntry,
  globalAveragePoolEntry,
  denseEntry,
  reluEntry,
  eluEntry,
  geluEntry,
  tanhEntry,
  sigmoidEntry,
  groupNormEntry,
  responseNormEntry,
  embeddingEntry,
  gruEntry,
];

/** {@link layers} as a list to choose from. @public */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export const layerList: List<LayerEntry<any>> = { what: 'layer', entries: layers, functions: ['build'] };

/**
 * Builds the layer of a reference for what comes in.
 * @throws UsageError where that does not fit the layer; PluginError where a layer of the user's own fails
 * @public
 */
export function buildLayer(reference: Reference, context: LayerContext): BuiltLayer {
  const entry = entryOf(layerList, reference);
  const { module, options } = reference;
  if (module === undefined) return entry.build(options, context);
  return buildOwnLayer(describeReference(layerList, reference), entry, options, context);
}
