/**
 * Transference, steps B and C: from gradients to similarities Z, to clusters, to the mixing matrix W. The equations are
 * those of transference.ts.
 */
import { bodyLength, bodyOf } from '../../learning/body.js';
import { type GradientInput, gradientOf } from '../../learning/gradient.js';
import { messageType } from '../../learning/messages.js';
import { otherNodes, type Phase, type PhaseMessage, phase } from '../../learning/phases.js';
import { publicRows } from '../../learning/public-rows.js';
import { dot } from '../../learning/vectors.js';
import type { VectorView } from '../../wire/codec.js';
import { number, numbers } from '../../wire/control.js';
import { float32 } from '../../wire/float32.js';
import { record } from '../../wire/record.js';
import { lookahead } from './lookahead.js';
import { addEvaluation, closeWindow, type MixingWindow } from './mixing-window.js';
import type { Node, Options, State } from './transference.js';

const TRANSFER = messageType('transfer', ({ model }) =>
  record({ gradient: float32(bodyLength(model)), loss: float32(1) }),
);
const COLUMN = messageType('column', ({ nodes }) => float32(nodes));
const ROW = messageType('row', ({ nodes }) =>
  record({ mixing: numbers('float64', nodes), final: number('u32', 'header') }),
);

/** What receivers see of a `transfer`. */
interface Transfer {
  readonly gradient: VectorView;
  readonly loss: VectorView;
}

/** The node that computes W for all, with `exchange: coordinator`. */
const COORDINATOR = 0;

/** 1 in the first epoch; a whole number only in the first round of an epoch. */
function epochOf({ round, options }: Node): number {
  return round / options.epochBatches + 1;
}

/** Whether an epoch begins, and W may change in it. */
function isInSearch(node: Node): boolean {
  const epoch = epochOf(node);
  const { stopAt, window } = node.options;
  // An evaluation after the last full window would never be used.
  const last = stopAt === undefined ? epoch : stopAt - (stopAt % window);
  return Number.isInteger(epoch) && epoch <= last;
}

/** Whether similarities are evaluated in this round. */
function isEvaluation(node: Node, state: State): boolean {
  return isInSearch(node) && !state.window.frozen;
}

/** B: gradients on the public rows go from `senders` to `receivers`. */
function exchangeOfGradients(
  receivers: (node: Node) => readonly number[],
  senders: (node: Node) => readonly number[],
  combine: (node: Node, state: State, received: readonly PhaseMessage<Transfer>[]) => void,
): Phase<State, Options> {
  return phase({
    message: TRANSFER,
    when: isEvaluation,
    task: gradientOf,
    input: (node, state): GradientInput => ({
      model: node.model.spec,
      params: state.params,
      rows: publicRows(node),
      view: node.shard.view,
      trainable: 'body',
    }),
    computed(_node, state, output) {
      state.own = output;
    },
    send(node, state) {
      const to = receivers(node);
      if (to.length === 0) return [];
      const { gradient, loss } = state.own!;
      return {
        body: {
          gradient: { values: bodyOf(node.model, gradient) },
          loss: { values: Float32Array.of(loss) },
        },
        to,
      };
    },
    expect: senders,
    combine,
  });
}

/**
 * (8), all-to-all. A node uses its own gradient as it was sent, so that all nodes compute the same W; C follows at
 * once.
 */
const gradients = exchangeOfGradients(otherNodes, otherNodes, evaluateGradients);

/** (8) with a coordinator: gradients go to node 0 alone. */
const uploads = exchangeOfGradients(
  ({ id }) => (id === COORDINATOR ? [] : [COORDINATOR]),
  (node) => (node.id === COORDINATOR ? otherNodes(node) : []),
  (node, state, received) => {
    if (node.id === COORDINATOR) evaluateGradients(node, state, received);
  },
);

/** (4), all-to-all: each node keeps the gradients, for trial steps. */
const candidates = exchangeOfGradients(otherNodes, otherNodes, (node, state, received) => {
  state.gradients = Array.from({ length: node.nodes }, () => null);
  state.gradients[node.id] = bodyOf(node.model, state.own!.gradient);
  for (const { from, body } of received) state.gradients[from] = body.gradient.values;
});

