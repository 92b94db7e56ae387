/** f_i(x) = a_i/2 ‖x − b_i‖²: a convex objective with known minimisers, for tests of theory. */
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { lengthOf } from '../data/dataset.js';
import { UsageError } from '../errors.js';
import { drawParams } from './layered.js';
import type { Model, ModelEntry, Slice } from './model.js';

interface QuadraticOptions {
  initBound: number;
}

/** A sample is (a, b_1 … b_d); the model has d params, all of them in the head. */
export const quadratic: ModelEntry<QuadraticOptions> = {
  id: 'quadratic',
  description: 'f(x) = a/2 ‖x − b‖² with (a, b) from the data: for tests of theory',
  options: z.strictObject({
    initBound: z.number().min(0).default(0).describe('params start uniform in ±initBound'),
  }),
  build(spec): Model {
    const dimension = lengthOf(spec.input) - 1;
    if (spec.classes !== 0 || dimension < 1) {
      throw new UsageError(
        'model-data-mismatch',
        `expected data rows (a, b_1 … b_d) without classes, such as "quadratic", got ${spec.classes} classes`,
        'model.use',
      );
    }
    const slice: Slice = {
      name: 'x',
      shape: [dimension],
      offset: 0,
      length: dimension,
      group: 'head',
      initBound: spec.options.initBound,
    };
    return {
      spec,
      length: dimension,
      slices: [slice],
      flops: { forward: 3 * dimension, backward: 2 * dimension },
      init: (random) => drawParams([slice], dimension, random),
      lossSum(engine, { params: [x], features }) {
        const { curvature, difference } = parts(engine, x!, features);
        const squares = engine.sum(engine.square(difference), 2, true);
        return engine.sum(engine.mul(engine.mul(squares, curvature), 0.5), [1, 2]);
      },
      gradient(engine, { params: [x], features, trainable, scale = 1 }) {
        const { curvature, difference } = parts(engine, x!, features);
        const batch = features.shape[1]!;
        const pull = engine.mul(difference, curvature);
        const squares = engine.sum(engine.mul(pull, difference), [1, 2]);
        return {
          loss: engine.div(engine.mul(squares, 0.5), batch),
          slices: [trainable === 'body' ? undefined : engine.mul(engine.sum(pull, 1), scale / batch)],
        };
      },
    };

    function parts(engine: typeof tf, x: tf.Tensor, features: tf.Tensor) {
      const [nodes, batch] = features.shape as [number, number];
      const curvature = engine.slice(features, [0, 0, 0], [nodes, batch, 1]);
      const target = engine.slice(features, [0, 0, 1], [nodes, batch, dimension]);
      return { curvature, difference: engine.sub(engine.reshape(x, [nodes, 1, dimension]), target) };
    }
  },
};
