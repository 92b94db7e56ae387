/**
 * Per-FedAvg: a server looks for a model from which each client comes far by one step of its own, as in meta-learning.
 *
 * Reference: A. Fallah, A. Mokhtari, A. Ozdaglar, "Personalized Federated Learning with Theoretical Guarantees: A
 * Model-Agnostic Meta-Learning Approach", NeurIPS 2020, Algorithm 1.
 *
 * α: `innerLearningRate`, β: `learningRate`; D, D′, D″: batches of client i, new in each step. The aim is
 *   min_w Σ_i n_i F_i(w),  F_i(w) = f_i(w − α∇f_i(w))                                                              (3)
 *   client i in S_t:  w ← x;  τ times  w̃ = w − α∇f_i(w; D),  w ← w − β (I − α∇²f_i(w; D″)) ∇f_i(w̃; D′)            (7), (8)
 *   server:           x ← Σ_{i∈S_t} n_i w_i / Σ_{i∈S_t} n_i
 * first-order leaves the Hessian out; hessian-free takes ∇²f·v as a difference of two gradients             (section 5)
 *
 * Messages   | content            | payload bytes, params = d
 * `global`   | x, to each of S_t  | 4·d
 * `update`   | w_i and n_i        | 4·d + 4
 *
 * `adapted` is what the paper measures: x after `adaptationSteps` steps of size α on the client's first training rows. It is
 * made for each measurement, takes no virtual time and is not kept. `mixed` is x itself.
 *
 * Differences from the paper: averages are weighted by samples; δ is the norm of the perturbation in the difference (the paper
 * multiplies the direction by δ). Each step is plain gradient descent, so there is no choice of an optimiser.
 */
import { z } from 'zod';
import type { CodecContext } from '../learning/algorithm.js';
import { type BatchCursor, nextBatches, startCursor } from '../learning/batches.js';
import { clientStep, type FederatedAlgorithm, federated, federatedOptions } from '../learning/federated.js';
import { type AveragingServer, averagingMessages, averagingServer } from '../learning/federated-averaging.js';
import { metaTrain } from '../learning/meta-train.js';
import { decay } from '../learning/schedules.js';
import type { Adaptation } from '../learning/train.js';
import { optimizerOption, optimizerSpec } from '../models/optimizers/index.js';
import { count } from '../options/index.js';
import { createParamsCodec, paramsCodecOption } from '../wire/index.js';

interface Client {
  /** x as received, then w_i. */
  params: Float32Array;
  cursor: BatchCursor;
  /** The steps before a measurement. */
  adaptation: Adaptation;
  loss: number;
}

const options = z.strictObject({
  ...federatedOptions,
  codec: paramsCodecOption(),
  localSteps: count().default(5).describe('τ, steps of each client in a round'),
  batch: count().default(32).describe('samples in each of the batches D, D′ and D″ of a step'),
  learningRate: z.number().positive().default(0.05).describe('β, step size towards a better start'),
  decay: z.number().gt(0).max(1).default(1).describe('factor on β from round to round'),
  innerLearningRate: z.number().min(0).default(0.05).describe('α, step size of the adaptation'),
  variant: z
    .enum(['first-order', 'hessian-free'])
    .default('hessian-free')
    .describe(
      'first-order: two gradients a step, without the Hessian; hessian-free: four, its product by a difference',
    ),
  delta: z.number().positive().default(0.01).describe('δ, norm of the perturbation in that difference'),
  adaptationSteps: count(0)
    .default(1)
    .describe('steps of size α with which a client adapts the model before it is measured'),
});

type Options = z.output<typeof options>;

const SGD = optimizerOption().parse('sgd');

export const perFedavg: FederatedAlgorithm<Client, AveragingServer, Options> = federated({
  id: 'per-fedavg',
  description: 'meta-learning: a server looks for a model that one step of a client adapts to its data',
  reference:
    'Fallah et al., Personalized Federated Learning with Theoretical Guarantees: A Model-Agnostic Meta-Learning Approach (Per-FedAvg), NeurIPS 2020',
  options,
  contentFree: true,
  messages: averagingMessages(({ options: { codec }, model }: CodecContext<Options>) =>
    createParamsCodec(codec, model),
  ),
  client: {
    init: ({ initialParams, options, shard }) => ({
      params: initialParams,
      cursor: startCursor(),
      adaptation: {
        rows: firstRows(shard.train, options.adaptationSteps * options.batch),
        batch: options.batch,
        view: shard.view,
        optimizer: optimizerSpec({ optimizer: SGD, learningRate: options.innerLearningRate }),
        optimizerState: null,
        stepsTaken: 0,
      },
      loss: Number.NaN,
    }),
    receive(_node, client, { values }) {
      client.params = values;
    },
    steps: [
      clientStep({
        task: metaTrain,
        input(node, { params, cursor }) {
          const { model, shard, options, round } = node;
          const { batch, localSteps, innerLearningRate: innerRate, variant, delta } = options;
          const size = { steps: 3 * localSteps, batch };
          return {
            model: model.spec,
            params,
            rows: nextBatches(cursor, shard.train, node.random('batches'), size),
            batch,
            view: shard.view,
            variant,
            innerRate,
            rate: options.learningRate * decay(options.decay, round),
            delta,
          };
        },
        computed(_node, client, { params, loss }) {
          client.params = params;
          client.loss = loss;
        },
      }),
    ],
    update: ({ shard }, { params }) => ({ values: { values: params }, samples: shard.train.length }),
    evaluate: ({ adaptation }, { server: { values } }) => ({
      adapted: { params: values, ...(adaptation.rows.length > 0 && { adaptation }) },
    }),
    series: ({ loss }) => ({ 'train-loss': loss }),
  },
  server: {
    ...averagingServer,
    init: (node) => ({ values: node.initialParams }),
    evaluate: ({ values }) => ({ mixed: { params: values } }),
  },
});

/** So many rows, from the first on and around the end. */
function firstRows(rows: Uint32Array, length: number): Uint32Array {
  return Uint32Array.from({ length }, (_, k) => rows[k % rows.length]!);
}
