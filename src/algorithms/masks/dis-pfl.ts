/**
 * Dis-PFL: personal sparse models by decentralized sparse training. Every node keeps a fixed number of weights, averages
 * each with those neighbours that have it too, trains, and looks for better weights to keep.
 *
 * Reference: R. Dai, L. Shen, F. He, X. Tian, D. Tao, "DisPFL: Towards Communication-Efficient Personalized Federated
 * Learning via Decentralized Sparse Training", ICML 2022, Algorithm 1; the released code where the text is not at hand.
 *
 * x_i: params, zero off m_i: mask; J: this round's neighbours; ρ₀: dropShare; T: annealRounds. Round t on node i:
 *   (1) x̃_i = (Σ_{j∈J∪i} m_j ⊙ x_j) ⊘ (Σ_{j∈J∪i} m_j)                    0 where no node has the weight
 *   (2) m_i ← m_i′, x_i = x̃_i ⊙ m_i                                      with the mask found in round t − 1
 *   (3) x_i ← local steps at η·decay^t; gradient and weights under m_i
 *   (4) ρ_t = ρ₀/2 · (1 + cos(πt/T)); in each layer m_i′ is m_i without its ⌈ρ_t·nnz⌉ smallest |x_i|, and with as many
 *       off weights of the largest |∇f_i(x_i)|, the dense gradient on one batch
 * Layers have Erdős–Rényi-kernel densities, and so a number of ones that never changes.
 *
 * Messages   | content      | payload bytes, d params, nnz of them kept
 * `model`    | x_j and m_j  | ⌈d/8⌉ index + 4·nnz values, to each neighbour per round
 *
 * Differences from the paper: kernels are masked and share the density; biases are dense and always sent (they count
 * among d and nnz). As in the released code, a node sends the model and the mask that it has trained with, and `adapted`
 * is its point of measurement; m_i′ is not sent before (2). A neighbour whose model is missing is left out of both sums
 * of (1). With `neighbors`, all nodes draw the same choice from the seed, among all nodes and without messages, whatever
 * the topology. T is an option, since a node does not know when the run will end. Virtual time is that of dense training.
 */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import type { NodeContext, NodeFacts } from '../../learning/algorithm.js';
import { type BatchCursor, nextBatches, startCursor } from '../../learning/batches.js';
import { type GradientInput, gradientOf } from '../../learning/gradient.js';
import {
  startTraining,
  type TrainingState,
  trained,
  trainingInput,
  trainingOptions,
} from '../../learning/local-training.js';
import { messageType } from '../../learning/messages.js';
import { type Phase, type PhaseMessage, phase } from '../../learning/phases.js';
import { roundOptions, rounds } from '../../learning/rounds.js';
import { halfCosine } from '../../learning/schedules.js';
import { optimizerOption } from '../../models/optimizers/index.js';
import { byNumber } from '../../numbers.js';
import { count } from '../../options/index.js';
import { maskedValues } from '../../wire/masked-values.js';
import { applyMask, drawExactMask, type MaskLayout, onesOf, paramsMasks } from './masks.js';
import { dropAndRegrow, intersectionAverage, type MaskedVector, maskedTrain, onesByErk } from './sparse.js';

interface State {
  /** x_i. */
  params: Float32Array;
  /** x_i after the last local steps, and after the last average. */
  adapted: Float32Array;
  mixed: Float32Array;
  /** m_i: 0 or 1 for each param. */
  mask: Uint8Array;
  /** m_i′. */
  next: Uint8Array;
  /** J: the nodes whose models this round averages. */
  senders: number[];
  training: TrainingState;
  /** Batches of the mask search. */
  search: BatchCursor;
  /** Ones of m_i′ that m_i had not. */
  replacements: number;
}

const options = z.strictObject({
  ...trainingOptions,
  ...roundOptions,
  learningRate: z.number().positive().default(0.1).describe('step size in the first round (paper: 0.1)'),
  optimizer: optimizerOption({ use: 'sgd', weightDecay: 5e-4 }).describe(
    'the name of an optimizer, or { use: name, …options } (paper: sgd with weight decay 5e-4)',
  ),
  decay: z
    .number()
    .gt(0)
    .max(1)
    .default(0.998)
    .describe('factor on the step size from round to round (paper: 0.998)'),
  clipNorm: z
    .number()
    .positive()
    .default(10)
    .describe('dense gradients with a larger norm are scaled down to this one (released code: 10)'),
  density: z
    .union([z.number().gt(0).max(1), z.array(z.number().gt(0).max(1)).min(1)])
    .default(0.5)
    .transform((density) => [density].flat())
    .describe(
      'share of the kernel weights kept (paper: 0.5); the entries of a list go to the nodes in turn, as capacities do',
    ),
  dropShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe(
      'ρ₀: share of the kept weights that the first mask search replaces (paper: 0.5); 0: masks never change',
    ),
  annealRounds: count()
    .default(100)
    .describe('T: round from which on masks no longer change (paper: the number of rounds of the run)'),
  neighbors: count()
    .optional()
    .describe(
      'number of nodes that each node receives from, drawn anew in each round (paper: 10 of 100); default: its neighbours in the topology',
    ),
  initialMasks: z
    .enum(['common', 'per-node'])
    .default('common')
    .describe('whether all nodes start with the same mask (released code) or each with its own'),
});

type Options = z.output<typeof options>;
type Node = NodeContext<Options>;

const MODEL = messageType('model', ({ model }) => maskedValues(model.length));

