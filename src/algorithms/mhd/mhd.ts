/**
 * MHD, multi-headed distillation: nodes keep their data and weights, and learn from the predictions of others for public
 * unlabelled samples. Models may differ from node to node, if their embeddings have one size.
 *
 * Reference: A. Zhmoginov, M. Sandler, N. Miller, G. Kristiansen, M. Vladymyrov, "Decentralized Learning with
 * Multi-Headed Distillation", CVPR 2023. Of the paper the abstract was at hand: what is marked [memory] rests on what is
 * known of its text, and was checked by what the abstract claims.
 *
 * ξ_i: encoder to embeddings of E numbers; h⁰: main head, h¹ … h^m: auxiliary heads on one embedding; p^k = softmax h^k(ξ);
 * B: private batch, Q: public batch, T: Δ teachers, of the nodes from which the topology lets i receive [memory].
 *   L_i = CE(h⁰(ξ_i(x)), y)                             over B: the main head learns from private data alone      (1)
 *       + ν_emb Σ_{j ∈ T} ‖ξ̂_i(x) − ξ̂_j(x)‖²            over Q; ξ̂ = ξ / ‖ξ‖ [memory: ρ(u) = u²]                 (2)
 *       + ν_aux Σ_{k=1..m} CE(h^k(ξ_i(x)), p^{k−1}_c(x))  over Q; c = argmax_{c ∈ T ∪ {i}} max p^{k−1}_c(x)       (3)
 * Targets and teachers' embeddings are constants. So what a node knows reaches head k of those k links away.
 * A round is one step. Every `refresh` rounds:
 *   mode predictions   the teachers, drawn anew, send their predictions for the next public batch
 *   mode checkpoint    one entry of a pool of teachers' models is replaced by its owner's present model; in each step Δ of
 *                      the pool predict, on the node itself [memory: this is what the paper simulates]
 *
 * Messages      | content                                     | payload bytes, Q public samples, C classes
 * `samples`     | ids of Q, with `synchronised: false`        | 4·Q, student to each teacher
 * `predictions` | ξ_j (if ν_emb > 0) and p⁰ … p^{m−1} on Q    | 4·Q·(E·[ν_emb > 0] + m·C), teacher to each student
 * `checkpoint`  | encoder and m + 1 heads                     | 4·(d_enc + (m + 1)(E·C + C)), teacher to student
 *
 * Differences from the paper: all nodes know the topology and the seed, and draw from them who learns from whom and,
 * with `synchronised: true`, the public batches, so that no requests are needed. Nodes go step by step: a student waits
 * for its teachers' answers of the same round. With `refresh` above 1 in mode predictions, a public batch and the
 * answers to it are used until the next refresh. The messages for the first pool are charged like all others. If no
 * teacher has answered, a step has the losses (1) and (3), with the node's own prediction as target. The learning rate
 * falls to 0 along half a cosine over `decayRounds`.
 */
import type { CodecContext, NodeContext } from '../../learning/algorithm.js';
import { type BatchCursor, nextBatches, startCursor } from '../../learning/batches.js';
import { messageType } from '../../learning/messages.js';
import { type Phase, phase } from '../../learning/phases.js';
import { publicRows } from '../../learning/public-rows.js';
import { rounds } from '../../learning/rounds.js';
import { halfCosine } from '../../learning/schedules.js';
import {
  type HeadSizes,
  initHeads,
  type MultiHead,
  multiHead,
  paramsWithHead,
} from '../../models/multi-head.js';
import { optimizerSpec } from '../../models/optimizers/index.js';
import { byNumber } from '../../numbers.js';
import { numbers } from '../../wire/control.js';
import { type DistilOutput, distil } from './distil-task.js';
import type { Predictions } from './distillation.js';
import { publicBatch, studentsOf, teachersOf } from './draws.js';
import { modelsCodec, predictionsCodec, requireEqualEmbeddings } from './messages.js';
import { type MhdOptions, mhdOptions } from './options.js';
import { type PredictInput, predict, type Query } from './predict-task.js';

type Node = NodeContext<MhdOptions>;

interface State {
  /** Encoder, main head, auxiliary heads 1 … m. */
  params: Float32Array;
  sizes: HeadSizes;
  cursor: BatchCursor;
  /** Where the node is in its own draws of public rows, with `synchronised: false`. */
  publicCursor: BatchCursor;
  /** Q. */
  publicRows: Uint32Array;
  /** The students with the rows that they want predictions for, and the answers. */
  students: Array<{ readonly id: number; readonly rows: Uint32Array }>;
  answers: Predictions[];
  /** Teachers' models in the order of their arrival, one per teacher. */
  pool: Array<{ readonly teacher: number; readonly params: Float32Array }>;
  /** The teachers' predictions on Q. */
  teachers: Predictions[];
  optimizerState: Float32Array | null;
  stepsTaken: number;
  losses: Omit<DistilOutput, 'params' | 'optimizerState'>;
}

