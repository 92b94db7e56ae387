/**
 * SCAFFOLD: FedAvg whose clients correct each step by control variates, so that local steps no longer lead each client
 * towards its own optimum.
 *
 * Reference: S. P. Karimireddy, S. Kale, M. Mohri, S. Reddi, S. Stich, A. T. Suresh, "SCAFFOLD: Stochastic Controlled
 * Averaging for Federated Learning", ICML 2020, Algorithm 1.
 *
 * x, c: the server's model and control variate; c_i: that of client i; K local steps of size η; η_g: `globalLearningRate`.
 *   client i in S_t:  y_i ← x;  K times  y_i ← y_i − η (g_i(y_i) − c_i + c)                                       (3)
 *                     c_i⁺ = g_i(x) over the client's rows (option I), or c_i − c + (x − y_i) / (K η) (option II)  (4)
 *                     sends y_i − x and c_i⁺ − c_i;  c_i ← c_i⁺
 *   server:           x ← x + η_g / |S_t| Σ (y_i − x),   c ← c + 1/N Σ (c_i⁺ − c_i)                                (5)
 *
 * Messages   | content                     | payload bytes, params = d
 * `global`   | x and c, to each of S_t     | 8·d with float32, each vector by the codec
 * `update`   | y_i − x and c_i⁺ − c_i      | 8·d with float32, likewise
 *
 * Differences from the paper: none where every answer arrives. What a client sends in vain (after the deadline, or lost) is in
 * its c_i and not in c, so c is then no longer the mean of the c_i; so is what a `codec` rounds away, which `error-feedback` around the
 * codec sends later. Averages are plain, as in the paper, not weighted by
 * samples. The paper's analysis is of plain SGD, so there is no choice of an optimiser. With `clipNorm` what is clipped is g_i − c_i + c, so
 * c_i⁺ of option II is then made of clipped steps, and is no mean gradient.
 */
import { z } from 'zod';
import type { CodecContext } from '../learning/algorithm.js';
import {
  type ClientStep,
  clientStep,
  type FederatedAlgorithm,
  federated,
  federatedOptions,
} from '../learning/federated.js';
import { type AveragedClient, averagedClient } from '../learning/federated-averaging.js';
import { gradientOf } from '../learning/gradient.js';
import { trained, trainingInput, trainingOptions } from '../learning/local-training.js';
import { messageType } from '../learning/messages.js';
import { decay as factorOf } from '../learning/schedules.js';
import { train } from '../learning/train.js';
import { weightedSum } from '../learning/vectors.js';
import { optimizerOption } from '../models/optimizers/index.js';
import { createParamsCodec, paramsCodecOption } from '../wire/index.js';
import { record } from '../wire/record.js';

interface Client extends AveragedClient {
  /** x and c as received. */
  start: Float32Array;
  common: Float32Array;
  /** c_i, and its change in this round. */
  control: Float32Array;
  change: Float32Array;
}

interface Server {
  /** x. */
  values: Float32Array;
  /** c. */
  control: Float32Array;
}

const { optimizer: _optimizer, restartOptimizer: _restart, ...training } = trainingOptions;

const SGD = optimizerOption().parse('sgd');

const options = z
  .strictObject({
    ...training,
    ...federatedOptions,
    control: z
      .enum(['gradient', 'difference'])
      .default('difference')
      .describe(
        'how a client renews its control variate: gradient of its rows at the model received (option I of the paper), or the mean of its steps (option II, which costs no computation)',
      ),
    globalLearningRate: z
      .number()
      .positive()
      .default(1)
      .describe('η_g, the step size of the server on the mean change (paper: 1)'),
    codec: paramsCodecOption(),
  })
  .transform((given) => ({
    ...given,
    optimizer: SGD,
    restartOptimizer: false,
  }));

type Options = z.output<typeof options>;

/** A model and a control variate, or the change of each. */
function vectors({ options: { codec }, model }: CodecContext<Options>) {
  return record({ values: createParamsCodec(codec, model), control: createParamsCodec(codec, model) });
}

/** (3). */
const localSteps: ClientStep<Client, Options> = clientStep({
  task: train,
  input: (node, client) =>
    trainingInput(node, client.training, client.params, { shift: minus(client.common, client.control) }),
  computed(node, client, output) {
    const steps = client.training.pendingSteps;
    client.params = trained(client.training, output);
    client.adapted = client.params;
    if (node.options.control === 'gradient') return;
    // (4), option II; c_i⁺ − c_i = (x − y_i) / (K η) − c.
    const { learningRate, decay } = node.options;
    const scale = 1 / (steps * learningRate * factorOf(decay, node.round));
    keepControl(client, weightedSum([client.start, client.params, client.common], [scale, -scale, -1]));
  },
});

/** (4), option I. */
const gradientAtStart: ClientStep<Client, Options> = clientStep({
  task: gradientOf,
  input: ({ model, shard }, { start }) => ({
    model: model.spec,
    params: start,
    rows: shard.train,
    view: shard.view,
    trainable: 'all' as const,
  }),
  computed: (_node, client, { gradient }) => keepControl(client, minus(gradient, client.control)),
});

export const scaffold: FederatedAlgorithm<Client, Server, Options> = federated({
  id: 'scaffold',
  description: 'FedAvg whose local steps are corrected by control variates against the drift of clients',
  reference:
    'Karimireddy et al., SCAFFOLD: Stochastic Controlled Averaging for Federated Learning, ICML 2020',
  options,
  contentFree: true,
  messages: {
    global: messageType('global', vectors),
    update: messageType('update', vectors),
  },
  client: {
    ...averagedClient,
    init(node) {
      const { initialParams: start, model } = node;
      const zero = new Float32Array(model.length);
      return { ...averagedClient.init(node), start, common: zero, control: zero, change: zero };
    },
    receive(_node, client, { values, control }) {
      client.params = values.values;
      client.start = values.values;
      client.common = control.values;
    },
    steps: ({ control }) => (control === 'gradient' ? [localSteps, gradientAtStart] : [localSteps]),
    update: (_node, { params, start, change }) => ({
      values: { values: minus(params, start) },
      control: { values: change },
    }),
  },
  server: {
    init: ({ initialParams, model }) => ({
      values: initialParams,
      control: new Float32Array(model.length),
    }),
    global: (_node, { values, control }) => ({ values: { values }, control: { values: control } }),
    // (5).
    aggregate(node, server, updates) {
      const step = node.options.globalLearningRate / updates.length;
      const add = (to: Float32Array, changes: readonly Float32Array[], weight: number) =>
        weightedSum([to, ...changes], [1, ...changes.map(() => weight)]);
      server.values = add(
        server.values,
        updates.map(({ body }) => body.values.values),
        step,
      );
      server.control = add(
        server.control,
        updates.map(({ body }) => body.control.values),
        1 / node.nodes,
      );
    },
    evaluate: ({ values }) => ({ mixed: { params: values } }),
  },
});

function keepControl(client: Client, change: Float32Array): void {
  client.change = change;
  client.control = weightedSum([client.control, change], [1, 1]);
}

function minus(a: Float32Array, b: Float32Array): Float32Array {
  return weightedSum([a, b], [1, -1]);
}
