/** Networks from a list of layers: what `cnn` and the papers' presets are made of. */
import { z } from 'zod';
import { lengthOf } from '../data/dataset.js';
import { UsageError } from '../errors.js';
import { count } from '../options/index.js';
import { convolution } from './convolution.js';
import { globalAverage } from './global-average.js';
import { layered } from './layered.js';
import { dense, elu, hasKernel, type KernelInit, type Layer, localResponseNorm, relu } from './layers.js';
import type { Model, ModelSpec } from './model.js';
import { groupNorm } from './normalization.js';
import { averagePooling, maxPooling } from './pooling.js';
import { residual } from './residual.js';
import type { ImageShape } from './windows.js';

const window = count().describe('cells on each side of a window');
const padding = z
  .union([z.enum(['valid', 'same']), count(0)])
  .describe('cells on every side; valid: none; same: as many as give size/stride outputs');

const groups = count()
  .default(32)
  .describe('groups of channels that are normalised together; they divide the channels');
const epsilon = z.number().positive().default(1e-5).describe('added to the variance of each group');

/** One layer, as a scenario writes it. */
export const layerSpec = z.discriminatedUnion('use', [
  z.strictObject({
    use: z.literal('conv'),
    filters: count(),
    window,
    stride: count().default(1),
    padding: padding.default('valid'),
    bias: z.boolean().optional().describe('default: as all layers of the model'),
  }),
  z.strictObject({
    use: z.literal('residual'),
    filters: count(),
    stride: count().default(1),
    groups,
    epsilon,
  }),
  z.strictObject({
    use: z.literal('max-pool'),
    window,
    stride: count().optional().describe('default: the window'),
    padding: padding.default('valid'),
  }),
  z.strictObject({
    use: z.literal('average-pool'),
    window,
    stride: count().optional().describe('default: the window'),
  }),
  z.strictObject({ use: z.literal('global-average-pool') }),
  z.strictObject({ use: z.literal('dense'), units: count() }),
  z.strictObject({ use: z.literal('relu') }),
  z.strictObject({ use: z.literal('elu') }),
  z.strictObject({ use: z.literal('group-norm'), groups, epsilon }),
  z.strictObject({
    use: z.literal('response-norm'),
    size: count().default(5),
    alpha: z.number().positive().default(1e-4),
    beta: z.number().positive().default(0.75),
    offset: z.number().positive().default(1),
  }),
]);

/** One layer, with defaults filled in. */
export type LayerSpec = z.output<typeof layerSpec>;

/** Options that every model of layers with kernels shares. */
export const kernelOptions = {
  bias: z.boolean().default(true).describe('whether layers with a kernel have a bias'),
  kernelInit: z
    .enum(['uniform', 'he-uniform'])
    .default('uniform')
    .describe('uniform: kernels and biases in ±1/√inputs; he-uniform: kernels in ±√(6/inputs), biases 0'),
};

/** A network: its layers, then one dense layer to the classes. */
export interface Network {
  readonly layers: readonly LayerSpec[];
  /** How many layers with a kernel, from the last one up, form the head. */
  readonly headLayers: number;
  readonly bias?: boolean | undefined;
  readonly kernelInit?: KernelInit | undefined;
  /** Applied to the logits. @defaultValue none */
  readonly output?: 'elu';
}

/**
 * Builds a network for data of a shape.
 * @throws UsageError for data without classes, images that the layers don't fit, and heads deeper than the network
 */
export function buildNetwork(spec: ModelSpec, network: Network): Model {
  requireClasses(spec);
  const layers = chain(spec, network);
  const depth = layers.filter(hasKernel).length;
  requireHead(network.headLayers, depth);
  return layered(spec, layers, network.headLayers);
}

/** @throws UsageError `model-data-mismatch` for data with fewer than two classes */
export function requireClasses(spec: ModelSpec): void {
  if (spec.classes >= 2) return;
  throw new UsageError(
    'model-data-mismatch',
    `expected data with at least 2 classes for model "${spec.use}", got ${spec.classes}`,
    'model.use',
  );
}

/** @throws UsageError `head-too-deep` for a head of more layers than there are */
export function requireHead(headLayers: number, depth: number): void {
  if (headLayers <= depth) return;
  throw new UsageError(
    'head-too-deep',
    `expected headLayers of at most ${depth} (the number of layers with a kernel), got ${headLayers}`,
    'model.headLayers',
  );
}

/** What one layer hands to the next. `image`: undefined where it is no image (any more). */
interface Signal {
  readonly features: number;
  readonly image: ImageShape | undefined;
}

function chain(spec: ModelSpec, network: Network): Layer[] {
  const layers: Layer[] = [];
  const counts = new Map<string, number>();
  let signal = signalOf(spec);
  const specs: LayerSpec[] = [...network.layers, { use: 'dense', units: spec.classes }];
  if (network.output) specs.push({ use: network.output });
  for (const layer of specs) {
    const number = (counts.get(layer.use) ?? 0) + 1;
    counts.set(layer.use, number);
    const next = addLayer(spec, network, layer, `${layer.use}${number}`, signal);
    layers.push(next.layer);
    signal = next.signal;
  }
  return layers;
}

/** A sample of three sizes is an image: height, width, channels. */
function signalOf(spec: ModelSpec): Signal {
  const [height, width, channels, ...more] = spec.input;
  const isImage = channels !== undefined && more.length === 0;
  return {
    features: lengthOf(spec.input),
    image: isImage ? { height: height!, width: width!, channels } : undefined,
  };
}

function addLayer(
  spec: ModelSpec,
  { bias: biased, kernelInit }: Network,
  layer: LayerSpec,
  name: string,
  signal: Signal,
): { layer: Layer; signal: Signal } {
  const { features } = signal;
  const image = () => signal.image ?? refuseFlat(spec, name);
  switch (layer.use) {
    case 'relu':
      return { layer: relu(features), signal };
    case 'elu':
      return { layer: elu(features), signal };
    case 'dense':
      return {
        layer: dense(name, { inputs: features, outputs: layer.units, bias: biased, kernelInit }),
        signal: { features: layer.units, image: undefined },
      };
    case 'response-norm':
      return { layer: localResponseNorm({ features, channels: image().channels }, layer), signal };
    case 'group-norm': {
      const channels = signal.image?.channels ?? features;
      return { layer: groupNorm(name, { features, channels }, layer), signal };
    }
    case 'residual':
      return shaped(residual(name, image(), { ...layer, kernelInit }));
    case 'global-average-pool':
      return shaped(globalAverage(image()));
    case 'conv': {
      const { filters, window: size, stride, padding, bias = biased } = layer;
      return shaped(convolution(name, image(), { filters, size, stride, padding, bias, kernelInit }));
    }
    case 'max-pool': {
      const { window: size, stride = size, padding } = layer;
      return shaped(maxPooling(name, image(), { size, stride, padding }));
    }
    case 'average-pool': {
      const { window: size, stride = size } = layer;
      return shaped(averagePooling(name, image(), { size, stride }));
    }
  }
}

function shaped({ layer, output }: { layer: Layer; output: ImageShape }): { layer: Layer; signal: Signal } {
  return { layer, signal: { features: output.height * output.width * output.channels, image: output } };
}

function refuseFlat(spec: ModelSpec, name: string): never {
  throw new UsageError(
    'model-data-mismatch',
    `layer "${name}" of model "${spec.use}": expected an image [height, width, channels], got samples of ` +
      `[${spec.input.join(', ')}]${spec.input.length === 3 ? ' after a dense layer' : ''}; ` +
      'use data of images, and dense layers last',
    'model',
  );
}
