/**
 * FedRep: clients share a representation through a server and keep their heads.
 *
 * Reference: L. Collins, H. Hassani, A. Mokhtari, S. Shakkottai, "Exploiting Shared Representations for Personalized
 * Federated Learning", ICML 2021, Algorithm 1.
 *
 *   client i in S_t:  h_i ← τ epochs of SGD on h at φ;   φ_i ← E epochs of SGD on φ at h_i
 *   server:           φ ← Σ_{i∈S_t} n_i φ_i / Σ_{i∈S_t} n_i
 *
 * Messages   | content            | payload bytes, d_φ params in the body
 * `global`   | φ, to each of S_t  | 4·d_φ
 * `update`   | φ_i and n_i        | 4·d_φ + 4
 *
 * Differences from the paper: the average is weighted by samples (the paper's is plain; they are equal if all shards
 * are); each of the two trainings starts with a new optimiser.
 */
import { z } from 'zod';
import type { CodecContext } from '../learning/algorithm.js';
import { bodyLayout, bodyOf } from '../learning/body.js';
import {
  type ClientStep,
  clientStep,
  type FederatedAlgorithm,
  federated,
  federatedOptions,
} from '../learning/federated.js';
import {
  type AveragedClient,
  type AveragingServer,
  averagingMessages,
  averagingServer,
  bodyClient,
} from '../learning/federated-averaging.js';
import { forgetOptimizer, trained, trainingInput, trainingOptions } from '../learning/local-training.js';
import { train } from '../learning/train.js';
import type { Trainable } from '../models/model.js';
import { createParamsCodec, paramsCodecOption } from '../wire/index.js';

const { localSteps: _steps, localEpochs: _epochs, restartOptimizer: _restart, ...training } = trainingOptions;

const options = z
  .strictObject({
    ...training,
    ...federatedOptions,
    codec: paramsCodecOption(),
    headEpochs: z.number().positive().default(10).describe('epochs on the head per round (τ, paper: 10)'),
    bodyEpochs: z
      .number()
      .positive()
      .default(1)
      .describe('epochs on the body per round, after those on the head (paper: 1)'),
  })
  .transform((given) => ({ ...given, localSteps: 1, restartOptimizer: false }));

type Options = z.output<typeof options>;

export const fedrep: FederatedAlgorithm<AveragedClient, AveragingServer, Options> = federated({
  id: 'fedrep',
  description: 'a server averages the shared representation; every client keeps a head of its own',
  reference:
    'Collins et al., Exploiting Shared Representations for Personalized Federated Learning, ICML 2021',
  options,
  contentFree: true,
  messages: averagingMessages(({ options: { codec }, model }: CodecContext<Options>) =>
    createParamsCodec(codec, bodyLayout(model)),
  ),
  client: {
    ...bodyClient,
    steps: [
      trainingOf('head', ({ headEpochs }) => headEpochs),
      trainingOf('body', ({ bodyEpochs }) => bodyEpochs),
    ],
  },
  server: { ...averagingServer, init: (node) => ({ values: bodyOf(node.model, node.initialParams) }) },
});

/** Some epochs on one group of the params, with a new optimiser. */
function trainingOf(
  trainable: Trainable,
  epochs: (options: Options) => number,
): ClientStep<AveragedClient, Options> {
  return clientStep({
    task: train,
    input(node, client) {
      forgetOptimizer(client.training);
      return trainingInput(node, client.training, client.params, { epochs: epochs(node.options), trainable });
    },
    computed(_node, client, output) {
      client.params = trained(client.training, output);
      if (trainable === 'body') client.adapted = client.params;
    },
  });
}
