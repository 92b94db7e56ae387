/**
 * FedMask without its server: personal structured masks over frozen random weights; nodes exchange masks, one bit per
 * weight, and a weight that two masks keep becomes part of both.
 *
 * Reference: A. Li, J. Sun, X. Zeng, M. Zhang, H. Li, Y. Chen, "FedMask: Joint Computation and Communication-Efficient
 * Personalized Federated Learning via Heterogeneous Masking", SenSys 2021.
 *
 * w: frozen weights, common to all nodes; s_i: real scores; k_i: 1 for the weights of the units that node i has kept.
 *   m_i = 1[σ(s_i) > ½] ⊙ k_i,  forward with w ⊙ m_i                          σ(s) > ½ is s > 0
 *   (0) before the first round: some steps as in (1), then the units of each body kernel with the least Σ |w|·σ(s_i)
 *       are removed for the whole run
 *   (1) local steps  s_i ← s_i − η ∂L/∂(w ⊙ m) · w · σ(s_i)(1 − σ(s_i)) ⊙ k_i    straight through the threshold
 *   (2) exchange m_i; c = Σ_{j∈N_i∪i} m_j, over n masks; a_i is
 *       overlap    where c ≥ 2 the average over those whose mask is 1, that is 1; elsewhere m_i
 *       majority   1 where c > n/2, 0 where c < n/2, m_i at a tie
 *   (3) s_i ← |s_i| where a_i is 1, −|s_i| where it is 0; m_i as above: what node i has pruned stays pruned
 *
 * Messages   | content      | payload bytes, d masked weights
 * `mask`     | m_i after (1) | ⌈d/8⌉ packed, to each neighbour per round; scores are not sent, w is drawn from the seed
 *
 * Differences from the paper: there is no server; each node aggregates its own and its neighbours' masks, so nothing is
 * sent down (with a server that sends bits: ⌈d/8⌉ to each client). `overlap` is the rule of a third party's
 * implementation of the server. From memory of the paper, and not checked again: that w is random and frozen; (0), and
 * by what units are judged; that (1) goes through σ; which layers are masked (here all kernels; biases stay as they
 * were drawn, so a pruned unit still contributes its bias). (3) is our own, since masks carry no magnitude. A personal
 * model is the result of local training: `adapted`, after (1). A neighbour whose mask is missing is left out of c and n;
 * if all are missing, m_i stays.
 */
import { z } from 'zod';
import type { NodeContext } from '../../learning/algorithm.js';
import { type BatchCursor, nextBatches, startCursor } from '../../learning/batches.js';
import { messageType } from '../../learning/messages.js';
import { type Phase, phase } from '../../learning/phases.js';
import { roundOptions, rounds } from '../../learning/rounds.js';
import type { Slice } from '../../models/model.js';
import { count } from '../../options/index.js';
import { packedMask } from '../../wire/packed-mask.js';
import { maskOf, type ScoreInput, scoreTask, sigmoid } from './fedmask-step.js';
import { applyMask, combineMasks, drawScores, keepUnits, keptUnits, kernelMasks, onesOf } from './masks.js';

interface State {
  /** w: never changes. */
  weights: Float32Array;
  /** s_i, float32 [d]. */
  scores: Float32Array;
  /** k_i: 0 and 1. */
  unitMask: Uint8Array;
  mask: Uint8Array;
  /** w ⊙ m_i after the last local steps. */
  adapted: Float32Array;
  /** m_i after the last exchange. */
  mixed: Uint8Array;
  cursor: BatchCursor;
  loss: number;
}

const options = z.strictObject({
  ...roundOptions,
  localSteps: count().default(5).describe('steps on the scores in each round'),
  batch: count().default(32).describe('samples per step'),
  learningRate: z.number().positive().default(1).describe('step size of the scores (η)'),
  pruneUnits: z
    .number()
    .min(0)
    .lt(1)
    .default(0.2)
    .describe('share of the units of each body kernel that is pruned before the first round, rounded down'),
  pruneSteps: count().default(20).describe('steps on the scores before that pruning'),
  aggregate: z
    .enum(['overlap', 'majority'])
    .default('overlap')
    .describe(
      'overlap: also keep the weights that two masks keep; majority: keep the weights that most masks keep',
    ),
});

type Options = z.output<typeof options>;
type Node = NodeContext<Options>;

const MASK = messageType('mask', ({ model }) => packedMask(kernelMasks(model).length));

