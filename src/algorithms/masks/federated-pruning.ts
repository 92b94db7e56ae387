/**
 * Federated pruning: a server prunes its model in a structured pattern, and clients get and train only what is left.
 *
 * Reference: R. Lin, Y. Xiao, T.-J. Yang, D. Zhao, L. Xiong, G. Motta, F. Beaufays, "Federated Pruning: Improving Neural Network
 * Efficiency with Federated Learning", Interspeech 2022.
 *
 * x: the server's params; G: groups of a pattern (weight-groups.ts) over the body's kernels; m: groups that are kept.
 *   every `pruneEvery` rounds:  s_t = `sparsity` · min(1, t / `rampRounds`);  in each kernel, ⌊s_t · groups⌋ of the least
 *                               score leave m                                                                     (1)
 *                               score `magnitude`: ‖x_g‖;  `update`: ‖Σ_t (x_g(t+1) − x_g(t))‖ since the start
 *   client i in S_t:  x_i ← local steps from x ⊙ m, of which each leaves 0 off m                                  (2)
 *   server:           x_g ← Σ_{i∈S_t} n_i x_{i,g} / Σ_{i∈S_t} n_i for g in m; others keep what they were (3)
 *
 * Messages   | content                     | payload bytes, d_t params that are kept or in no group
 * `global`   | m and x ⊙ m, to each of S_t | 4·d_t + ⌈G/8⌉
 * `update`   | m, x_i and n_i              | 4·d_t + ⌈G/8⌉ + 4
 *
 * Since (3) keeps the params of pruned groups, a group may come back in a later (1). With `magnitude` it does when one that was
 * kept has shrunk below it. d_t never grows while all groups of a
 * kernel have one size (an odd number of rows divides into halves of two).
 *
 * Differences from the paper: written from its abstract and from memory. Without its patterns of half rows, its adaptive sparsity by
 * layer, and its phase of refining. `rows` of a convolution's kernel are what one tap of one input gives. The mask goes with every message, so that a client
 * that has missed a round needs none before. Only the body is pruned; biases stay. A pruned unit still contributes its bias.
 */
import { z } from 'zod';
import type { CodecContext, NodeContext } from '../../learning/algorithm.js';
import {
  clientStep,
  type FederatedAlgorithm,
  federated,
  federatedOptions,
} from '../../learning/federated.js';
import {
  type AveragedClient,
  averagedClient,
  sampleWeightedMean,
} from '../../learning/federated-averaging.js';
import { trained, trainingInput, trainingOptions } from '../../learning/local-training.js';
import { messageType } from '../../learning/messages.js';
import { weightedSum } from '../../learning/vectors.js';
import type { Model } from '../../models/model.js';
import { count } from '../../options/index.js';
import { number } from '../../wire/control.js';
import { groupedValues } from '../../wire/grouped-values.js';
import { record } from '../../wire/record.js';
import { applyMask, type MaskLayout, onesByRatio, paramsMasks } from './masks.js';
import { maskedTrain } from './sparse.js';
import {
  groupNorms,
  hasEqualGroups,
  keptGroups,
  PATTERNS,
  type WeightGroups,
  weightGroups,
} from './weight-groups.js';

interface Client extends AveragedClient {
  /** m: 0 or 1 for each group. */
  kept: Uint8Array;
}

interface Server {
  /** x, that of pruned groups as it was last, and x at the start. */
  values: Float32Array;
  start: Float32Array;
  kept: Uint8Array;
  /** x ⊙ m. */
  pruned: Float32Array;
}

const options = z.strictObject({
  ...trainingOptions,
  ...federatedOptions,
  pattern: z
    .enum(PATTERNS)
    .default('columns')
    .describe(
      'what is pruned at once: the weights into a unit, half of them, or the weights out of an input',
    ),
  sparsity: z
    .number()
    .min(0)
    .lt(1)
    .default(0.5)
    .describe('share of the groups of each kernel that is pruned at last'),
  rampRounds: count().default(10).describe('rounds in which the share grows from 0 to that'),
  pruneEvery: count().default(1).describe('rounds from one choice of groups to the next'),
  score: z
    .enum(['magnitude', 'update'])
    .default('magnitude')
    .describe('which groups stay: those of the largest params, or of the largest change since the start'),
});

