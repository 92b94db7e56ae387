/**
 * FedAvg, federated averaging: a server sends its model to some clients, they train, it averages what comes back.
 *
 * Reference: B. McMahan, E. Moore, D. Ramage, S. Hampson, B. Agüera y Arcas, "Communication-Efficient Learning of Deep
 * Networks from Decentralized Data", AISTATS 2017, Algorithm 1.
 *
 *   S_t: ⌈C·N⌉ clients, drawn anew each round;  x ← Σ_{i∈S_t} n_i x_i / Σ_{i∈S_t} n_i, n_i: samples of client i
 *
 * Messages   | content           | payload bytes, params = d
 * `global`   | x, to each of S_t | 4·d with float32
 * `update`   | x_i and n_i       | 4·d + 4 with float32
 *
 * Differences from the paper: clients that do not answer by the deadline are left out of the average; without any
 * answer the model stays. A client's momentum and Adam state live on between its rounds.
 */
import { z } from 'zod';
import {
  type AveragingServer,
  averagingMessages,
  averagingServer,
  type FederatedOptions,
  federated,
  federatedOptions,
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
import { type ChosenCodec, createCodec, denseCodecOption } from '../wire/index.js';

interface Client {
  params: Float32Array;
  training: TrainingState;
}

type Options = TrainingOptions & FederatedOptions & { codec: ChosenCodec };

export const fedavg = federated<Client, AveragingServer, Options>({
  id: 'fedavg',
  description: 'federated averaging: a server averages the models that some clients have trained',
  reference:
    'McMahan et al., Communication-Efficient Learning of Deep Networks from Decentralized Data, AISTATS 2017',
  options: z.strictObject({
    ...trainingOptions,
    ...federatedOptions,
    codec: denseCodecOption().describe('how models are encoded, in both directions; a dense codec'),
  }),
  messages: ({ options, model }) => averagingMessages(createCodec(options.codec, { length: model.length })),
  client: {
    init: (node) => ({ params: node.initialParams, training: startTraining() }),
    receive(_node, client, body) {
      client.params = (body as VectorView).values;
    },
    steps: [
      {
        compute: (node, client) => trainingJob(node, client.training, client.params),
        computed(_node, client, output) {
          client.params = trained(client.training, output);
        },
      },
    ],
    update: (node, client) => ({ values: { values: client.params }, samples: node.shard.train.length }),
    measure: (client) => ({ 'train-loss': client.training.loss }),
  },
  server: {
    ...averagingServer,
    init: (node) => ({ values: node.initialParams }),
    evaluate: ({ values }) => ({ global: { params: values } }),
  },
});
