/**
 * MCE-PL: personal binary masks over fixed weights that all nodes share (distributed strong lottery tickets).
 *
 * Reference: J. Tian, X. Zhang, X. Li, M. Bennis and others, "Communication-Efficient Personalized Distributed Learning
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
 * `mask`     | m^(k−½)    | ⌈d/8⌉ packed, to each neighbour an iteration; w costs nothing (all draw it from the seed)
 *
 * Differences from the paper: kernels are masked, biases fixed; λ acts on y (in the released code the term is commented
 * out: `lambda: 0`). Without any neighbour's mask the last ā stays. Ablations: `aggregate: independent` (ā = 0), `vote`
 * (m = the most voted of own and neighbours' masks, ties by |z|), `fineTune: false`.
 */
import { z } from 'zod';
import type { TaskDefinition } from '../compute/task.js';
import type { View } from '../data/dataset.js';
import type { NodeContext } from '../learning/algorithm.js';
import { type BatchCursor, nextBatches, startCursor } from '../learning/batches.js';
import { gradientOf } from '../learning/gradient.js';
import {
  applyMask,
  drawMask,
  drawScores,
  type MaskedSlice,
  maskedSlices,
  maskLength,
  meanMask,
  removeThinUnits,
  topMask,
} from '../learning/masks.js';
import type { Model, ModelSpec } from '../learning/model.js';
import { job, type RoundOptions, roundOptions, rounds } from '../learning/rounds.js';
import { count } from '../options.js';
import { packedMask } from '../wire/packed-mask.js';

interface State {
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
  /** w ⊙ m^(k): what is evaluated. */
  params: Float32Array;
  loss: number;
}

interface Options extends RoundOptions {
  batch: number;
  learningRate: number;
  fineTuneRate: number;
  fineTune: boolean;
  aggregate: 'mce' | 'independent' | 'vote';
  keep: number[];
  keepHead: number;
  weightDecay: number;
  lambda: number;
  minOnesPerUnit: number;
}

type Node = NodeContext<Options>;

/** Step (1): the gradient at w ⊙ m, straight through to the scores. */
export const maskTask: TaskDefinition<MaskInput, MaskOutput> = maskStep();

export const mcePl = rounds<State, Options>({
  id: 'mce-pl',
  description: 'personal binary masks over fixed common weights; masks are exchanged, one bit a weight',
  reference:
    'Tian et al., Communication-Efficient Personalized Distributed Learning with Data and Node Heterogeneity, IEEE TCCN 2025',
  options: z.strictObject({
    ...roundOptions,
    batch: count().default(128).describe('samples a mini-batch (paper: 128)'),
    learningRate: z
      .number()
      .positive()
      .default(1)
      .describe('η of the scores (paper: 10 for AlexNet; an MLP: 1)'),
    fineTuneRate: z.number().positive().default(1).describe('η₂ of the fine-tuning step (paper: as η)'),
    fineTune: z.boolean().default(true).describe('the personalized fine-tuning step (4)'),
    aggregate: z
      .enum(['mce', 'independent', 'vote'])
      .default('mce')
      .describe('mce: the aggregation tensor; independent: no neighbours; vote: the most voted weights'),
    keep: z
      .union([z.number().gt(0).max(1), z.array(z.number().gt(0).max(1)).min(1)])
      .default(0.3)
      .transform((ratio) => (typeof ratio === 'number' ? [ratio] : ratio))
      .describe('r_i: share of the body kernels that is kept; a list is dealt out to the nodes in turn'),
    keepHead: z.number().gt(0).max(1).default(0.9).describe('share of the head kernels that is kept'),
    weightDecay: z.number().min(0).default(5e-4).describe('L2 coefficient on the scores'),
    lambda: z.number().min(0).default(1e-3).describe('group sparsity; 0 is the released code'),
    minOnesPerUnit: z.int().min(0).default(0).describe('units that keep at most so many weights are removed'),
  }),
  messages: ({ options, model }) => ({ mask: packedMask(maskLength(slicesOf(model, options, 0))) }),
  tasks: [maskTask] as never,
  init(node) {
    const slices = slicesOf(node.model, node.options, node.id);
    const scores = drawScores(slices, node.publicRandom('scores'));
    const initial = drawMask(slices, node.publicRandom('initial masks'));
    const average =
      node.options.aggregate === 'mce' ? Float32Array.from(initial) : new Float32Array(initial.length);
    const state: State = {
      weights: node.initialParams,
      scores,
      average,
      mask: initial,
      half: initial,
      gradient: new Float32Array(scores.length),
      cursor: startCursor(),
      params: node.initialParams,
      loss: Number.NaN,
    };
    setMask(node, state);
    return state;
  },
  phases: ({ aggregate, fineTune }) => [
    {
      ...(aggregate !== 'independent' && { message: 'mask' }),
      // (1) and (2)
      compute(node, state) {
        const { batch, learningRate, weightDecay, lambda } = node.options;
        const rows = nextBatches(state.cursor, node.shard.train, node.random('batches'), { steps: 1, batch });
        return job(maskTask, {
          model: node.model.spec,
          params: state.params,
          weights: state.weights,
          scores: state.scores,
          average: state.average,
          slices: slicesOf(node.model, node.options, node.id),
          rows,
          view: node.shard.view,
          learningRate,
          weightDecay,
          lambda,
        });
      },
      computed(node, state, output) {
        const { scores, gradient, loss } = output as MaskOutput;
        Object.assign(state, { scores, gradient, loss });
        // A voter offers what it would keep itself: voting on what was voted would never change again.
        state.half = aggregate === 'vote' ? ownMask(node, state) : currentMask(node, state);
      },
      ...(aggregate !== 'independent' && { send: (_node: Node, state: State) => ({ body: state.half }) }),
      // (3), (4) and (5)
      combine(node, state, received) {
        const masks = received.map(({ body }) => body as Uint8Array);
        if (aggregate === 'vote') state.average = meanMask([state.half, ...masks]);
        else if (masks.length > 0) state.average = meanMask(masks);
        if (aggregate === 'mce' && fineTune) {
          const { fineTuneRate } = node.options;
          const { gradient, average } = state;
          state.scores = state.scores.map((score, i) => score - fineTuneRate * gradient[i]! * average[i]!);
        }
        setMask(node, state);
      },
    },
  ],
  evaluate: (state) => ({ personal: { params: state.params } }),
  measure: (state) => ({
    'train-loss': state.loss,
    'mask-ones': state.mask.reduce((sum, bit) => sum + bit, 0),
  }),
});

