/**
 * MCE-PL: personal binary masks over fixed weights that are common to all nodes (distributed strong lottery tickets).
 *
 * Reference: Z. Tian, Z. Zhang, Y. Li, M. Bennis, "Communication-Efficient Personalized Distributed Learning
 * with Data and Node Heterogeneity", IEEE TCCN 2025; the released code where the paper's text is not at hand.
 *
 * w: fixed common weights; z_i: scores; m_i: mask; ā_i: mean of the neighbours' masks; per layer l:
 *   y_i = z_i + mean|z_i| · sign(z_i) · ā_i                             intermediate aggregation tensor
 *   m_i = Top_k |y_i|,  k = d_l − ⌊(1 − r_l) d_l⌋;   forward with w ⊙ m_i
 *   G_i = ∂L/∂(w ⊙ m) · w · sign(y_i) + λ ∂Σ_g ‖y_g‖/∂z                  straight through, groups g = output units
 * One iteration k, on one mini-batch:
 *   (1) z ← z − η (G + weightDecay·z)       (2) m^(k−½) = Top_k |y(z, ā)|         (3) exchange m^(k−½), ā = their mean
 *   (4) z ← z − η₂ G ⊙ ā   personalized fine-tuning, with the gradient of (1)     (5) m^(k) = Top_k |y(z, ā)|
 *
 * Messages   | content    | payload bytes, d masked weights
 * `mask`     | m^(k−½)    | ⌈d/8⌉ packed, to each neighbour per iteration; w is not sent (all draw it from the seed)
 * `whole`    | none       | 0 (a header), to a sender whose mask could not be used; only with a codec for differences
 * With another `codec` a mask takes as many bytes as its encoding needs. A codec for differences encodes the difference
 * from the mask that the node sent last, its reference. A node sends a whole mask, without a reference, in every
 * `refresh`-th iteration and when it has new neighbours, was down, gave up on a `reliable` mask, or got a
 * message `whole`. A receiver that lacks the reference is out of step: it ignores the mask, which then counts as missing,
 * and requests a whole one if it has a link to the sender.
 *
 * Differences from the paper: kernels are masked, biases are fixed; λ acts on y (the released code has this term
 * commented out: `lambda: 0`). If no mask of a neighbour arrives, the last ā stays. Ablations: `aggregate: independent`
 * (ā = 0), `aggregate: vote` (m: the weights that most of the own and the neighbours' masks keep, ties by |z|),
 * `fineTune: false`.
 */
import { z } from 'zod';
import type { CodecContext, NodeContext, NodeFacts } from '../../learning/algorithm.js';
import { type BatchCursor, nextBatches, startCursor } from '../../learning/batches.js';
import { messageType } from '../../learning/messages.js';
import { type Phase, phase } from '../../learning/phases.js';
import { roundOptions, rounds } from '../../learning/rounds.js';
import { count } from '../../options/index.js';
import { createMaskCodec, maskCodecOption } from '../../wire/mask-codecs.js';
import {
  type MaskReferences,
  masksOf,
  nextBody,
  startReferences,
  WHOLE,
  withWholeMasks,
} from './mask-references.js';
import {
  applyMask,
  drawIndependentMask,
  drawScores,
  kernelMasks,
  type MaskLayout,
  meanMask,
  onesByRatio,
  onesOf,
  removeThinUnits,
  topMask,
} from './masks.js';
import { aggregationTensor, type MaskInput, type MaskOutput, maskTask } from './mce-pl-step.js';

interface State extends MaskReferences {
  /** w: never changes, the same on all nodes. */
  weights: Float32Array;
  scores: Float32Array;
  /** ā, float32 [d]. */
  average: Float32Array;
  /** m^(k), and m^(k−½) while it is exchanged. */
  mask: Uint8Array;
  half: Uint8Array;
  /** G of the present iteration. */
  gradient: Float32Array;
  cursor: BatchCursor;
  /** w ⊙ m^(k). */
  params: Float32Array;
  loss: number;
}

const options = z.strictObject({
  ...roundOptions,
  batch: count().default(128).describe('samples per mini-batch (paper: 128)'),
  learningRate: z
    .number()
    .positive()
    .default(1)
    .describe('step size of the scores (η; paper: 10 for AlexNet; for an MLP: 1)'),
  fineTuneRate: z
    .number()
    .positive()
    .default(1)
    .describe('step size of the fine-tuning step (η₂; paper: as η)'),
  fineTune: z
    .boolean()
    .default(true)
    .describe('whether the personalized fine-tuning step (4) is taken, with aggregate: mce'),
  aggregate: z
    .enum(['mce', 'independent', 'vote'])
    .default('mce')
    .describe(
      'mce: by the aggregation tensor; independent: masks are not exchanged; vote: the weights that most masks keep',
    ),
  keep: z
    .union([z.number().gt(0).max(1), z.array(z.number().gt(0).max(1)).min(1)])
    .default(0.3)
    .transform((ratio) => (typeof ratio === 'number' ? [ratio] : ratio))
    .describe(
      'share of the body kernel weights that masks keep (r_i); the entries of a list go to the nodes in turn',
    ),
  keepHead: z.number().gt(0).max(1).default(0.9).describe('share of the head kernel weights that masks keep'),
  weightDecay: z.number().min(0).default(5e-4).describe('L2 coefficient on the scores'),
  lambda: z.number().min(0).default(1e-3).describe('weight of the group sparsity term (released code: 0)'),
  minOnesPerUnit: z
    .int()
    .min(0)
    .default(0)
    .describe('a unit of which a mask keeps at most this many weights is removed completely'),
  codec: maskCodecOption(),
  refresh: count()
    .default(20)
    .describe('with a codec for differences: iterations after which a mask is sent whole again'),
});

