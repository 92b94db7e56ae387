/**
 * Ditto: FedAvg, and beside it on every client a personal model that is pulled towards the global one.
 *
 * Reference: T. Li, S. Hu, A. Beirami, V. Smith, "Ditto: Fair and Robust Federated Learning Through Personalization",
 * ICML 2021, Algorithm 1.
 *
 *   client i in S_t:  v_i ← v_i − η(∇f_i(v_i) + μ(v_i − x)) for the personal steps;   x_i ← local SGD from x
 *   server:           x ← Σ_{i∈S_t} n_i x_i / Σ_{i∈S_t} n_i
 *
 * Messages   | content            | payload bytes, params = d
 * `global`   | x, to each of S_t  | 4·d
 * `update`   | x_i and n_i        | 4·d + 4
 *
 * Differences from the paper: the personal steps come first (both start from the same x, so the order decides only
 * which batches they draw); the average is weighted by samples; optimisers keep their states from round to round unless
 * `restartOptimizer` says otherwise.
 */
import { z } from 'zod';
import type { CodecContext } from '../learning/algorithm.js';
import { clientStep, type FederatedAlgorithm, federated, federatedOptions } from '../learning/federated.js';
import { type AveragingServer, averagingMessages, averagingServer } from '../learning/federated-averaging.js';
import {
  startTraining,
  type TrainingState,
  trained,
  trainingInput,
  trainingOptions,
} from '../learning/local-training.js';
import { train } from '../learning/train.js';
import { createParamsCodec, paramsCodecOption } from '../wire/index.js';

interface Client {
  /** v_i: never leaves the client. */
  personal: Float32Array;
  personalTraining: TrainingState;
  /** x as received, then x_i. */
  params: Float32Array;
  training: TrainingState;
}

const options = z.strictObject({
  ...trainingOptions,
  ...federatedOptions,
  codec: paramsCodecOption(),
  mu: z.number().min(0).default(1).describe('pull towards the global model (λ in the paper: 0.1 to 2)'),
  personalSteps: z
    .int()
    .min(1)
    .optional()
    .describe('steps on the personal model in each round; default: as many as on the global one'),
});

type Options = z.output<typeof options>;

export const ditto: FederatedAlgorithm<Client, AveragingServer, Options> = federated({
  id: 'ditto',
  description: 'FedAvg, and a personal model on every client that is pulled towards the global one',
  reference: 'Li et al., Ditto: Fair and Robust Federated Learning Through Personalization, ICML 2021',
  options,
  contentFree: true,
  messages: averagingMessages(({ options: { codec }, model }: CodecContext<Options>) =>
    createParamsCodec(codec, model),
  ),
  client: {
    init: (node) => ({
      personal: node.initialParams,
      personalTraining: startTraining(),
      params: node.initialParams,
      training: startTraining(),
    }),
    receive(_node, client, { values }) {
      client.params = values;
    },
    steps: [
      clientStep({
        task: train,
        input: (node, client) =>
          trainingInput(node, client.personalTraining, client.personal, {
            steps: node.options.personalSteps,
            proximal: { weight: node.options.mu, center: client.params },
          }),
        computed(_node, client, output) {
          client.personal = trained(client.personalTraining, output);
        },
      }),
      clientStep({
        task: train,
        input: (node, client) => trainingInput(node, client.training, client.params),
        computed(_node, client, output) {
          client.params = trained(client.training, output);
        },
      }),
    ],
    update: (node, client) => ({ values: { values: client.params }, samples: node.shard.train.length }),
    evaluate: (client) => ({ adapted: { params: client.personal } }),
    series: (client) => ({ 'train-loss': client.personalTraining.loss }),
    // A coordinate that both trainings have left alike is that of x_i, which is sent.
    personal: ({ personal, params }) => [personal.filter((value, k) => value !== params[k])],
  },
  server: {
    ...averagingServer,
    init: (node) => ({ values: node.initialParams }),
    evaluate: ({ values }) => ({ global: { params: values } }),
  },
});
