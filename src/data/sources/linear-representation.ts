/**
 * Regression with a linear representation that is the same for all nodes and a linear head of each node:
 * y = w_iᵀBᵀx + ε with x ~ N(0, I), ε ~ N(0, noise²), B [dimension × rank] with orthonormal columns. The heads
 * w_0, w_1, … are √rank times e_1 … e_rank, −e_1 … −e_rank, and then the same again, so that 1/N · Σ w_i w_iᵀ is the
 * identity if rank divides the number N of nodes.
 */
import { z } from 'zod';
import { count } from '../../options/index.js';
import { orthonormal } from '../linear-algebra.js';
import { type DataSource, sharedFloats, sharedLabels, substream } from '../source.js';

/** Options of `linear-representation`. */
interface LinearRepresentationOptions {
  readonly dimension: number;
  readonly rank: number;
  readonly samples: number;
  readonly test: number;
  readonly noise: number;
}

/**
 * The rows of one node are consecutive, in the training and in the test part, as the split `by-node` needs them. More
 * nodes or samples do not change the others. `truth.representation` is B, float32 [dimension × rank], and `truth.heads`
 * the heads, float32 [nodes × rank], both row-major.
 */
export const linearRepresentation: DataSource<LinearRepresentationOptions> = {
  id: 'linear-representation',
  description:
    'regression with a common linear representation and a linear head for each node; use with split by-node',
  reference:
    'Collins, Hassani, Mokhtari, Shakkottai, Exploiting Shared Representations for Personalized Federated Learning, ICML 2021 (linear setting)',
  options: z
    .strictObject({
      dimension: count().default(20).describe('number of features of a sample'),
      rank: count().default(2).describe('dimension of the representation, at most `dimension`'),
      samples: count()
        .default(14_400)
        .describe('training samples per node; the default is enough for 600 rounds of 6 batches of 4'),
      test: count(0).default(100).describe('test samples per node'),
      noise: z.number().min(0).default(1).describe('standard deviation of the noise ε of the targets'),
    })
    .refine(({ rank, dimension }) => rank <= dimension, {
      error: 'expected a rank of at most the dimension',
      path: ['rank'],
    }),
  size: ({ dimension, rank, samples, test }, { nodes }) => ({
    rows: nodes * (samples + test),
    shape: [dimension],
    classes: 0,
    bytesPerFeature: 4,
    // A target beside the label, and the heads and the representation.
    labels: 2,
    more: 8 * rank * (nodes + dimension),
  }),
  async load({ dimension, rank, samples, test, noise }, { random, nodes }) {
    const rows = nodes * (samples + test);
    const features = sharedFloats(rows * dimension);
    const targets = sharedFloats(rows);
    const representation = orthonormal(dimension, rank, substream(random));
    const heads = headsOf(nodes, rank);
    for (let node = 0; node < nodes; node++) {
      const weights = combine(representation, heads.subarray(node * rank, (node + 1) * rank));
      const streams = { train: substream(random), test: substream(random) };
      for (const [from, length, stream] of [
        [node * samples, samples, streams.train],
        [nodes * samples + node * test, test, streams.test],
      ] as const) {
        for (let row = from; row < from + length; row++) {
          const sample = features.subarray(row * dimension, (row + 1) * dimension);
          let y = 0;
          for (let k = 0; k < dimension; k++) {
            sample[k] = stream.normal();
            y += weights[k]! * sample[k]!;
          }
          targets[row] = y + noise * stream.normal();
        }
      }
    }
    return {
      id: 'linear-representation',
      shape: [dimension],
      features,
      scale: 1,
      labels: sharedLabels(rows),
      targets,
      classes: 0,
      train: nodes * samples,
      test: nodes * test,
      truth: { representation: Float32Array.from(representation), heads: Float32Array.from(heads) },
    };
  },
};

/** float64 [nodes × rank]. */
function headsOf(nodes: number, rank: number): Float64Array {
  const heads = new Float64Array(nodes * rank);
  for (let node = 0; node < nodes; node++) {
    const sign = Math.floor(node / rank) % 2 === 0 ? 1 : -1;
    heads[node * rank + (node % rank)] = sign * Math.sqrt(rank);
  }
  return heads;
}

/** B·w. */
function combine(representation: Float64Array, head: Float64Array): Float64Array {
  return Float64Array.from({ length: representation.length / head.length }, (_, k) =>
    head.reduce((sum, weight, j) => sum + weight * representation[k * head.length + j]!, 0),
  );
}
