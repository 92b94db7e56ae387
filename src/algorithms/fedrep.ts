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
 * Differences from the paper: the average is weighted by samples (the paper's is plain; equal shards make them one);
 * optimiser state does not live on between phases.
 */
import { z } from 'zod';
import { bodyLength, bodyOf, withBody } from '../learning/body.js';
import {
  type FederatedOptions,
  federated,
  federatedOptions,
  sampleWeightedMean,
} from '../learning/federated.js';
import {
  startTraining,
  type TrainingOptions,
  type TrainingState,
  trained,
  trainingJob,
  trainingOptions,
} from '../learning/local-training.js';
import type { VectorView } from '../wire/codec.js';
import { number } from '../wire/control.js';
import { float32 } from '../wire/float32.js';
import { record } from '../wire/record.js';

interface Client {
  params: Float32Array;
  training: TrainingState;
}

interface Server {
  body: Float32Array;
}

type Options = TrainingOptions & FederatedOptions & { headEpochs: number; bodyEpochs: number };

const { localSteps: _steps, localEpochs: _epochs, ...training } = trainingOptions;

export const fedrep = federated<Client, Server, Options>({
  id: 'fedrep',
  description: 'a server averages the shared representation; every client keeps a head of its own',
  reference:
    'Collins et al., Exploiting Shared Representations for Personalized Federated Learning, ICML 2021',
  options: z
    .strictObject({
      ...training,
      ...federatedOptions,
      headEpochs: z.number().positive().default(10).describe('epochs on the head a round (τ, paper: 10)'),
      bodyEpochs: z
        .number()
        .positive()
        .default(1)
        .describe('epochs on the body a round, after the head (paper: 1)'),
    })
    .transform((options) => ({ ...options, localSteps: 1 })),
  messages({ model }) {
    const body = float32(bodyLength(model));
    return { global: body, update: record({ body, samples: number('u32', 'header') }) };
  },
  client: {
    init: (node) => ({ params: node.initialParams, training: startTraining() }),
    receive(node, client, body) {
      client.params = withBody(node.model, client.params, (body as VectorView).values);
    },
    steps: [
      {
        compute: (node, client) => {
          client.training.optimizerState = null;
          return trainingJob(node, client.training, client.params, {
            epochs: node.options.headEpochs,
            trainable: 'head',
          });
        },
        computed(_node, client, output) {
          client.params = trained(client.training, output);
        },
      },
      {
        compute: (node, client) => {
          client.training.optimizerState = null;
          return trainingJob(node, client.training, client.params, {
            epochs: node.options.bodyEpochs,
            trainable: 'body',
          });
        },
        computed(_node, client, output) {
          client.params = trained(client.training, output);
        },
      },
    ],
    update: (node, client) => ({
      body: { values: bodyOf(node.model, client.params) },
      samples: node.shard.train.length,
    }),
    evaluate: (client) => ({ personal: { params: client.params } }),
    measure: (client) => ({ 'train-loss': client.training.loss }),
  },
  server: {
    init: (node) => ({ body: bodyOf(node.model, node.initialParams) }),
    global: (_node, server) => ({ values: server.body }),
    aggregate(_node, server, updates) {
      server.body = sampleWeightedMean(
        updates.map(({ body }) => {
          const update = body as { body: VectorView; samples: number };
          return { values: update.body.values, samples: update.samples };
        }),
      );
    },
  },
});