type Options = z.output<typeof options>;

const layouts = new WeakMap<Model, Map<string, WeightGroups>>();

/** The groups of a model, made once. */
function groupsOf(model: Model, { pattern }: Options): WeightGroups {
  const known = layouts.get(model) ?? new Map<string, WeightGroups>();
  layouts.set(model, known);
  const groups = known.get(pattern) ?? weightGroups(model, pattern);
  known.set(pattern, groups);
  return groups;
}

const groupedCodec = ({ model, options }: CodecContext<Options>) => groupedValues(groupsOf(model, options));

export const federatedPruning: FederatedAlgorithm<Client, Server, Options> = federated({
  id: 'federated-pruning',
  description: 'a server prunes its model in a structured pattern; clients get and train only what is left',
  reference:
    'Lin et al., Federated Pruning: Improving Neural Network Efficiency with Federated Learning, Interspeech 2022',
  options,
  contentFree: true,
  // How many groups of a kernel are kept depends on the round alone, and which ones decides the sizes only where they differ.
  fixedSizes: ({ model, options }) => hasEqualGroups(groupsOf(model, options)),
  messages: {
    global: messageType('global', groupedCodec),
    update: messageType('update', (context: CodecContext<Options>) =>
      record({ values: groupedCodec(context), samples: number('u32', 'header') }),
    ),
  },
  client: {
    ...averagedClient,
    init: (node) => ({ ...averagedClient.init(node), kept: allKept(node) }),
    receive(_node, client, { values, kept }) {
      client.params = values;
      client.kept = kept;
    },
    // (2).
    steps: [
      clientStep({
        task: maskedTrain,
        input: (node, { training, params, kept }) => ({
          ...trainingInput(node, training, params),
          mask: maskOf(groupsOf(node.model, node.options), kept),
          layout: layoutOf(node.model),
        }),
        computed(_node, client, output) {
          client.params = trained(client.training, output);
          client.adapted = client.params;
        },
      }),
    ],
    update: ({ shard }, { params, kept }) => ({
      values: { values: params, kept },
      samples: shard.train.length,
    }),
  },
  server: {
    init(node) {
      const { initialParams: start } = node;
      return { values: start, start, kept: allKept(node), pruned: start };
    },
    global: (_node, { pruned, kept }) => ({ values: pruned, kept }),
    aggregate(node, server, updates) {
      const { model, options } = node;
      const average = sampleWeightedMean(
        updates.map(({ body }) => ({ values: body.values.values, samples: body.samples })),
      );
      // (3).
      const mask = maskOf(groupsOf(model, options), server.kept);
      server.values = server.values.map((value, i) => (mask[i] === 1 ? average[i]! : value));
      chooseGroups(node, server, node.round + 1);
    },
    evaluate: ({ pruned }) => ({ mixed: { params: pruned } }),
  },
});

function allKept({ model, options }: NodeContext<Options>): Uint8Array {
  return new Uint8Array(groupsOf(model, options).groups).fill(1);
}

/** (1) before round t, and x ⊙ m. */
function chooseGroups({ model, options }: NodeContext<Options>, server: Server, t: number): void {
  const groups = groupsOf(model, options);
  if (t % options.pruneEvery === 0) {
    const share = options.sparsity * Math.min(1, t / options.rampRounds);
    const scored =
      options.score === 'magnitude' ? server.values : weightedSum([server.values, server.start], [1, -1]);
    server.kept = keptGroups(groupNorms(scored, groups), groups, share);
  }
  server.pruned = applyMask(server.values, maskOf(groups, server.kept), layoutOf(model));
}

/** 1 for each param of a group that is kept or of none: [params]. */
function maskOf({ groupOf }: WeightGroups, kept: Uint8Array): Uint8Array {
  const mask = new Uint8Array(groupOf.length);
  for (let i = 0; i < mask.length; i++) mask[i] = groupOf[i]! < 0 ? 1 : kept[groupOf[i]!]!;
  return mask;
}

/** Masks over all params, as training under them takes them. */
function layoutOf(model: Model): MaskLayout {
  return paramsMasks(
    model,
    onesByRatio(() => 1),
  );
}
