/**
 * FeSEM, multi-center federated learning: a server with several global models; it assigns each client to the one that is
 * nearest to the client's params, and sends it that one alone.
 *
 * Reference: G. Long, M. Xie, T. Shen, T. Zhou, X. Wang, J. Jiang, "Multi-center Federated Learning: Clients Clustering for
 * Better Personalization", World Wide Web 26, 2023 (arXiv:2108.08647), Algorithm 1.
 *
 * θ_i: params that client i has sent; c_1 … c_K: centers; r_i: the center of client i.
 *   server:   r_i = argmin_k ‖θ_i − c_k‖², ties to the lowest k                       (E)
 *             c_k = Σ_{i: r_i = k} n_i θ_i / Σ_{i: r_i = k} n_i                       (M); both `emSteps` times
 *   client i in S_t:  θ_i ← local SGD from c_{r_i}
 *
 * Messages   | content                    | payload bytes, params = d
 * `global`   | c_{r_i}, to each of S_t    | 4·d
 * `update`   | θ_i and n_i                | 4·d + 4
 *
 * Differences from the paper: (M) is weighted by samples, so K = 1 is FedAvg; neither (E) nor (M) increases
 * Σ_i n_i ‖θ_i − c_{r_i}‖². All centers start from the common params. After the first round they are K of its answers: the
 * first, and then each time the one farthest from those chosen (the paper clusters by k-means, and does not say from where). A
 * center without members becomes the θ_i that is farthest from its own. Only the answers of a round are assigned anew; a
 * client that has never answered is assigned to its id modulo K.
 */
import { z } from 'zod';
import type { CodecContext } from '../learning/algorithm.js';
import { type FederatedAlgorithm, federated, federatedOptions } from '../learning/federated.js';
import {
  type AveragedClient,
  averagedClient,
  averagingMessages,
  clientTraining,
  sampleWeightedMean,
} from '../learning/federated-averaging.js';
import { trainingOptions } from '../learning/local-training.js';
import { count } from '../options/index.js';
import { createParamsCodec, paramsCodecOption } from '../wire/index.js';

interface Server {
  /** c_1 … c_K. */
  centers: Float32Array[];
  /** r_i, counted from 0: [clients]. */
  assignment: Int32Array;
  /** Whether the centers are still the common params. */
  fresh: boolean;
}

/** A client's answer: θ_i and n_i. */
interface Point {
  readonly values: Float32Array;
  readonly samples: number;
}

const options = z.strictObject({
  ...trainingOptions,
  ...federatedOptions,
  codec: paramsCodecOption(),
  centers: count().default(2).describe('K, the number of global models'),
  emSteps: count().default(5).describe('how often the server repeats (E) and (M) in each round'),
});

type Options = z.output<typeof options>;

export const multiCenter: FederatedAlgorithm<AveragedClient, Server, Options> = federated({
  id: 'multi-center',
  description: 'FeSEM: a server with several global models, each the average of the clients nearest to it',
  reference:
    'Long et al., Multi-center Federated Learning: Clients Clustering for Better Personalization (FeSEM), WWW 2023',
  options,
  contentBound: 'serves the clients center by center, and assigns them to centers by their params',
  messages: averagingMessages(({ options: { codec }, model }: CodecContext<Options>) =>
    createParamsCodec(codec, model),
  ),
  client: {
    ...averagedClient,
    steps: [clientTraining()],
    // The center of the client.
    evaluate: ({ adapted }, { id, server: { centers, assignment } }) => ({
      adapted: { params: adapted },
      mixed: { params: centers[assignment[id]!]! },
    }),
  },
  server: {
    init: ({ initialParams, nodes, options: { centers } }) => ({
      centers: Array.from({ length: centers }, () => initialParams),
      assignment: Int32Array.from({ length: nodes }, (_, id) => id % centers),
      fresh: true,
    }),
    globals: (_node, { centers, assignment }, clients) =>
      centers.flatMap((values, k) => {
        const to = clients.filter((id) => assignment[id] === k);
        return to.length === 0 ? [] : [{ body: { values }, to }];
      }),
    aggregate(node, server, updates) {
      const points = updates.map(({ body }) => ({ values: body.values.values, samples: body.samples }));
      const { centers: K, emSteps } = node.options;
      let centers = server.fresh ? farthestFirst(points, K) : server.centers;
      let nearest: number[] = [];
      for (let step = 0; step < emSteps; step++) {
        nearest = points.map(({ values }) => nearestTo(values, centers));
        centers = means(points, nearest, centers);
      }
      const assignment = Int32Array.from(server.assignment);
      for (const [u, { from }] of updates.entries()) assignment[from] = nearest[u]!;
      Object.assign(server, { centers, assignment, fresh: false });
    },
  },
});

/** The first point, then each time the one farthest from those chosen, ties to the first: `count` points. */
function farthestFirst(points: readonly Point[], count: number): Float32Array[] {
  const chosen = [points[0]!.values];
  while (chosen.length < count) {
    const gaps = points.map(({ values }) => Math.min(...chosen.map((center) => squaredGap(values, center))));
    chosen.push(points[indexOfLargest(gaps)]!.values);
  }
  return chosen;
}

/** (E). */
export function nearestTo(values: Float32Array, centers: readonly Float32Array[]): number {
  return indexOfLargest(centers.map((center) => -squaredGap(values, center)));
}

/** (M); a center without members becomes the point farthest from its own center, each such point once. */
export function means(
  points: readonly Point[],
  nearest: readonly number[],
  centers: readonly Float32Array[],
): Float32Array[] {
  const gaps = points.map(({ values }, p) => squaredGap(values, centers[nearest[p]!]!));
  return centers.map((_, k) => {
    const members = points.filter((_, p) => nearest[p] === k);
    if (members.length > 0) return sampleWeightedMean(members);
    const farthest = indexOfLargest(gaps);
    gaps[farthest] = -1;
    return points[farthest]!.values;
  });
}

/** ‖a − b‖² in float64. */
function squaredGap(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum;
}

/** Of equal ones the first. */
function indexOfLargest(numbers: readonly number[]): number {
  let best = 0;
  for (const [k, value] of numbers.entries()) if (value > numbers[best]!) best = k;
  return best;
}