/** C with a coordinator: node 0 sends each node its row of W, at the end of each window until W is final. */
const rows: Phase<State, Options> = phase({
  message: ROW,
  when: (node, { isFinal }) => !isFinal && isInSearch(node) && epochOf(node) % node.options.window === 0,
  send({ id, nodes }, state) {
    if (id !== COORDINATOR) return [];
    const { mixing, frozen } = state.window;
    state.isFinal = frozen;
    return mixing.slice(1, nodes).map((row, k) => ({
      body: { mixing: [...row], final: frozen ? 1 : 0 },
      to: [k + 1],
    }));
  },
  expect: ({ id }) => (id === COORDINATOR ? [] : [COORDINATOR]),
  combine(node, state, received) {
    for (const { body } of received) {
      state.window.mixing[node.id] = Float64Array.from(body.mixing);
      state.window.frozen = body.final === 1;
      state.isFinal = body.final === 1;
      show(node, state.window);
    }
  },
});

/** (5): each node sends all others what each step would do to its own loss; then C. */
const columns: Phase<State, Options> = phase({
  message: COLUMN,
  when: isEvaluation,
  task: lookahead,
  input: (node, state) => ({
    model: node.model.spec,
    params: state.params,
    rows: publicRows(node),
    view: node.shard.view,
    gradients: state.gradients,
    step: node.options.lookahead ?? node.options.learningRate,
  }),
  computed(_node, state, { now, after }) {
    state.column = Float32Array.from(after, (loss) => 1 - loss / now);
    state.gradients = [];
  },
  send: (node, state) => ({ body: { values: state.column }, to: otherNodes(node) }),
  expect: otherNodes,
  combine(node, state, received) {
    const columnOf: Float32Array[] = [];
    columnOf[node.id] = state.column;
    for (const { from, body } of received) columnOf[from] = body.values;
    // If a gradient is missing anywhere, all see it in the columns and skip the evaluation alike.
    const isComplete =
      received.length === node.nodes - 1 && columnOf.every((column) => column.every(Number.isFinite));
    const transposed = () => columnOf.map((_, i) => Float64Array.from(columnOf, (column) => column[i]!));
    conclude(node, state, isComplete ? transposed() : undefined);
  },
});

/** The phases of B and C for these options. */
export function graphPhases({ graph, form, exchange }: Options): Phase<State, Options>[] {
  if (graph !== 'dynamic') return [];
  if (exchange === 'coordinator') return [uploads, rows];
  return form === 'exact' ? [candidates, columns] : [gradients];
}

/** C: adds this evaluation to the window, and ends the window after H of them. */
function conclude(node: Node, state: State, z: Float64Array[] | undefined): void {
  const { round, options } = node;
  const random = node.publicRandom(`clusters ${round}`);
  if (z) addEvaluation(state.window, z, options, random);
  if (epochOf(node) % options.window === 0 && closeWindow(state.window, options, random)) {
    show(node, state.window);
  }
}

/** Records this node's mixing weights in topology.csv. */
export function show(node: Node, { mixing }: MixingWindow): void {
  for (const other of otherNodes(node)) node.weigh(other, mixing[node.id]![other]!);
}

/** (8), if no gradient is missing; then C. */
function evaluateGradients(node: Node, state: State, received: readonly PhaseMessage<Transfer>[]): void {
  const byNode: Float32Array[] = [];
  const losses: number[] = [];
  byNode[node.id] = bodyOf(node.model, state.own!.gradient);
  losses[node.id] = Math.fround(state.own!.loss);
  for (const { from, body } of received) {
    byNode[from] = body.gradient.values;
    losses[from] = body.loss.values[0]!;
  }
  const isComplete = received.length === node.nodes - 1;
  conclude(node, state, isComplete ? similarities(byNode, losses) : undefined);
}

/** Z_ij = ⟨g_i, g_j⟩ / L_j, (8): how much a step of i lowers the loss of j; [nodes][nodes]. */
export function similarities(byNode: readonly Float32Array[], losses: readonly number[]): Float64Array[] {
  return byNode.map((a) => Float64Array.from(byNode, (b, j) => product(a, b) / losses[j]!));
}

/** Products of gradients, each under both: all nodes that have received two gradients have the same two arrays. */
const products = new WeakMap<Float32Array, WeakMap<Float32Array, number>>();

/** ⟨a, b⟩ of vectors that nobody changes. */
function product(a: Float32Array, b: Float32Array): number {
  const known = productsOf(a).get(b);
  if (known !== undefined) return known;
  const computed = dot(a, b);
  productsOf(a).set(b, computed);
  productsOf(b).set(a, computed);
  return computed;
}

function productsOf(vector: Float32Array): WeakMap<Float32Array, number> {
  let known = products.get(vector);
  if (!known) {
    known = new WeakMap();
    products.set(vector, known);
  }
  return known;
}