type Options = z.output<typeof options>;
type Node = NodeContext<Options>;

const MASK = messageType('mask', ({ options: { codec }, model }: CodecContext<Options>) =>
  createMaskCodec(
    codec,
    kernelMasks(model).kernels.map(({ length }) => length),
  ),
);

/** One iteration with the neighbours' masks. */
const iteration: Phase<State, Options> = phase({
  message: MASK,
  task: maskTask,
  input: stepInput,
  computed(node, state, output) {
    keepStep(state, output);
    // A node votes by its own scores: votes on the result of votes would never change again.
    state.half = node.options.aggregate === 'vote' ? ownMask(node, state) : currentMask(node, state);
  },
  // (3)
  send: (node, state) => ({ body: nextBody(node, state, state.half) }),
  // (3), (4) and (5)
  combine(node, state, received) {
    const { aggregate, fineTune, fineTuneRate } = node.options;
    const masks = masksOf(node, state, received, MASK.name);
    if (aggregate === 'vote') state.average = meanMask([state.half, ...masks]);
    else if (masks.length > 0) state.average = meanMask(masks);
    if (aggregate === 'mce' && fineTune) {
      state.scores = fineTuned(state, fineTuneRate);
    }
    setMask(node, state);
  },
});

/** One iteration alone: (1) and (5). */
const independentIteration: Phase<State, Options> = phase({
  task: maskTask,
  input: stepInput,
  computed(node, state, output) {
    keepStep(state, output);
    setMask(node, state);
  },
});

export const mcePl = withWholeMasks(
  rounds<State, Options>({
    id: 'mce-pl',
    description: 'personal binary masks over fixed common weights; masks are exchanged, one bit per weight',
    reference:
      'Tian et al., Communication-Efficient Personalized Distributed Learning with Data and Node Heterogeneity, IEEE TCCN 2025',
    options,
    commonInit: true,
    contentFree: true,
    messages: ({ codec }) => (codec.entry.differences ? [WHOLE] : []),
    init(node) {
      const layout = layoutOf(node);
      const scores = drawScores(layout, node.publicRandom('scores'));
      const initial = drawIndependentMask(layout, node.publicRandom('initial masks'));
      // Without neighbours there are no masks to average, as with `aggregate: independent`.
      const hasMasks = node.options.aggregate === 'mce' && node.neighbors.in.length > 0;
      const average = hasMasks ? Float32Array.from(initial) : new Float32Array(initial.length);
      const state: State = {
        weights: node.initialParams,
        scores,
        average,
        mask: initial,
        half: initial,
        ...startReferences(),
        gradient: new Float32Array(scores.length),
        cursor: startCursor(),
        params: node.initialParams,
        loss: Number.NaN,
      };
      setMask(node, state);
      return state;
    },
    phases: ({ aggregate }) => [aggregate === 'independent' ? independentIteration : iteration],
    evaluate({ params, weights, half }, context) {
      if (context.options.aggregate === 'independent') return { adapted: { params } };
      return { adapted: { params: applyMask(weights, half, layoutOf(context)) }, mixed: { params } };
    },
    personal: ({ scores, gradient }) => [scores, gradient],
    masks: (node) => ({ [MASK.name]: layoutOf(node).kernels }),
    series: (state) => ({
      'train-loss': state.loss,
      'mask-ones': onesOf(state.mask),
      'masks-out-of-step': state.outOfStep,
    }),
  }),
);

function layoutOf({ model, options: { keep, keepHead }, id }: NodeFacts<Options>): MaskLayout {
  const ratio = keep[id % keep.length]!;
  return kernelMasks(
    model,
    onesByRatio(({ group }) => (group === 'head' ? keepHead : ratio)),
  );
}

/** The input of (1). */
function stepInput(node: Node, state: State): MaskInput {
  const { batch, learningRate, weightDecay, lambda } = node.options;
  const rows = nextBatches(state.cursor, node.shard.train, node.random('batches'), { steps: 1, batch });
  return {
    model: node.model.spec,
    params: state.params,
    weights: state.weights,
    scores: state.scores,
    average: state.average,
    layout: layoutOf(node),
    rows,
    view: node.shard.view,
    learningRate,
    weightDecay,
    lambda,
  };
}

function keepStep(state: State, { scores, gradient, loss }: MaskOutput): void {
  Object.assign(state, { scores, gradient, loss });
}

/** z − η₂ G ⊙ ā. */
function fineTuned({ scores, gradient, average }: State, rate: number): Float32Array {
  const tuned = new Float32Array(scores.length);
  for (let i = 0; i < tuned.length; i++) tuned[i] = scores[i]! - rate * gradient[i]! * average[i]!;
  return tuned;
}

function setMask(node: Node, state: State): void {
  const layout = layoutOf(node);
  state.mask = removeThinUnits(currentMask(node, state), layout, node.options.minOnesPerUnit);
  state.params = applyMask(state.weights, state.mask, layout);
}

/** Top_k |z|, from this node's scores alone. */
function ownMask(node: Node, state: State): Uint8Array {
  return topMask(state.scores, layoutOf(node));
}

/** Top_k |y(z, ā)|, or the weights with the most votes. */
function currentMask(node: Node, { scores, average }: State): Uint8Array {
  const layout = layoutOf(node);
  if (node.options.aggregate === 'vote') {
    const highest = scores.reduce((most, score) => Math.max(most, Math.abs(score)), 0);
    // Votes differ by at least 1/(nodes + 1): |z| decides ties only.
    const ranks = average.map((votes, i) => votes + Math.abs(scores[i]!) / (highest * (node.nodes + 2)));
    return topMask(ranks, layout);
  }
  return topMask(aggregationTensor(scores, average, layout), layout);
}
