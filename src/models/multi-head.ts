/** Several heads on one embedding: a model's own head, and auxiliary heads of the same shape behind its params. */
import type * as tf from '@tensorflow/tfjs-core';
import { UsageError } from '../errors.js';
import type { Random } from '../random.js';
import { drawParams } from './layered.js';
import type { Model, Representation, Slice } from './model.js';

/** Numbers of params: of the body, which all heads have in common, and of one head. @public */
export interface HeadSizes {
  readonly body: number;
  readonly head: number;
}

/** A model with m auxiliary heads. Its params are those of the model, then those of auxiliary heads 1 … m. @public */
export interface MultiHead {
  readonly model: Model;
  readonly representation: Representation;
  /** m. */
  readonly auxiliary: number;
  readonly slices: readonly Slice[];
  /** body + (m + 1) · head. */
  readonly length: number;
  readonly sizes: HeadSizes;
}

/** Puts m auxiliary heads on a model. Throws a UsageError where its head is not one layer on an embedding. @public */
export function multiHead(model: Model, auxiliary: number): MultiHead {
  const { representation, spec } = model;
  if (representation === undefined) {
    throw new UsageError(
      'no-embedding',
      `expected a model with a head of one dense layer, beside which auxiliary heads can be put, got "${spec.use}": use ` +
        'a model of layers with headLayers: 1 (mlp, cnn)',
      'model.use',
    );
  }
  const own = model.slices.slice(-representation.head.slices.length);
  const head = own.reduce((sum, { length }) => sum + length, 0);
  const heads = Array.from({ length: auxiliary }, (_, k) =>
    own.map((slice) => ({
      ...slice,
      name: `auxiliary${k + 1}/${slice.name}`,
      offset: slice.offset + (k + 1) * head,
    })),
  );
  return {
    model,
    representation,
    auxiliary,
    slices: [...model.slices, ...heads.flat()],
    length: model.length + auxiliary * head,
    sizes: { body: model.length - head, head },
  };
}

/** The slices of one head: 0 is the model's own, k the k-th auxiliary. @public */
export function headSlices<Item>(multi: MultiHead, slices: readonly Item[], head: number): Item[] {
  const from = firstSlice(multi, head);
  return slices.slice(from, from + multi.representation.head.slices.length);
}

/** Index of the first slice of a head. @public */
export function firstSlice({ model, representation }: MultiHead, head: number): number {
  return model.slices.length + (head - 1) * representation.head.slices.length;
}

/** What one head takes in. @public */
export interface HeadInput {
  /** 0 is the model's own head, k the k-th auxiliary one. */
  readonly head: number;
  /** One tensor for each slice of the model with all its heads: float32 [nodes, …slice.shape]. */
  readonly params: readonly tf.Tensor[];
  /** float32 [nodes, batch, E]. */
  readonly embedding: tf.Tensor;
}

/** Class logits of one head, float32 [nodes, batch, classes]. @public */
export function headLogits(
  engine: typeof tf,
  multi: MultiHead,
  { head, params, embedding }: HeadInput,
): tf.Tensor {
  const own = headSlices(multi, params, head);
  return multi.representation.head.forward(engine, { params: own, input: embedding });
}

/** The model's initial params, then drawn params of the auxiliary heads: float32 [length]. @public */
export function initHeads(multi: MultiHead, initial: Float32Array, random: Random): Float32Array {
  const params = drawParams(multi.slices.slice(multi.model.slices.length), multi.length, random);
  params.set(initial);
  return params;
}

/** The params of the model with one of the heads: float32 [body + head]. @public */
export function paramsWithHead(params: Float32Array, { body, head }: HeadSizes, k: number): Float32Array {
  const joined = new Float32Array(body + head);
  joined.set(params.subarray(0, body));
  joined.set(params.subarray(body + k * head, body + (k + 1) * head), body);
  return joined;
}
