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
 * `final`    | x, to all         | 4·d with float32, after the last round; with `finalLocalEpochs` only
 * `done`     | none              | 0 (a header), from each client when its last training is over
 *
 * Differences from the paper: clients that do not answer by the deadline are left out of the average; if none answers,
 * the model stays. A client keeps the state of its optimiser between its rounds (`restartOptimizer` changes that).
 * `finalLocalEpochs` makes it FedAvg with fine-tuning: x as sent last, trained on the client's own rows, is then `adapted`.
 */
import { z } from 'zod';
import type { CodecContext } from '../learning/algorithm.js';
import { clientStep, type FederatedAlgorithm, federated, federatedOptions } from '../learning/federated.js';
import {
  type AveragedClient,
  type AveragingServer,
  averagedClient,
  averagingMessages,
  averagingServer,
  clientTraining,
} from '../learning/federated-averaging.js';
import { finalTrainingOption, trained, trainingInput, trainingOptions } from '../learning/local-training.js';
import { type TrainInput, type TrainOutput, train } from '../learning/train.js';
import { createCodec, denseCodecOption } from '../wire/index.js';

const options = z.strictObject({
  ...trainingOptions,
  ...federatedOptions,
  ...finalTrainingOption,
  codec: denseCodecOption().describe('how models are encoded, in both directions; a dense codec'),
});

type Options = z.output<typeof options>;

export const fedavg: FederatedAlgorithm<AveragedClient, AveragingServer, Options> = federated({
  id: 'fedavg',
  description: 'federated averaging: a server averages the models that some clients have trained',
  reference:
    'McMahan et al., Communication-Efficient Learning of Deep Networks from Decentralized Data, AISTATS 2017',
  options,
  contentFree: true,
  messages: averagingMessages(({ options, model }: CodecContext<Options>) =>
    createCodec(options.codec, model),
  ),
  client: {
    ...averagedClient,
    steps: [clientTraining()],
    // FedAvg with fine-tuning.
    final: ({ finalLocalEpochs: epochs }) =>
      epochs === 0
        ? undefined
        : clientStep<AveragedClient, Options, TrainInput, TrainOutput>({
            task: train,
            input: (node, client) => trainingInput(node, client.training, client.params, { epochs }),
            computed(_node, client, output) {
              client.adapted = trained(client.training, output);
            },
          }),
  },
  server: {
    ...averagingServer,
    init: (node) => ({ values: node.initialParams }),
    evaluate: ({ values }) => ({ mixed: { params: values } }),
  },
});
