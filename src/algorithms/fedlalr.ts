/**
 * FedLALR: federated averaging with AMSGrad, whose step sizes each client adapts by itself; the server averages the moments
 * with the models.
 *
 * Reference: H. Sun, L. Shen, S. Chen, J. Sun, J. Li, G. Sun, D. Tao, "FedLALR: Client-Specific Adaptive Learning Rates Achieve
 * Linear Speedup for Non-IID Data", IEEE Transactions on Neural Networks and Learning Systems, 2024 (arXiv:2309.09719).
 *
 * x, m, v̂: model, mean of gradients, largest mean square. K local steps on client i in S_t, from x, m and v_i = v̂_i = v̂:
 *   (1) m_i ← β₁m_i + (1−β₁)g_i,  v_i ← β₂v_i + (1−β₂)g_i²,  v̂_i ← max(v̂_i, v_i)
 *   (2) x_i ← x_i − η m_i / (√v̂_i + ε)
 *   server:  (x, m, v̂) ← Σ_{i∈S_t} n_i (x_i, m_i, v̂_i) / Σ_{i∈S_t} n_i
 *
 * Messages   | content                    | payload bytes, params = d
 * `global`   | x, m and v̂, to each of S_t | 12·d with float32; with `share: model` x alone, 4·d
 * `update`   | x_i, m_i, v̂_i and n_i      | 12·d + 4; with `share: model` x_i and n_i, 4·d + 4
 *
 * Differences from the paper: written from its abstract, from memory, and from how others quote line 3 of its Algorithm 1. v̂ is 0 at first, and
 * ε stands in the denominator; in the paper v̂ is ε² at first. Averages are weighted by samples. β₂ is 0.99 by default (paper: 0.995
 * and 0.998). `share: model` is ours: m_i, v_i and v̂_i stay on their client from round to round, and are 0 at first; in the paper's
 * two variants m is not sent, or the server takes the largest v̂_i. A `codec` is for x and x_i alone: m and v̂ stay float32, since (2)
 * divides what is rounded in m by ε where v̂ is 0, or is rounded to 0.
 */
import { z } from 'zod';
import type { CodecContext, NodeContext } from '../learning/algorithm.js';
import { type FederatedAlgorithm, federated, federatedOptions } from '../learning/federated.js';
import {
  type AveragedClient,
  type AveragingServer,
  averagedClient,
  averagingMessages,
  averagingServer,
  clientTraining,
} from '../learning/federated-averaging.js';
import { trainingOptions } from '../learning/local-training.js';
import { optimizerOption } from '../models/optimizers/index.js';
import { float32 } from '../wire/float32.js';
import { createParamsCodec, paramsCodecOption } from '../wire/index.js';
import { inParts } from '../wire/parts.js';

const { optimizer: _optimizer, restartOptimizer: _restart, ...training } = trainingOptions;

const options = z
  .strictObject({
    ...training,
    ...federatedOptions,
    learningRate: z.number().positive().default(0.01).describe('η, step size'),
    beta1: z.number().min(0).lt(1).default(0.9).describe('β₁, decay of the mean of the gradient'),
    beta2: z.number().min(0).lt(1).default(0.99).describe('β₂, decay of the mean of its square'),
    epsilon: z.number().positive().default(1e-8).describe('ε, added to the root of the largest mean square'),
    share: z
      .enum(['moments', 'model'])
      .default('moments')
      .describe('moments: model, m and v̂ are averaged; model: the model alone, a third of the bytes'),
    codec: paramsCodecOption().describe(
      'how models are encoded: a dense codec, or delta around any; moments are always float32; default: float32',
    ),
  })
  .transform((given) => {
    const { beta1, beta2, epsilon } = given;
    const optimizer = optimizerOption().parse({ use: 'amsgrad', beta1, beta2, epsilon });
    return { ...given, optimizer, restartOptimizer: false };
  });

type Options = z.output<typeof options>;

/** How many vectors of d numbers a message has: x, m and v̂, or x alone. */
function vectorsOf({ share }: Options): number {
  return share === 'moments' ? 3 : 1;
}

export const fedlalr: FederatedAlgorithm<AveragedClient, AveragingServer, Options> = federated({
  id: 'fedlalr',
  description: 'federated averaging of models and AMSGrad moments; each client adapts its own step sizes',
  reference:
    'Sun et al., FedLALR: Client-Specific Adaptive Learning Rates Achieve Linear Speedup for Non-IID Data, TNNLS 2024',
  options,
  contentFree: true,
  messages: averagingMessages(({ model, options }: CodecContext<Options>) => {
    const { length } = model;
    const moments = (vectorsOf(options) - 1) * length;
    return inParts([
      { length, codec: createParamsCodec(options.codec, model) },
      ...(moments > 0 ? [{ length: moments, codec: float32(moments) }] : []),
    ]);
  }),
  client: {
    ...averagedClient,
    receive({ model: { length }, options }: NodeContext<Options>, client, { values }) {
      client.params = values.slice(0, length);
      if (options.share === 'model') return;
      const [m, largest] = [values.subarray(length, 2 * length), values.subarray(2 * length)];
      const state = new Float32Array(3 * length);
      // m, v and v̂, which v starts from.
      for (const [k, part] of [m, largest, largest].entries()) state.set(part, k * length);
      client.training.optimizerState = state;
    },
    steps: [clientTraining<AveragedClient, Options>()],
    update({ model: { length }, shard, options }: NodeContext<Options>, { params, training }) {
      const values = new Float32Array(vectorsOf(options) * length);
      values.set(params);
      if (options.share === 'moments') {
        const state = training.optimizerState!;
        values.set(state.subarray(0, length), length);
        values.set(state.subarray(2 * length), 2 * length);
      }
      return { values: { values }, samples: shard.train.length };
    },
    // The model of what the server has.
    evaluate: ({ adapted }, { model, server }) => ({
      adapted: { params: adapted },
      mixed: { params: server.values.slice(0, model.length) },
    }),
  },
  server: {
    ...averagingServer,
    init({ initialParams, options }) {
      const values = new Float32Array(vectorsOf(options) * initialParams.length);
      values.set(initialParams);
      return { values };
    },
  },
});
