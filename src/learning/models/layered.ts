/** A model that is a chain of layers with softmax cross-entropy on top. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../../random.js';
import { type Layer, softmaxCrossEntropy } from '../layers.js';
import type { Gradient, Labels, Model, ModelSpec, Slice, Trainable } from '../model.js';

type Engine = typeof tf;

/**
 * @param layers in forward order; the last one gives the logits
 * @param head how many of the last layers with params form the personal head
 */
export function layered(spec: ModelSpec, layers: readonly Layer[], head = 1): Model {
  const { slices, owners, length } = layOut(layers, head);
  const own = (params: readonly tf.Tensor[], layer: number) => params.filter((_, s) => owners[s] === layer);
  const wanted = (layer: number, trainable: Trainable) =>
    slices.some((slice, s) => owners[s] === layer && (trainable === 'all' || slice.group === trainable));

  const flat = (engine: Engine, features: tf.Tensor): tf.Tensor =>
    engine.reshape(features, [features.shape[0]!, features.shape[1]!, -1]);

  /** Outputs of all layers, the input first. */
  const forward = (engine: Engine, params: readonly tf.Tensor[], features: tf.Tensor): tf.Tensor[] => {
    const outputs = [flat(engine, features)];
    for (const [l, layer] of layers.entries()) {
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
    const result: Array<tf.Tensor | undefined> = slices.map(() => undefined);
    const lowest = layers.findIndex((_, l) => wanted(l, trainable));
    let outputGradient = gradient;
    for (let l = layers.length - 1; l >= lowest; l--) {
      const layer = layers[l]!;
      if (wanted(l, trainable)) {
        const ofParams = engine.tidy(() => layer.paramsGradient(engine, outputs[l]!, outputGradient));
        let next = 0;
        for (const [s, owner] of owners.entries()) if (owner === l) result[s] = ofParams[next++];
      }
      if (l > lowest) {
        const below = engine.tidy(() =>
          layer.inputGradient(engine, own(params, l), outputs[l + 1]!, outputGradient, outputs[l]!),
        );
        outputGradient.dispose();
        outputGradient = below;
      }
    }
    const batch = features.shape[1]!;
    return { loss: engine.div(lossSum, batch), slices: result };
  };

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
  };
}

/** Uniform in ±initBound, slice by slice; float32 [length]. */
export function drawParams(slices: readonly Slice[], length: number, random: Random): Float32Array {
  const params = new Float32Array(length);
  for (const slice of slices) {
    if (slice.initBound === 0) continue;
    for (let i = 0; i < slice.length; i++) {
      params[slice.offset + i] = slice.initBound * (2 * random.uniform() - 1);
    }
  }
  return params;
}

function layOut(layers: readonly Layer[], head: number) {
  const withParams = layers.flatMap((layer, l) => (layer.slices.length > 0 ? [l] : []));
  const firstOfHead = withParams[withParams.length - head] ?? 0;
  const slices: Slice[] = [];
  const owners: number[] = [];
  let offset = 0;
  for (const [l, layer] of layers.entries()) {
    for (const slice of layer.slices) {
      const length = slice.shape.reduce((product, size) => product * size, 1);
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