function slicesOf(model: Model, options: Options, node: number): MaskedSlice[] {
  const ratio = options.keep[node % options.keep.length]!;
  return maskedSlices(model, ({ group }) => (group === 'head' ? options.keepHead : ratio));
}

function setMask(node: Node, state: State): void {
  const slices = slicesOf(node.model, node.options, node.id);
  state.mask = removeThinUnits(currentMask(node, state), slices, node.options.minOnesPerUnit);
  state.params = applyMask(state.weights, state.mask, slices);
}

/** Top_k |z|. */
function ownMask(node: Node, state: State): Uint8Array {
  return topMask(state.scores, slicesOf(node.model, node.options, node.id));
}

/** Top_k |y(z, ā)|, or by votes. */
function currentMask(node: Node, state: State): Uint8Array {
  const slices = slicesOf(node.model, node.options, node.id);
  const { scores, average } = state;
  if (node.options.aggregate === 'vote' && node.round > 0) {
    const highest = scores.reduce((most, score) => Math.max(most, Math.abs(score)), 0);
    // Votes differ by at least 1/(nodes + 1): |z| decides ties only.
    const ranks = average.map((votes, i) => votes + Math.abs(scores[i]!) / (highest * (node.nodes + 2)));
    return topMask(ranks, slices);
  }
  return topMask(aggregationTensor(scores, average, slices), slices);
}

/** y = z + mean|z| · sign(z) · ā, the mean layer by layer. */
function aggregationTensor(
  scores: Float32Array,
  average: Float32Array,
  slices: readonly MaskedSlice[],
): Float32Array {
  const y = new Float32Array(scores.length);
  for (const { from, length } of slices) {
    let sum = 0;
    for (let i = from; i < from + length; i++) sum += Math.abs(scores[i]!);
    const mean = sum / length;
    for (let i = from; i < from + length; i++) y[i] = scores[i]! + mean * Math.sign(scores[i]!) * average[i]!;
  }
  return y;
}

interface MaskInput {
  readonly model: ModelSpec;
  readonly params: Float32Array;
  readonly weights: Float32Array;
  readonly scores: Float32Array;
  readonly average: Float32Array;
  readonly slices: readonly MaskedSlice[];
  readonly rows: Uint32Array;
  readonly view: View | undefined;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly lambda: number;
}

interface MaskOutput {
  readonly scores: Float32Array;
  readonly gradient: Float32Array;
  readonly loss: number;
}

function maskStep(): TaskDefinition<MaskInput, MaskOutput> {
  const ofParams = (input: MaskInput) => ({ ...input, trainable: 'all' as const });
  return {
    id: 'mask-step',
    module: import.meta.url,
    export: 'maskTask',
    group: (input) => gradientOf.group(ofParams(input)),
    flops: (input) => gradientOf.flops(ofParams(input)) + 10 * input.scores.length,
    footprint: (input) => gradientOf.footprint(ofParams(input)),
    run(inputs, context) {
      return gradientOf.run(inputs.map(ofParams), context).map(({ gradient, loss }, n) => {
        const input = inputs[n]!;
        const through = straightThrough(input, gradient);
        const { scores, learningRate, weightDecay } = input;
        const stepped = scores.map((score, i) => score - learningRate * (through[i]! + weightDecay * score));
        return { scores: stepped, gradient: through, loss };
      });
    },
  };
}

/** G = ∂L/∂(w ⊙ m) · w · sign(y) + λ · y / ‖y_g‖; sign(y) = sign(z). */
function straightThrough(
  { weights, scores, average, slices, lambda }: MaskInput,
  ofParams: Float32Array,
): Float32Array {
  const through = new Float32Array(scores.length);
  const y = aggregationTensor(scores, average, slices);
  for (const { slice, from, length } of slices) {
    const units = slice.shape[slice.shape.length - 1]!;
    const squares = new Float64Array(units);
    for (let i = 0; i < length; i++) squares[i % units]! += y[from + i]! * y[from + i]!;
    for (let i = 0; i < length; i++) {
      const norm = Math.sqrt(squares[i % units]!);
      const shrink = lambda === 0 || norm === 0 ? 0 : (lambda * y[from + i]!) / norm;
      const place = slice.offset + i;
      through[from + i] = ofParams[place]! * weights[place]! * Math.sign(scores[from + i]!) + shrink;
    }
  }
  return through;
}