/** (0). */
const pruning: Phase<State, Options> = phase({
  when: ({ round, options: { pruneUnits } }) => round === 0 && pruneUnits > 0,
  task: scoreTask,
  input: (node, state) => scoreInput(node, state, node.options.pruneSteps),
  computed(node, state, { scores }) {
    state.unitMask = unitMaskOf(node, state.weights, scores);
    setScores(state, scores);
  },
});

/** (1), (2) and (3). */
const exchange: Phase<State, Options> = phase({
  message: MASK,
  task: scoreTask,
  input: (node, state) => scoreInput(node, state, node.options.localSteps),
  computed(node, state, { scores, loss }) {
    state.loss = loss;
    setScores(state, scores);
    state.adapted = applyMask(state.weights, state.mask, kernelMasks(node.model));
  },
  send: (_node, state) => ({ body: state.mask }),
  combine(node, state, received) {
    const masks = received.map(({ body }) => body);
    const agreed = combineMasks(state.mask, masks, node.options.aggregate);
    setScores(state, withSigns(state.scores, agreed));
    state.mixed = state.mask;
  },
});

export const fedmask = rounds<State, Options>({
  id: 'fedmask',
  description:
    'personal structured masks over frozen common weights; nodes exchange masks and keep the weights on which they overlap',
  reference:
    'Li et al., FedMask: Joint Computation and Communication-Efficient Personalized Federated Learning via Heterogeneous Masking, SenSys 2021',
  options,
  commonInit: true,
  contentFree: true,
  init(node) {
    const layout = kernelMasks(node.model);
    const scores = drawScores(layout, node.publicRandom('scores'));
    const unitMask = new Uint8Array(scores.length).fill(1);
    const mask = maskOf(scores, unitMask);
    const weights = node.initialParams;
    const adapted = applyMask(weights, mask, layout);
    return { weights, scores, unitMask, mask, adapted, mixed: mask, cursor: startCursor(), loss: Number.NaN };
  },
  phases: () => [pruning, exchange],
  evaluate: ({ adapted, weights, mixed }, { model }) => ({
    adapted: { params: adapted },
    mixed: { params: applyMask(weights, mixed, kernelMasks(model)) },
  }),
  personal: ({ scores }) => [scores],
  masks: ({ model, options }) => ({
    [MASK.name]: kernelMasks(model).kernels.map(({ group, from, length, units }) => {
      const kept = keptUnits(units, prunedShare(group, options));
      return { from, length, ones: kept * (length / units), atMost: true };
    }),
  }),
  series: (state) => ({
    'train-loss': state.loss,
    'mask-ones': onesOf(state.mask),
  }),
});

function setScores(state: State, scores: Float32Array): void {
  state.scores = scores;
  state.mask = maskOf(scores, state.unitMask);
}

/** (3): magnitudes stay, signs follow the mask. A score of 0 has no sign, so it gets a small magnitude. */
function withSigns(scores: Float32Array, mask: Uint8Array): Float32Array {
  const signed = new Float32Array(scores.length);
  for (let i = 0; i < signed.length; i++) {
    const size = Math.abs(scores[i]!);
    signed[i] = mask[i] === 1 ? Math.max(size, 1e-8) : -size;
  }
  return signed;
}

/** k after (0). */
function unitMaskOf(node: Node, weights: Float32Array, scores: Float32Array): Uint8Array {
  const layout = kernelMasks(node.model);
  const ranks = Float32Array.from(scores, sigmoid);
  for (const { offset, from, length } of layout.kernels) {
    for (let i = 0; i < length; i++) ranks[from + i]! *= Math.abs(weights[offset + i]!);
  }
  return keepUnits(ranks, layout, ({ group }) => prunedShare(group, node.options));
}

/** Share of the units of a kernel that (0) removes. */
function prunedShare(group: Slice['group'], { pruneUnits }: Options): number {
  return group === 'head' ? 0 : pruneUnits;
}

/** The input for that many local steps on the scores. */
function scoreInput(node: Node, { weights, scores, unitMask, cursor }: State, steps: number): ScoreInput {
  const { batch, learningRate } = node.options;
  const { train, view } = node.shard;
  const rows = nextBatches(cursor, train, node.random('batches'), { steps, batch });
  const layout = kernelMasks(node.model);
  return { model: node.model.spec, weights, scores, unitMask, layout, rows, batch, view, learningRate };
}