const SAMPLES = messageType('samples', ({ options: { publicBatch: samples } }: CodecContext<MhdOptions>) =>
  numbers('u32', samples),
);
const PREDICTIONS = messageType('predictions', (context: CodecContext<MhdOptions>) =>
  predictionsCodec(headsOf(context)[0]!, {
    samples: context.options.publicBatch,
    embeddings: context.options.nuEmb > 0,
  }),
);
const CHECKPOINT = messageType('checkpoint', (context: CodecContext<MhdOptions>) =>
  modelsCodec(headsOf(context)),
);

const isRefresh = ({ round, options }: Node) => round % options.refresh === 0;

/** Mode predictions with `synchronised: false`: nodes send the ids of their public batch to their teachers. */
const request: Phase<State, MhdOptions> = phase({
  message: SAMPLES,
  when: isRefresh,
  send(node, state) {
    state.publicRows = drawPublic(node, state);
    const to = ownTeachers(node);
    return to.length === 0 ? [] : { body: Array.from(state.publicRows), to };
  },
  expect: (node) => ownStudents(node),
  combine(_node, state, received) {
    state.students = received.map(({ from, body }) => ({ id: from, rows: Uint32Array.from(body) }));
  },
});

/** Mode predictions: nodes send their students their predictions on the public batch. */
const answer: Phase<State, MhdOptions> = phase({
  message: PREDICTIONS,
  when: isRefresh,
  task: predict,
  input(node, state) {
    const { synchronised } = node.options;
    if (synchronised) {
      state.publicRows = drawPublic(node, state);
      state.students = ownStudents(node).map((id) => ({ id, rows: state.publicRows }));
    }
    // One answer serves all students that want predictions for the same rows.
    const batches = synchronised ? state.students.slice(0, 1) : state.students;
    const { spec } = node.model;
    return predictInput(
      node,
      batches.map(({ rows }) => ({ model: spec, params: state.params, rows })),
    );
  },
  computed(_node, state, output) {
    state.answers = output;
  },
  send({ options: { synchronised } }, { students, answers }) {
    const ids = students.map(({ id }) => id);
    return answers.map((body, a) => ({ body, to: synchronised ? ids : [ids[a]!] }));
  },
  expect: (node) => ownTeachers(node),
  combine(_node, state, received) {
    state.teachers = received.map(({ body }) => body);
  },
});

/** Mode checkpoint: nodes send their model to those students that put it into their pool. */
const exchange: Phase<State, MhdOptions> = phase({
  message: CHECKPOINT,
  when: isRefresh,
  send(node, { params }) {
    const to = ownStudents(node);
    return to.length === 0 ? [] : { body: { values: params }, to };
  },
  expect: (node) => ownTeachers(node),
  combine(node, state, received) {
    const fresh = received.map(({ from, body }) => ({ teacher: from, params: body.values }));
    const kept = state.pool.filter(({ teacher }) => fresh.every((one) => one.teacher !== teacher));
    state.pool = [...kept, ...fresh].slice(-(node.options.pool ?? node.nodes));
  },
});

/** Mode checkpoint: the predictions of Δ models of the pool on the public batch. */
const queryPool: Phase<State, MhdOptions> = phase({
  task: predict,
  input(node, state) {
    state.publicRows = drawPublic(node, state);
    const places = node.random('teachers').shuffle(state.pool.map((_, place) => place));
    const drawn = places.slice(0, node.options.delta).map((place) => state.pool[place]!);
    return predictInput(
      node,
      drawn
        .sort((a, b) => byNumber(a.teacher, b.teacher))
        .map(({ teacher, params }) => ({
          model: node.modelOf(teacher).spec,
          params,
          rows: state.publicRows,
        })),
    );
  },
  computed(_node, state, output) {
    state.teachers = output;
  },
});

/** One step on (1) + (2) + (3). */
const step: Phase<State, MhdOptions> = phase({
  task: distil,
  input(node, state) {
    const { options } = node;
    const { decayRounds, learningRate } = options;
    const rate = decayRounds === undefined ? 1 : halfCosine(node.round / decayRounds);
    const size = { steps: 1, batch: options.batch };
    return {
      model: node.model.spec,
      params: state.params,
      auxiliary: options.auxiliaryHeads,
      rows: nextBatches(state.cursor, node.shard.train, node.random('batches'), size),
      publicRows: state.publicRows,
      view: node.shard.view,
      teachers: state.teachers,
      selfInTargets: options.selfInTargets,
      picks: options.target === 'random' ? drawPicks(node, state) : null,
      nuEmb: options.nuEmb,
      nuAux: options.nuAux,
      optimizer: optimizerSpec({ optimizer: options.optimizer, learningRate: learningRate * rate }),
      optimizerState: state.optimizerState,
      stepsTaken: state.stepsTaken,
    };
  },
  computed(_node, state, { params, optimizerState, ...losses }) {
    Object.assign(state, { params, optimizerState, losses });
    state.stepsTaken++;
  },
});

