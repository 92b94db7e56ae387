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
 * Differences from the paper: in it all clients answer in every round; here the server keeps the last θ_i of each, and (E) and (M) are
 * over all that have ever answered. A client that never has gets the average of all θ_i, at first the common params; so do all
 * until K clients have answered. Then the centers are K of the θ_i: the first, and each time the one farthest from those chosen (the paper
 * clusters by k-means, and does not say from where). A center without members becomes the θ_i that is farthest from its own. (M)
 * is weighted by samples, so with K = 1 and all clients this is FedAvg; neither (E) nor (M) increases Σ_i n_i ‖θ_i − c_{r_i}‖². An
 * optimiser that keeps its state from round to round does so when the client's center changes.
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
  /** The average of all θ_i. */
  average: Float32Array;
  /** c_1 … c_K; none until K clients have answered. */
  centers: readonly Float32Array[];
  /** r_i, counted from 0; −1 where there is none yet: [clients]. */
  assignment: Int32Array;
  /** The last answers: [clients], null where there is none. */
  points: readonly (Point | null)[];
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
    evaluate: ({ adapted }, { id, server }) => ({
      adapted: { params: adapted },
      mixed: { params: modelOf(server, server.assignment[id]!) },
    }),
  },
  server: {
    init: ({ initialParams, nodes }) => ({
      average: initialParams,
      centers: [],
      assignment: new Int32Array(nodes).fill(-1),
      points: Array.from({ length: nodes }, () => null),
    }),
    globals: (_node, server, clients) =>
      [-1, ...server.centers.keys()].flatMap((k) => {
        const to = clients.filter((id) => server.assignment[id] === k);
        return to.length === 0 ? [] : [{ body: { values: modelOf(server, k) }, to }];
      }),
    aggregate(node, server, updates) {
      const { centers: K, emSteps } = node.options;
      const latest = Array.from(server.points);
      for (const { from, body } of updates)
        latest[from] = { values: body.values.values, samples: body.samples };
      server.points = latest;
      const clients = latest.flatMap((point, id) => (point === null ? [] : [id]));
      const points = clients.map((id) => latest[id]!);
      server.average = sampleWeightedMean(points);
      if (points.length < Math.min(K, node.nodes)) return;
      let centers = server.centers.length > 0 ? server.centers : farthestFirst(points, K);
      const assignment = Int32Array.from(server.assignment);
      for (let step = 0; step < emSteps; step++) {
        for (const [p, { values }] of points.entries())
          assignment[clients[p]!] = nearestTo(values, centers, assignment[clients[p]!]);
        centers = means(
          points,
          clients.map((id) => assignment[id]!),
          centers,
        );
      }
      Object.assign(server, { centers, assignment });
    },
  },
});

/** What the clients of center k get; −1: those of none. */
function modelOf({ centers, average }: Server, k: number): Float32Array {
  return centers[k] ?? average;
}

/** The first point, then each time the one farthest from those chosen, ties to the first: `count` points. */
function farthestFirst(points: readonly Point[], count: number): Float32Array[] {
  const chosen = [points[0]!.values];
  while (chosen.length < count) {
    const gaps = points.map(({ values }) => Math.min(...chosen.map((center) => squaredGap(values, center))));
    chosen.push(points[indexOfLargest(gaps)]!.values);
  }
  return chosen;
}

/** (E). A distance that is NaN is the largest; where all are, as for a client that has diverged, it is `before`, or the first. */
export function nearestTo(values: Float32Array, centers: readonly Float32Array[], before = -1): number {
  const gaps = centers.map((center) => squaredGap(values, center));
  if (gaps.every(Number.isNaN)) return Math.max(0, before);
  return indexOfLargest(gaps.map((gap) => (Number.isNaN(gap) ? Number.NEGATIVE_INFINITY : -gap)));
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
