/** A model that is a chain of layers with softmax cross-entropy on top. */
import type * as tf from '@tensorflow/tfjs-core';
import { lengthOf } from '../data/dataset.js';
import type { Random } from '../random.js';
import { hasKernel, type Layer, softmaxCrossEntropy } from './layers.js';
import type { Gradient, Labels, Model, ModelSpec, Representation, Slice, Trainable } from './model.js';

type Engine = typeof tf;

/**
 * @param layers in forward order; the last one gives the logits
 * @param head how many of the last layers with a kernel form the personal head
 */
export function layered(spec: ModelSpec, layers: readonly Layer[], head = 1): Model {
  const { slices, owners, length } = layOut(layers, head);
  const own = (params: readonly tf.Tensor[], layer: number) => params.filter((_, s) => owners[s] === layer);
  const wanted = (layer: number, trainable: Trainable) =>
    slices.some((slice, s) => owners[s] === layer && (trainable === 'all' || slice.group === trainable));

  const flat = (engine: Engine, features: tf.Tensor): tf.Tensor =>
    engine.reshape(features, [features.shape[0], features.shape[1]!, -1]);

  /** Outputs of the first layers (of all by default), the input first. */
  const forward = (
    engine: Engine,
    params: readonly tf.Tensor[],
    features: tf.Tensor,
    count = layers.length,
  ): tf.Tensor[] => {
    const outputs = [flat(engine, features)];
    for (const [l, layer] of layers.slice(0, count).entries()) {
      outputs.push(engine.tidy(() => layer.forward(engine, own(params, l), outputs[l]!)));
    }
    return outputs;
  };

  /** The last layer's output; what the others gave is freed on the way. */
  const logits = (engine: Engine, params: readonly tf.Tensor[], features: tf.Tensor): tf.Tensor => {
    let current = flat(engine, features);
    for (const [l, layer] of layers.entries()) {
      const next = engine.tidy(() => layer.forward(engine, own(params, l), current));
      current.dispose();
      current = next;
    }
    return current;
  };

  /** By slice, from the last of the outputs and its gradient, which is freed on the way, down to the lowest wanted layer. */
  const descend = (
    engine: Engine,
    params: readonly tf.Tensor[],
    outputs: readonly tf.Tensor[],
    gradient: tf.Tensor,
    trainable: Trainable,
  ): Array<tf.Tensor | undefined> => {
    const result: Array<tf.Tensor | undefined> = slices.map(() => undefined);
    const lowest = layers.findIndex((_, l) => wanted(l, trainable));
    if (lowest < 0) return result;
    let outputGradient = gradient;
    for (let l = outputs.length - 2; l >= lowest; l--) {
      const given: At = {
        params: own(params, l),
        input: outputs[l]!,
        output: outputs[l + 1]!,
        outputGradient,
      };
      const want = { params: wanted(l, trainable), input: l > lowest };
      const { ofParams, ofInput } = backward(engine, layers[l]!, given, want);
      let next = 0;
      for (const [s, owner] of owners.entries()) if (owner === l) result[s] = ofParams[next++];
      if (ofInput) {
        outputGradient.dispose();
        outputGradient = ofInput;
      }
    }
    return result;
  };

  const gradient = (
    engine: Engine,
    params: readonly tf.Tensor[],
    features: tf.Tensor,
    labels: Labels,
    trainable: Trainable,
    scale = 1,
  ): Gradient => {
    const outputs = forward(engine, params, features);
    const { lossSum, gradient } = softmaxCrossEntropy(engine, outputs[layers.length]!, labels, scale);
    const result = descend(engine, params, outputs, gradient, trainable);
    return { loss: engine.div(lossSum, features.shape[1]!), slices: result };
  };

  const representation = representationOf(layers, head, {
    forward: (engine, params, features) => forward(engine, params, features, layers.length - 1),
    backward: (engine, params, outputs, gradient) => descend(engine, params, outputs, gradient, 'body'),
  });

  return {
    spec,
    length,
    slices,
    flops: countFlops(layers),
    init: (random) => drawParams(slices, length, random),
    logits,
    lossSum: (engine, params, features, labels) =>
      softmaxCrossEntropy(engine, logits(engine, params, features), labels).lossSum,
    gradient,
    ...(representation && { representation }),
  };
}

/** Where the head is the last layer and has params of its own. */
function representationOf(
  layers: readonly Layer[],
  headLayers: number,
  passes: Pick<Representation, 'forward' | 'backward'>,
): Representation | undefined {
  const head = layers[layers.length - 1]!;
  if (headLayers !== 1 || !hasKernel(head)) return undefined;
  return { head, length: head.slices[0]!.shape[0]!, flops: countFlops(layers.slice(0, -1)), ...passes };
}

/** What one layer took in and gave out, and the gradient of that. */
interface At {
  readonly params: readonly tf.Tensor[];
  readonly input: tf.Tensor;
  readonly output: tf.Tensor;
  readonly outputGradient: tf.Tensor;
}

/** The wanted gradients of one layer. */
function backward(
  engine: Engine,
  layer: Layer,
  { params, input, output, outputGradient }: At,
  want: { params: boolean; input: boolean },
): { ofParams: readonly tf.Tensor[]; ofInput?: tf.Tensor } {
  if (want.params && want.input && layer.gradients) {
    return engine.tidy(() => layer.gradients!(engine, params, input, outputGradient));
  }
  const ofParams = want.params
    ? engine.tidy(() => layer.paramsGradient(engine, input, outputGradient, params))
    : [];
  if (!want.input) return { ofParams };
  const ofInput = engine.tidy(() => layer.inputGradient(engine, params, output, outputGradient, input));
  return { ofParams, ofInput };
}

/** Uniform in initCenter ± initBound, slice by slice; float32 [length]. */
export function drawParams(slices: readonly Slice[], length: number, random: Random): Float32Array {
  const params = new Float32Array(length);
  for (const slice of slices) {
    const { offset, length, initBound, initCenter = 0 } = slice;
    if (initBound === 0) {
      params.fill(initCenter, offset, offset + length);
      continue;
    }
    for (let i = offset; i < offset + length; i++) {
      params[i] = initCenter + initBound * (2 * random.uniform() - 1);
    }
  }
  return params;
}

function layOut(layers: readonly Layer[], head: number) {
  const withKernel = layers.flatMap((layer, l) => (hasKernel(layer) ? [l] : []));
  const firstOfHead = withKernel[withKernel.length - head] ?? 0;
  const slices: Slice[] = [];
  const owners: number[] = [];
  let offset = 0;
  for (const [l, layer] of layers.entries()) {
    for (const slice of layer.slices) {
      const length = lengthOf(slice.shape);
      slices.push({ ...slice, offset, length, group: l >= firstOfHead ? 'head' : 'body' });
      owners.push(l);
      offset += length;
    }
  }
  return { slices, owners, length: offset };
}

function countFlops(layers: readonly Layer[]) {
  let forward = 0;
  let backward = 0;
  for (const [l, layer] of layers.entries()) {
    forward += layer.flops.forward;
    backward += layer.flops.params + (l > 0 ? layer.flops.input : 0);
  }
  return { forward, backward };
}
