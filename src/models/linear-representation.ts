/** A linear representation (body) and a linear head: ŷ = wᵀBᵀx, the setting of the theory of DePRL and FedRep. */
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { lengthOf } from '../data/dataset.js';
import { UsageError } from '../errors.js';
import { count } from '../options/index.js';
import { drawParams } from './layered.js';
import type { LabelledBatch, Model, ModelEntry, Slice } from './model.js';

interface LinearRepresentationOptions {
  rank: number;
}

/**
 * Body B [features × rank], head w [rank]; the loss of a sample is (ŷ − y)²/2, so that the gradient by ŷ is ŷ − y.
 * B starts uniform with columns of unit expected square norm (±√(3/features)), w at zero: a method that fits the head
 * first starts from the best head of a random representation.
 */
export const linearRepresentation: ModelEntry<LinearRepresentationOptions> = {
  id: 'linear-representation',
  description: 'regression ŷ = wᵀBᵀx with squared loss (ŷ − y)²/2; body: B, head: w',
  options: z.strictObject({
    rank: count().default(2).describe('number of columns of B, and of numbers of w'),
  }),
  build(spec): Model {
    const { rank } = spec.options;
    const features = lengthOf(spec.input);
    requireRegression(spec.classes, features, rank);
    const slices = layOut(features, rank);
    const length = features * rank + rank;
    return {
      spec,
      length,
      slices,
      flops: { forward: 2 * features * rank + 2 * rank + 3, backward: 2 * features * rank + 3 * rank },
      init: (random) => drawParams(slices, length, random),
      lossSum(engine, batch) {
        const { error } = predict(engine, batch);
        return engine.mul(engine.sum(engine.square(error), [1, 2]), 0.5);
      },
      gradient(engine, { trainable, scale = 1, ...given }) {
        const { x, w, represented, error } = predict(engine, given);
        const batch = x.shape[1]!;
        const pull = engine.mul(error, scale / batch);
        // ∂/∂B = Σ (ŷ − y) x wᵀ, ∂/∂w = Σ (ŷ − y) Bᵀx.
        const ofBody = () => engine.matMul(x, engine.mul(pull, w), true, false);
        const ofHead = () => engine.sum(engine.mul(pull, represented), 1);
        return {
          loss: engine.mul(engine.sum(engine.square(error), [1, 2]), 0.5 / batch),
          slices: [trainable === 'head' ? undefined : ofBody(), trainable === 'body' ? undefined : ofHead()],
        };
      },
    };
  },
};

/** x [nodes, batch, features], w [nodes, 1, rank], Bᵀx [nodes, batch, rank], ŷ − y [nodes, batch, 1]. */
function predict(engine: typeof tf, { params, features, labels }: LabelledBatch) {
  const [b, head] = params as [tf.Tensor, tf.Tensor];
  const [nodes, batch] = features.shape as [number, number];
  if (!(labels instanceof Float32Array)) {
    throw new UsageError(
      'model-data-mismatch',
      'expected data with real targets for model "linear-representation", such as data "linear-representation"',
      'model.use',
    );
  }
  const x = engine.reshape(features, [nodes, batch, -1]);
  const w = engine.reshape(head, [nodes, 1, -1]);
  const represented = engine.matMul(x, b);
  const predicted = engine.sum(engine.mul(represented, w), 2, true);
  const error = engine.sub(predicted, engine.tensor(labels, [nodes, batch, 1]));
  return { x, w, represented, error };
}

function layOut(features: number, rank: number): [Slice, Slice] {
  const length = features * rank;
  return [
    {
      name: 'representation',
      shape: [features, rank],
      offset: 0,
      length,
      group: 'body',
      initBound: Math.sqrt(3 / features),
    },
    { name: 'head', shape: [rank], offset: length, length: rank, group: 'head', initBound: 0 },
  ];
}

function requireRegression(classes: number, features: number, rank: number): void {
  if (classes !== 0) {
    throw new UsageError(
      'model-data-mismatch',
      `expected data with real targets and no classes for model "linear-representation", got ${classes} classes`,
      'model.use',
    );
  }
  if (rank > features) {
    throw new UsageError(
      'rank-too-great',
      `expected a rank of at most ${features} (the number of features), got ${rank}`,
      'model.rank',
    );
  }
}
