/** A model that is a chain of layers with softmax cross-entropy on top. */
import type * as tf from '@tensorflow/tfjs-core';
import { lengthOf } from '../data/dataset.js';
import { further, type Place } from '../numeric/program.js';
import type { Random } from '../random.js';
import { chainGradients, chainProgram, hasProgram, outputOf, outputsOf } from './chain.js';
import { hasKernel, type Layer } from './layers/layer.js';
import { softmaxCrossEntropy } from './losses.js';
import type { Model, ModelSpec, Representation, Slice, StackedBatch, Trainable } from './model.js';

/**
 * Makes a model of layers.
 * @param layers in forward order; the last one gives the logits, and each takes in what the one before it gives
 * @param headLayers how many of the last layers with a kernel form the personal head
 * @public
 */
export function layered(spec: ModelSpec, layers: readonly Layer[], headLayers = 1): Model {
  const groups = groupsOf(layers, headLayers);
  const { slices, length } = layOut(layers, groups);
  const wantedOf = (trainable: Trainable) => ({
    params: layers.map(
      (layer, l) => layer.slices.length > 0 && (trainable === 'all' || groups[l] === trainable),
    ),
    input: false,
  });
  return {
    spec,
    length,
    slices,
    flops: countFlops(layers),
    init: (random) => drawParams(slices, length, random),
    logits: (engine, batch) => outputOf(engine, layers, flat(engine, batch)),
    lossSum(engine, batch) {
      const logits = outputOf(engine, layers, flat(engine, batch));
      return softmaxCrossEntropy(engine, logits, batch.labels).lossSum;
    },
    gradient(engine, { labels, trainable, scale, ...batch }) {
      const outputs = outputsOf(engine, layers, flat(engine, batch));
      const { lossSum, gradient } = softmaxCrossEntropy(engine, outputs.at(-1)!, labels, scale);
      const pass = { params: batch.params, outputs, outputGradient: gradient };
      const { ofParams } = chainGradients(engine, layers, pass, wantedOf(trainable));
      return { loss: engine.div(lossSum, batch.features.shape[1]!), slices: ofParams };
    },
    ...representationOf(layers, slices, headLayers),
    ...(hasProgram(layers) && {
      program: {
        forward(builder, input, samples) {
          const params = placesAt(PARAMS, slices);
          const pass = chainProgram(builder, layers, { params, input, samples });
          return {
            logits: pass.outputs.at(-1)!,
            backward(ofLogits, ofParams, trainable) {
              pass.backward(ofLogits, placesAt(ofParams, slices), wantedOf(trainable));
            },
          };
        },
      },
    }),
  };
}

const PARAMS: Place = { base: 'params', offset: 0 };

/** Where slices lie in a flat vector. */
function placesAt(vector: Place, slices: readonly Slice[]): Place[] {
  return slices.map(({ offset }) => further(vector, 4 * offset));
}

/** What a chain of layers takes in: the features of each sample in one row, float32 [nodes, batch, features]. */
function flat(engine: typeof tf, { params, features }: StackedBatch) {
  return { params, input: engine.reshape(features, [features.shape[0], features.shape[1]!, -1]) };
}

/** The representation, where the head is the last layer and has a kernel. */
function representationOf(
  layers: readonly Layer[],
  slices: readonly Slice[],
  headLayers: number,
): { representation?: Representation } {
  const head = layers.at(-1)!;
  if (headLayers !== 1 || !hasKernel(head)) return {};
  const body = layers.slice(0, -1);
  const wanted = { params: body.map(({ slices }) => slices.length > 0), input: false };
  const ofHead = head.slices.map(() => undefined);
  return {
    representation: {
      head,
      length: head.slices[0]!.shape[0]!,
      flops: countFlops(body),
      forward: (engine, batch) => outputsOf(engine, body, flat(engine, batch)),
      backward: (engine, pass) => [...chainGradients(engine, body, pass, wanted).ofParams, ...ofHead],
      ...(hasProgram(layers) && {
        program: {
          forward(builder, input, samples) {
            const pass = chainProgram(builder, body, { params: placesAt(PARAMS, slices), input, samples });
            return {
              embedding: pass.outputs.at(-1)!,
              backward: (ofEmbedding, ofParams) =>
                void pass.backward(ofEmbedding, placesAt(ofParams, slices), wanted),
            };
          },
        },
      }),
    },
  };
}

/** Uniform in initCenter ± initBound, slice by slice; float32 [length]. @public */
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

/** The group of each layer: the head begins with the first of its layers with a kernel. */
function groupsOf(layers: readonly Layer[], headLayers: number): Array<Slice['group']> {
  const withKernel = layers.flatMap((layer, l) => (hasKernel(layer) ? [l] : []));
  const firstOfHead = withKernel[withKernel.length - headLayers] ?? 0;
  return layers.map((_, l) => (l >= firstOfHead ? 'head' : 'body'));
}

function layOut(layers: readonly Layer[], groups: ReadonlyArray<Slice['group']>) {
  const slices: Slice[] = [];
  let offset = 0;
  for (const [l, layer] of layers.entries()) {
    for (const slice of layer.slices) {
      const length = lengthOf(slice.shape);
      slices.push({ ...slice, offset, length, group: groups[l]! });
      offset += length;
    }
  }
  return { slices, length: offset };
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
