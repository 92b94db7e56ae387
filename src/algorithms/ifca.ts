/**
 * IFCA, iterative federated clustering: a server with several models; each client takes the one with the least loss on its
 * rows, trains it, and says which it was.
 *
 * Reference: A. Ghosh, J. Chung, D. Yin, K. Ramchandran, "An Efficient Framework for Clustered Federated Learning", NeurIPS
 * 2020, Algorithm 1, with model averaging.
 *
 * θ_1 … θ_k: the server's models; f_i: mean loss over the rows of client i.
 *   client i in S_t:  j_i = argmin_j f_i(θ_j), ties to the lowest j;   x_i ← local SGD from θ_{j_i}
 *   server:           θ_j ← Σ_{i: j_i = j} n_i x_i / Σ_{i: j_i = j} n_i;   a model that no client has taken stays
 *
 * Messages   | content                       | payload bytes, params = d
 * `global`   | θ_1 … θ_k, to each of S_t     | 4·k·d with float32, each model by the codec
 * `update`   | x_i, n_i and j_i              | 4·d + 8 with float32
 *
 * Differences from the paper: averages are weighted by samples (the paper's are plain; they are equal if all shards are). θ_1
 * starts from the common params and the others are drawn as these are, from streams of the server; the paper tries several
 * draws and keeps the best. Weight sharing (the paper's network with common first layers) is left out. The `mixed` model of a client is
 * θ_{j_i} with the j_i of the last round in which it took part, 0 if it never did; the paper takes the model of least loss now. An optimiser
 * that keeps its state from round to round does so when j_i changes.
 */
import { z } from 'zod';
import type { CodecContext } from '../learning/algorithm.js';
import { evaluate } from '../learning/evaluate.js';
import {
  type ClientStep,
  clientStep,
  type FederatedAlgorithm,
  federated,
  federatedOptions,
} from '../learning/federated.js';
import {
  type AveragedClient,
  averagedClient,
  clientTraining,
  sampleWeightedMean,
} from '../learning/federated-averaging.js';
import { trainingOptions } from '../learning/local-training.js';
import { messageType } from '../learning/messages.js';
import { count } from '../options/index.js';
import { number } from '../wire/control.js';
import { createParamsCodec, paramsCodecOption } from '../wire/index.js';
import { inParts } from '../wire/parts.js';
import { record } from '../wire/record.js';

interface Client extends AveragedClient {
  /** θ_1 … θ_k as received, one after the other: float32 [k × d]. */
  models: Float32Array;
  /** f_i(θ_j), float64 [k]. */
  losses: Float64Array;
  /** j_i, counted from 0. */
  choice: number;
}

interface Server {
  /** θ_1 … θ_k. */
  models: Float32Array[];
}

const options = z.strictObject({
  ...trainingOptions,
  ...federatedOptions,
  clusters: count().default(2).describe('k, the number of models of the server'),
  codec: paramsCodecOption(),
});

type Options = z.output<typeof options>;

export const ifca: FederatedAlgorithm<Client, Server, Options> = federated({
  id: 'ifca',
  description: 'a server with several models; each client trains the one that fits its data best',
  reference: 'Ghosh et al., An Efficient Framework for Clustered Federated Learning (IFCA), NeurIPS 2020',
  options,
  contentFree: true,
  messages: {
    global: messageType('global', ({ model, options: { clusters, codec } }: CodecContext<Options>) =>
      inParts(
        Array.from({ length: clusters }, () => ({
          length: model.length,
          codec: createParamsCodec(codec, model),
        })),
      ),
    ),
    update: messageType('update', ({ model, options: { codec } }: CodecContext<Options>) =>
      record({
        values: createParamsCodec(codec, model),
        samples: number('u32', 'header'),
        cluster: number('u32', 'header'),
      }),
    ),
  },
  client: {
    ...averagedClient,
    init: (node) => ({
      ...averagedClient.init(node),
      models: new Float32Array(0),
      losses: new Float64Array(node.options.clusters),
      choice: 0,
    }),
    receive(_node, client, { values }) {
      client.models = values;
    },
    steps: ({ clusters }) => [
      ...Array.from({ length: clusters }, (_, j) => lossOf(j)),
      clientTraining<Client, Options>(),
    ],
    update: (node, client) => ({ ...averagedClient.update(node, client), cluster: client.choice }),
    // The server's model of the client's cluster.
    evaluate: ({ adapted, choice }, { server }) => ({
      adapted: { params: adapted },
      mixed: { params: server.models[choice]! },
    }),
    series: (client) => ({ ...averagedClient.series(client), cluster: client.choice }),
  },
  server: {
    init: (node) => ({
      models: Array.from({ length: node.options.clusters }, (_, j) =>
        j === 0 ? node.initialParams : node.model.init(node.random(`model ${j}`)),
      ),
    }),
    global: (_node, { models }) => ({ values: joined(models) }),
    aggregate(_node, server, updates) {
      server.models = server.models.map((model, j) => {
        const members = updates.filter(({ body }) => body.cluster === j);
        if (members.length === 0) return model;
        return sampleWeightedMean(
          members.map(({ body }) => ({ values: body.values.values, samples: body.samples })),
        );
      });
    },
  },
});

/** f_i(θ_j); after the last j, the client takes the best model. */
function lossOf(j: number): ClientStep<Client, Options> {
  return clientStep({
    task: evaluate,
    input: ({ model, shard }, { models }) => ({
      model: model.spec,
      params: models.slice(j * model.length, (j + 1) * model.length),
      rows: shard.train,
      view: shard.view,
    }),
    computed({ model }, client, { loss }) {
      client.losses = Float64Array.from(client.losses);
      client.losses[j] = loss;
      if (j + 1 < client.losses.length) return;
      client.choice = indexOfLeast(client.losses);
      client.params = client.models.slice(client.choice * model.length, (client.choice + 1) * model.length);
    },
  });
}

/** The first of the least; losses that are NaN are never the least. */
function indexOfLeast(losses: Float64Array): number {
  let least = 0;
  for (let j = 1; j < losses.length; j++)
    if (losses[j]! < losses[least]! || Number.isNaN(losses[least]!)) least = j;
  return least;
}

function joined(vectors: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(vectors.length * vectors[0]!.length);
  for (const [k, vector] of vectors.entries()) all.set(vector, k * vector.length);
  return all;
}