/** (1) and (2), between the neighbours of the topology. */
const topologyExchange: Phase<State, Options> = phase({
  message: MODEL,
  send: (_node, state) => ({ body: bodyOf(state) }),
  combine,
});

/** (1) and (2), with `neighbors` others for each node, drawn anew. */
function drawnExchange(neighbors: number): Phase<State, Options> {
  return phase({
    message: MODEL,
    send(node, state) {
      const senders = drawSenders(node, neighbors);
      follow(node, state, senders[node.id]!, 1 / (neighbors + 1));
      const to = senders.flatMap((list, id) => (list.includes(node.id) ? [id] : []));
      return { body: bodyOf(state), to };
    },
    expect: (_node, state) => state.senders,
    combine,
  });
}

/** (3). */
const localSteps: Phase<State, Options> = phase({
  task: maskedTrain,
  input(node, { training, params, mask }) {
    return { ...trainingInput(node, training, params), mask, layout: layoutOf(node) };
  },
  computed(_node, state, output) {
    state.params = trained(state.training, output);
    state.adapted = state.params;
    state.replacements = 0;
  },
});

/** (4). */
const maskSearch: Phase<State, Options> = phase({
  when: (node) => rateOf(node) > 0 && densityOf(node) < 1,
  task: gradientOf,
  input(node, { search, params }): GradientInput {
    const size = { steps: 1, batch: node.options.batch };
    return {
      model: node.model.spec,
      params,
      rows: nextBatches(search, node.shard.train, node.random('mask search'), size),
      view: node.shard.view,
      trainable: 'all',
    };
  },
  computed(node, state, { gradient }) {
    const { params, mask } = state;
    state.next = dropAndRegrow({ params, gradient, mask, layout: layoutOf(node), rate: rateOf(node) });
    state.replacements = state.next.reduce((sum, bit, i) => sum + (bit > mask[i]! ? 1 : 0), 0);
  },
});

export const disPfl = rounds<State, Options>({
  id: 'dis-pfl',
  description:
    'personal sparse models: each weight is averaged over the nodes that keep it, and masks change in training',
  reference:
    'Dai et al., DisPFL: Towards Communication-Efficient Personalized Federated Learning via Decentralized Sparse Training, ICML 2022',
  options,
  contentFree: true,
  // A mask has the ones of its layers' densities, whichever they are.
  fixedSizes: () => true,
  mixing: () => 'uniform',
  validate({ options, nodes }) {
    if (options.neighbors === undefined || options.neighbors < nodes) return;
    throw new UsageError(
      'too-many-neighbors',
      `expected at most ${nodes - 1}, which is the number of other nodes, got ${options.neighbors}: use a smaller number, or leave the option out to use the neighbours in the topology`,
      'algorithm.neighbors',
    );
  },
  init(node) {
    const { initialMasks } = node.options;
    const random =
      initialMasks === 'common' ? node.publicRandom('initial mask') : node.random('initial mask');
    const layout = layoutOf(node);
    const mask = drawExactMask(layout, random);
    const params = applyMask(node.initialParams, mask, layout);
    return {
      params,
      adapted: params,
      mixed: params,
      mask,
      next: mask,
      senders: Array.from(node.neighbors.in),
      training: startTraining(),
      search: startCursor(),
      replacements: 0,
    };
  },
  phases: ({ neighbors }) => [
    neighbors === undefined ? topologyExchange : drawnExchange(neighbors),
    localSteps,
    maskSearch,
  ],
  evaluate: ({ adapted, mixed }) => ({ adapted: { params: adapted }, mixed: { params: mixed } }),
  masks: (node) => ({ [MODEL.name]: layoutOf(node).kernels }),
  series: ({ training, mask, replacements }) => ({
    'train-loss': training.loss,
    'mask-ones': onesOf(mask),
    'mask-replaced': replacements,
  }),
});

/** By receiver, the senders of this round, [nodes][neighbors] in ascending order: the same draw on all nodes. */
function drawSenders(node: Node, neighbors: number): number[][] {
  const random = node.publicRandom(`neighbors ${node.round}`);
  const all = Array.from({ length: node.nodes }, (_, id) => id);
  return all.map((id) => {
    const others = random.shuffle(all.filter((other) => other !== id));
    return others.slice(0, neighbors).sort(byNumber);
  });
}

/** Takes over this round's senders. topology.csv shows the weight of a coordinate that all of them keep. */
function follow(node: Node, state: State, senders: number[], weight: number): void {
  // Before the first round they are the topology's, with its weights.
  const weighed = node.round === 0 ? [] : state.senders;
  for (const gone of state.senders) if (!senders.includes(gone)) node.weigh(gone, 0);
  for (const sender of senders) if (!weighed.includes(sender)) node.weigh(sender, weight);
  state.senders = senders;
}

function bodyOf({ params, mask }: State): MaskedVector {
  return { values: params, mask };
}

function combine(node: Node, state: State, received: readonly PhaseMessage<MaskedVector>[]): void {
  const models = [bodyOf(state), ...received.map(({ body }) => body)];
  state.mask = state.next;
  state.params = applyMask(intersectionAverage(models), state.mask, layoutOf(node));
  state.mixed = state.params;
}

function layoutOf(node: NodeFacts<Options>): MaskLayout {
  return paramsMasks(node.model, onesByErk(densityOf(node)));
}

function densityOf({ id, options: { density } }: NodeFacts<Options>): number {
  return density[id % density.length]!;
}

/** ρ_t. */
function rateOf({ options, round }: Node): number {
  return options.dropShare * halfCosine(round / options.annealRounds);
}
