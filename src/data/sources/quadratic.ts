/**
 * Quadratics, for tests of theory: node i has f_i(x) = a_i/2 · ‖x − b_i‖², so that fixed points and rates have closed
 * forms. The row of node i is (a_i, b_i1 … b_id), with a_i uniform and b_i normal.
 */
import { z } from 'zod';
import { count } from '../../options/index.js';
import { type DataSource, sharedFloats, sharedLabels } from '../source.js';

/** Options of `quadratic`. */
interface QuadraticOptions {
  readonly dimension: number;
  readonly curvature: readonly [number, number];
  readonly deviation: number;
}

/**
 * One row per node, drawn in node order, so that more nodes do not change the first ones. The test part has the same rows
 * again: the loss over all of it is the global objective, the mean of all f_i.
 */
export const quadratic: DataSource<QuadraticOptions> = {
  id: 'quadratic',
  description: 'one quadratic per node, a/2·‖x − b‖², with known optima; use with split by-node',
  options: z.strictObject({
    dimension: count().default(10).describe('number of coordinates of x'),
    curvature: z
      .tuple([z.number().positive(), z.number().positive()])
      .refine(([from, to]) => from <= to, { error: 'expected the lower end of the curvature first' })
      .default([0.5, 1.5])
      .describe('least and greatest a, which is drawn uniformly between them'),
    deviation: z
      .number()
      .min(0)
      .default(3)
      .describe('standard deviation of each coordinate of b, whose mean is 0'),
  }),
  size: ({ dimension }, { nodes }) => ({
    rows: 2 * nodes,
    shape: [1 + dimension],
    classes: 0,
    bytesPerFeature: 4,
  }),
  async load({ dimension, curvature: [from, to], deviation }, { random, nodes }) {
    const width = 1 + dimension;
    const features = sharedFloats(2 * nodes * width);
    for (let node = 0; node < nodes; node++) {
      features[node * width] = from + (to - from) * random.uniform();
      for (let k = 1; k < width; k++) features[node * width + k] = deviation * random.normal();
    }
    features.copyWithin(nodes * width, 0, nodes * width);
    return {
      id: 'quadratic',
      shape: [width],
      features,
      scale: 1,
      labels: sharedLabels(2 * nodes),
      classes: 0,
      train: nodes,
      test: nodes,
    };
  },
};
