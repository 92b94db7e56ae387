/** Federated averaging in parts, for the algorithms that are variants of it: its messages, its server and its client. */
import { sum } from '../numbers.js';
import type { VectorBody, VectorCodec, VectorView } from '../wire/codec.js';
import { number } from '../wire/control.js';
import { record } from '../wire/record.js';
import type { CodecContext, NodeContext, NodeFacts } from './algorithm.js';
import { bodyOf, headOf, withBody } from './body.js';
import { type ClientStep, type ClientUpdate, clientStep } from './federated.js';
import {
  startTraining,
  type TrainingOptions,
  type TrainingSettings,
  type TrainingState,
  trained,
  trainingInput,
} from './local-training.js';
import { messageType } from './messages.js';
import { train } from './train.js';
import { weightedSum } from './vectors.js';

/** The state of a server that averages vectors. Plain data. */
export interface AveragingServer {
  /** x, float32. */
  values: Float32Array;
}

/** Messages of such a server: `global` is x; `update` is x_i and n_i, the number of the client's training rows. */
export function averagingMessages<Options>(vectors: (context: CodecContext<Options>) => VectorCodec) {
  return {
    global: messageType('global', vectors),
    update: messageType('update', (context: CodecContext<Options>) =>
      record({ values: vectors(context), samples: number('u32', 'header') }),
    ),
  };
}

/** A server that replaces x by Σ n_i x_i / Σ n_i over the updates; an algorithm adds `init`, which gives the first x. */
export const averagingServer = {
  global: (_node: NodeContext, { values }: AveragingServer): VectorBody => ({ values }),
  aggregate(
    _node: NodeContext,
    server: AveragingServer,
    updates: readonly ClientUpdate<{ readonly values: VectorView; readonly samples: number }>[],
  ): void {
    server.values = sampleWeightedMean(
      updates.map(({ body }) => ({ values: body.values.values, samples: body.samples })),
    );
  },
};

/** Σ n_i x_i / Σ n_i over the updates, float32. @public */
export function sampleWeightedMean(
  updates: ReadonlyArray<{ readonly values: Float32Array; readonly samples: number }>,
): Float32Array {
  const total = sum(updates.map(({ samples }) => samples));
  return weightedSum(
    updates.map(({ values }) => values),
    updates.map(({ samples }) => samples / total),
  );
}

/** The state of a client that trains what it receives. Plain data. */
export interface AveragedClient {
  /** x as received, then x_i. */
  params: Float32Array;
  /** x_i after the last local steps. */
  adapted: Float32Array;
  training: TrainingState;
}

/** A client that trains x on its own rows and sends the result; an algorithm spreads it in. */
export const averagedClient = {
  init: ({ initialParams }: NodeContext): AveragedClient => ({
    params: initialParams,
    adapted: initialParams,
    training: startTraining(),
  }),
  receive(_node: NodeContext, client: AveragedClient, { values }: VectorView): void {
    client.params = values;
  },
  update: ({ shard }: NodeContext, { params }: AveragedClient) => ({
    values: { values: params },
    samples: shard.train.length,
  }),
  evaluate: ({ adapted }: AveragedClient) => ({ adapted: { params: adapted } }),
  series: ({ training }: AveragedClient) => ({ 'train-loss': training.loss }),
};

/** The training of such a client in a round; `settings` says how it differs from the options. */
export function clientTraining<Client extends AveragedClient, Options extends TrainingOptions>(
  settings?: (node: NodeContext<Options>, client: Client) => TrainingSettings,
): ClientStep<Client, Options> {
  return clientStep({
    task: train,
    input: (node, client) =>
      trainingInput(node, client.training, client.params, settings?.(node, client) ?? {}),
    computed(_node, client, output) {
      client.params = trained(client.training, output);
      client.adapted = client.params;
    },
  });
}

/** A client that shares the body of its params and keeps the head; its server has the body alone. */
export const bodyClient = {
  ...averagedClient,
  receive({ model }: NodeContext, client: AveragedClient, { values }: VectorView): void {
    client.params = withBody(model, client.params, values);
  },
  update: ({ model, shard }: NodeContext, { params }: AveragedClient) => ({
    values: { values: bodyOf(model, params) },
    samples: shard.train.length,
  }),
  /** `mixed`: the server's body with the client's head. */
  evaluate: (
    { adapted }: AveragedClient,
    { model, server }: NodeFacts & { readonly server: AveragingServer },
  ) => ({
    adapted: { params: adapted },
    mixed: { params: withBody(model, adapted, server.values) },
  }),
  personal: ({ params, adapted }: AveragedClient, { model }: NodeFacts) => [
    ...headOf(model, params),
    ...headOf(model, adapted),
  ],
};
