/**
 * Four related objectives on one kind of sample: x ~ N(0, Σ), and label k says whether x_k is above its mean, for the
 * first four coordinates. Σ_kk = 1, and Σ_kl = ρ·s_k·s_l for k ≠ l among the first four with s = (+, −, −, +), else 0:
 * attributes 0 and 3 are positively correlated, and so are 1 and 2; an attribute of one pair and one of the other are
 * negatively correlated. Two attributes have equal labels on a share 1/2 ± asin(ρ)/π of the samples.
 */
import { z } from 'zod';
import { count } from '../../options/index.js';
import type { Random } from '../../random.js';
import { cholesky } from '../linear-algebra.js';
import { type DataSource, sharedFloats, sharedLabels, substream } from '../source.js';

/** Options of `gaussian-attributes`. */
interface GaussianAttributesOptions {
  readonly dimension: number;
  readonly rho: number;
  readonly train: number;
  readonly test: number;
  readonly publicRows: number;
}

const SIGNS = [1, -1, -1, 1] as const;
const ATTRIBUTES = SIGNS.length;

/** Each part draws its samples from a stream of its own, one after the other: more of them change no other sample. */
export const gaussianAttributes: DataSource<GaussianAttributesOptions> = {
  id: 'gaussian-attributes',
  description:
    'correlated Gaussian samples with four binary labels each, the signs of the first four coordinates',
  reference:
    'Mortaheb and Ulukus, Personalized Decentralized Multi-Task Learning Over Dynamic Communication Graphs, 2022 (Gaussian experiment)',
  options: z.strictObject({
    dimension: count(ATTRIBUTES).default(10).describe('number of features of a sample'),
    rho: z
      .number()
      .gt(-1 / 3)
      .lt(1)
      .default(0.8)
      .describe('correlation ρ of attributes 0 and 3, and of 1 and 2 (the paper does not give it)'),
    train: count().default(30_000).describe('training samples'),
    test: count().default(10_000).describe('test samples'),
    publicRows: count(0).default(10_000).describe('public samples, which every node has besides its own'),
  }),
  size: ({ dimension, train, test, publicRows }) => ({
    rows: train + test + publicRows,
    shape: [dimension],
    classes: 2,
    bytesPerFeature: 4,
    labels: ATTRIBUTES,
  }),
  async load({ dimension, rho, train, test, publicRows }, { random }) {
    const rows = train + test + publicRows;
    const features = sharedFloats(rows * dimension);
    const labels = sharedLabels(rows * ATTRIBUTES);
    const streams = { train: substream(random), test: substream(random), publicRows: substream(random) };
    const factor = cholesky(covariance(rho));
    const fill = (from: number, length: number, stream: Random) => {
      for (let row = from; row < from + length; row++) {
        const sample = features.subarray(row * dimension, (row + 1) * dimension);
        drawSample(sample, factor, stream);
        for (let k = 0; k < ATTRIBUTES; k++) labels[row * ATTRIBUTES + k] = sample[k]! > 0 ? 1 : 0;
      }
    };
    fill(0, train, streams.train);
    fill(train, test, streams.test);
    fill(train + test, publicRows, streams.publicRows);
    return {
      id: 'gaussian-attributes',
      shape: [dimension],
      features,
      scale: 1,
      labels,
      attributes: ATTRIBUTES,
      classes: 2,
      train,
      test,
      publicRows,
    };
  },
};

/** Σ for the first four coordinates; the rest of it is the identity. */
function covariance(rho: number): number[][] {
  return SIGNS.map((a, k) => SIGNS.map((b, l) => (k === l ? 1 : rho * a * b)));
}

/** x = C·z on the first coordinates, x = z on the others; z is drawn in the order of the coordinates. */
function drawSample(sample: Float32Array, factor: readonly number[][], random: Random): void {
  const z = Float64Array.from(sample, () => random.normal());
  for (let k = 0; k < sample.length; k++) {
    let x = 0;
    if (k >= ATTRIBUTES) x = z[k]!;
    else for (let l = 0; l <= k; l++) x += factor[k]![l]! * z[l]!;
    sample[k] = x;
  }
}
