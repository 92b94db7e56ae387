/** Networks from a list of layers: what `cnn`, `mlp` and the papers' presets are made of. */
import { UsageError } from '../errors.js';
import { layered } from './layered.js';
import { denseEntry } from './layers/dense.js';
import { buildLayer } from './layers/index.js';
import type { KernelOptions } from './layers/kernels.js';
import { hasKernel, type Layer, signalOf } from './layers/layer.js';
import type { Model, ModelSpec } from './model.js';
import { type Reference, reference } from './references.js';

/** A network: its layers, then one dense layer to the classes. @public */
export interface Network extends KernelOptions {
  readonly layers: readonly Reference[];
  /** How many layers with a kernel, from the last one down, form the head. */
  readonly headLayers: number;
  /**
   * A layer that is applied to the logits.
   * @defaultValue none
   */
  readonly output?: Reference;
}

/**
 * Builds a network for data of a shape.
 * @throws UsageError for data without classes, for images that do not fit the layers, and for heads deeper than the
 * network; PluginError where a layer of the user's own fails
 * @public
 */
export function buildNetwork(spec: ModelSpec, network: Network): Model {
  requireClasses(spec);
  const layers = chainOf(spec, network);
  requireHead(network.headLayers, layers.filter(hasKernel).length);
  return layered(spec, layers, network.headLayers);
}

/**
 * Refuses data that a classifier cannot learn from.
 * @throws UsageError `model-data-mismatch` for data with fewer than two classes
 * @public
 */
export function requireClasses(spec: ModelSpec): void {
  if (spec.classes >= 2) return;
  throw new UsageError(
    'model-data-mismatch',
    `expected data with at least 2 classes for model "${spec.use}", got ${spec.classes}`,
    'model.use',
  );
}

/** @throws UsageError `head-too-deep` for a head of more layers than there are */
function requireHead(headLayers: number, depth: number): void {
  if (headLayers <= depth) return;
  throw new UsageError(
    'head-too-deep',
    `expected headLayers of at most ${depth} (the number of layers with a kernel), got ${headLayers}`,
    'model.headLayers',
  );
}

/** The layers in forward order. Each is named by its kind and its number among those of its kind: `conv2`. */
function chainOf(model: ModelSpec, { layers, output, bias, kernelInit }: Network): Layer[] {
  const last = reference(denseEntry, { units: model.classes });
  const numbers = new Map<string, number>();
  let input = signalOf(model.input);
  return [...layers, last, ...(output ? [output] : [])].map((chosen) => {
    const number = (numbers.get(chosen.use) ?? 0) + 1;
    numbers.set(chosen.use, number);
    const name = `${chosen.use}${number}`;
    const built = buildLayer(chosen, { name, input, kernels: { bias, kernelInit }, model });
    input = built.output;
    return built.layer;
  });
}