export const mhd = rounds<State, MhdOptions>({
  id: 'mhd',
  description: 'multi-headed distillation on public samples; neither data nor weights need to be shared',
  reference:
    'Zhmoginov, Sandler, Miller, Kristiansen, Vladymyrov, Decentralized Learning with Multi-Headed Distillation, CVPR 2023',
  options: mhdOptions,
  contentFree: true,
  mixedModels: true,
  init: (node) => {
    const multi = multiHead(node.model, node.options.auxiliaryHeads);
    // Refuses data without public rows before the run.
    publicRows(node);
    return {
      params: initHeads(multi, node.initialParams, node.random('auxiliary heads')),
      sizes: multi.sizes,
      cursor: startCursor(),
      publicCursor: startCursor(),
      publicRows: new Uint32Array(0),
      students: [],
      answers: [],
      pool: [],
      teachers: [],
      optimizerState: null,
      stepsTaken: 0,
      losses: { loss: Number.NaN, distillation: Number.NaN, embedding: Number.NaN },
    };
  },
  phases: ({ mode, synchronised }) =>
    mode === 'checkpoint' ? [exchange, queryPool, step] : [...(synchronised ? [] : [request]), answer, step],
  evaluate({ params, sizes }) {
    const heads = 1 + (params.length - sizes.body - sizes.head) / sizes.head;
    return Object.fromEntries(
      Array.from({ length: heads }, (_, k) => [
        k === 0 ? 'adapted' : `aux ${k}`,
        { params: paramsWithHead(params, sizes, k) },
      ]),
    );
  },
  // In mode checkpoint, params are sent.
  personal: ({ params, optimizerState }, { options: { mode } }) => [
    ...(mode === 'predictions' ? [params] : []),
    ...(optimizerState ? [optimizerState] : []),
  ],
  // A loss with weight 0 is not computed.
  series: ({ losses: { loss, distillation, embedding } }) => ({
    'train-loss': loss,
    ...(!Number.isNaN(distillation) && { 'distillation-loss': distillation }),
    ...(!Number.isNaN(embedding) && { 'embedding-loss': embedding }),
  }),
});

function predictInput(node: Node, queries: readonly Query[]): PredictInput {
  const { auxiliaryHeads, nuEmb } = node.options;
  return { queries, auxiliary: auxiliaryHeads, embeddings: nuEmb > 0, view: node.shard.view };
}

/** The models of all nodes with their heads, each once. Throws a UsageError where their embeddings do not compare. */
function headsOf({ models, options: { auxiliaryHeads, nuEmb } }: CodecContext<MhdOptions>): MultiHead[] {
  const heads = models.map((model) => multiHead(model, auxiliaryHeads));
  if (nuEmb > 0) requireEqualEmbeddings(heads);
  return heads;
}

/** Draws the next Q: the same on all nodes, or this node's own. */
function drawPublic(node: Node, state: State): Uint32Array {
  const { synchronised, publicBatch: length, mode, refresh } = node.options;
  if (!synchronised) {
    const size = { steps: 1, batch: length };
    return nextBatches(state.publicCursor, publicRows(node), node.random('public batches'), size);
  }
  const number = mode === 'predictions' ? node.round / refresh : node.round;
  return publicBatch(node, number, length);
}

/** How many teachers a node has in this round. */
function teacherCount({ round, nodes, options: { mode, delta, pool } }: Node): number {
  if (mode === 'predictions') return delta;
  return round === 0 ? (pool ?? nodes) : 1;
}

const ownTeachers = (node: Node) => teachersOf(node, node.id, teacherCount(node));
const ownStudents = (node: Node) => studentsOf(node, teacherCount(node));

/** Draws a candidate for the target of each head and public row; see `targetsOf` in distil-task.ts. */
function drawPicks(node: Node, { teachers, publicRows: { length } }: State): Uint8Array {
  const { selfInTargets, auxiliaryHeads } = node.options;
  const candidates = teachers.length + (selfInTargets || teachers.length === 0 ? 1 : 0);
  const random = node.random('targets');
  return Uint8Array.from({ length: auxiliaryHeads * length }, () => random.integer(candidates));
}
