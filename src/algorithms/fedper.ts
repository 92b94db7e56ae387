/**
 * FedPer: clients train body and head together; a server averages the bodies, and the heads stay where they are.
 *
 * Reference: M. G. Arivazhagan, V. Aggarwal, A. K. Singh, S. Choudhary, "Federated Learning with Personalization Layers",
 * arXiv:1912.00818, 2019, Algorithms 1 and 2.
 *
 *   client i in S_t:  (φ_i, h_i) ← local SGD on f_i from (φ, h_i)
 *   server:           φ ← Σ_{i∈S_t} n_i φ_i / Σ_{i∈S_t} n_i
 *
 * Messages   | content            | payload bytes, d_φ params in the body
 * `global`   | φ, to each of S_t  | 4·d_φ
 * `update`   | φ_i and n_i        | 4·d_φ + 4
 *
 * Differences from the paper: the head is the model's `headLayers` last layers, common to all clients at the start unless
 * the scenario has `init: per-node`; a client keeps the state of its optimiser between its rounds (`restartOptimizer`
 * changes that).
 */
import { z } from 'zod';
import type { CodecContext } from '../learning/algorithm.js';
import { bodyLayout, bodyOf } from '../learning/body.js';
import { type FederatedAlgorithm, federated, federatedOptions } from '../learning/federated.js';
import {
  type AveragedClient,
  type AveragingServer,
  averagingMessages,
  averagingServer,
  bodyClient,
  clientTraining,
} from '../learning/federated-averaging.js';
import { trainingOptions } from '../learning/local-training.js';
import { createParamsCodec, paramsCodecOption } from '../wire/index.js';

const options = z.strictObject({
  ...trainingOptions,
  ...federatedOptions,
  codec: paramsCodecOption(),
});

type Options = z.output<typeof options>;

export const fedper: FederatedAlgorithm<AveragedClient, AveragingServer, Options> = federated({
  id: 'fedper',
  description: 'clients train body and head together; a server averages the bodies, and heads stay personal',
  reference: 'Arivazhagan et al., Federated Learning with Personalization Layers (FedPer), arXiv 2019',
  options,
  contentFree: true,
  messages: averagingMessages(({ options: { codec }, model }: CodecContext<Options>) =>
    createParamsCodec(codec, bodyLayout(model)),
  ),
  client: { ...bodyClient, steps: [clientTraining()] },
  server: { ...averagingServer, init: (node) => ({ values: bodyOf(node.model, node.initialParams) }) },
});
