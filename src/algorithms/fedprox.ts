/**
 * FedProx: FedAvg whose clients are pulled towards the model that they received, so that local steps lead less far away.
 *
 * Reference: T. Li, A. K. Sahu, M. Zaheer, M. Sanjabi, A. Talwalkar, V. Smith, "Federated Optimization in Heterogeneous
 * Networks", MLSys 2020, Algorithm 2.
 *
 *   client i in S_t:  x_i ≈ argmin_w  f_i(w) + μ/2 ‖w − x‖²                  by local steps from x     (2)
 *   server:           x ← Σ_{i∈S_t} n_i x_i / Σ_{i∈S_t} n_i
 *
 * Messages   | content            | payload bytes, params = d
 * `global`   | x, to each of S_t  | 4·d with float32
 * `update`   | x_i and n_i        | 4·d + 4 with float32
 *
 * Differences from the paper: clients are drawn with equal probability and their average is weighted by samples (the paper
 * draws them with probabilities n_i / n and averages plainly); all clients take the same number of steps or epochs, and what
 * misses the deadline is left out (in the paper slow clients send what they have). An optimiser keeps its state from round to round unless
 * `restartOptimizer` says otherwise. μ = 0 is FedAvg.
 */
import { z } from 'zod';
import type { CodecContext } from '../learning/algorithm.js';
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
import { createCodec, denseCodecOption } from '../wire/index.js';

interface Client extends AveragedClient {
  /** x as received: the centre of the pull. */
  center: Float32Array;
}

const options = z.strictObject({
  ...trainingOptions,
  ...federatedOptions,
  mu: z
    .number()
    .min(0)
    .default(0.1)
    .describe('μ, the weight of the pull towards the model received (paper: 0.001 to 1)'),
  codec: denseCodecOption().describe('how models are encoded, in both directions; a dense codec'),
});

type Options = z.output<typeof options>;

export const fedprox: FederatedAlgorithm<Client, AveragingServer, Options> = federated({
  id: 'fedprox',
  description: 'FedAvg whose clients are pulled towards the model that they received',
  reference: 'Li et al., Federated Optimization in Heterogeneous Networks (FedProx), MLSys 2020',
  options,
  contentFree: true,
  messages: averagingMessages(({ options, model }: CodecContext<Options>) =>
    createCodec(options.codec, model),
  ),
  client: {
    ...averagedClient,
    init: (node) => ({ ...averagedClient.init(node), center: node.initialParams }),
    receive(_node, client, { values }) {
      client.params = values;
      client.center = values;
    },
    steps: [
      clientTraining(({ options: { mu } }, { center }) =>
        mu === 0 ? {} : { proximal: { weight: mu, center } },
      ),
    ],
  },
  server: {
    ...averagingServer,
    init: (node) => ({ values: node.initialParams }),
    evaluate: ({ values }) => ({ mixed: { params: values } }),
  },
});
