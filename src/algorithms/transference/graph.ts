/**
 * Transference, steps B and C: from gradients to similarities Z, to clusters, to the mixing matrix W. The equations are
 * those of transference.ts.
 */
import { bodyOf } from '../../learning/body.js';
import { type GradientOutput, gradientOf } from '../../learning/gradient.js';
import { publicRows } from '../../learning/public-rows.js';
import { job, type Phase, type PhaseMessage, type Sending } from '../../learning/rounds.js';
import { dot } from '../../learning/vectors.js';
import type { VectorView } from '../../wire/codec.js';
import { type LookaheadOutput, lookahead } from './lookahead.js';
import { addEvaluation, closeWindow, type MixingWindow } from './mixing-window.js';
import { type Node, type Options, others, type State } from './options.js';

/** Content of a `transfer` message. */
interface Transfer {
  readonly gradient: VectorView;
  readonly loss: VectorView;
}

/** The node that computes W for all, where one does. */
const COORDINATOR = 0;

/** The phases of B and C for these options. */
export function graphPhases({ dynamic, form, exchange }: Options): Phase<State, Options>[] {
  if (!dynamic) return [];
  if (exchange === 'coordinator') return [uploads, rows];
  return form === 'exact' ? [gradients, columns] : [gradients];
}

/** 1 in the first epoch; whole in the first round of an epoch only. */
function epochOf({ round, options }: Node): number {
  return round / options.epochBatches + 1;
}

/** Whether an epoch begins, and W may change in it. */
function isInSearch(node: Node): boolean {
  const epoch = epochOf(node);
  const { stopAt, window } = node.options;
  // What is measured after the last full window would never be used.
  const last = stopAt === undefined ? epoch : stopAt - (stopAt % window);
  return Number.isInteger(epoch) && epoch <= last;
}

/** Whether transference is evaluated in this round. */
function isEvaluation(node: Node, state: State): boolean {
  return isInSearch(node) && !state.window.frozen;
}

/** B, all-to-all: gradients on the shared data to everybody. With (8), C follows at once. */
const gradients: Phase<State, Options> = {
  message: 'transfer',
  when: isEvaluation,
  compute: (node, state) =>
    job(gradientOf, {
      model: node.model.spec,
      params: state.params,
      rows: publicRows(node),
      view: node.shard.view,
      trainable: 'body',
    }),
  computed(_node, state, output) {
    state.own = output as GradientOutput;
  },
  send: (node, state) => ({
    body: {
      gradient: { values: bodyOf(node.model, state.own!.gradient) },
      loss: { values: Float32Array.of(state.own!.loss) },
    },
    to: others(node),
  }),
  expect: others,
  combine(node, state, received) {
    if (node.options.form === 'exact') {
      state.gradients = Array.from({ length: node.nodes }, () => null);
      state.gradients[node.id] = bodyOf(node.model, state.own!.gradient);
      for (const { from, body } of received) state.gradients[from] = (body as Transfer).gradient.values;
      return;
    }
    // Everybody works on what was sent, so that all come to the same W.
    const isComplete = received.length === node.nodes - 1;
    const { byNode, losses } = exchanged(node, state, received);
    conclude(node, state, isComplete ? similarities(byNode, losses) : undefined);
  },
};

/** B with a coordinator: gradients go to node 0 alone. */
const uploads: Phase<State, Options> = {
  ...gradients,
  send: (node, state) => {
    const sending = gradients.send!(node, state) as Sending;
    return node.id === COORDINATOR ? [] : { ...sending, to: [COORDINATOR] };
  },
  expect: (node) => (node.id === COORDINATOR ? others(node) : []),
  combine(node, state, received) {
    if (node.id === COORDINATOR) gradients.combine!(node, state, received);
  },
};

/** C with a coordinator: node 0 tells each its row of W, at the end of each window until W is final. */
const rows: Phase<State, Options> = {
  message: 'row',
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
      const { mixing, final } = body as { mixing: readonly number[]; final: number };
      state.window.mixing[node.id] = Float64Array.from(mixing);
      state.window.frozen = final === 1;
      state.isFinal = final === 1;
      show(node, state.window);
    }
  },
};

/** (5): what each step would do to the own loss, to everybody; then C. */
const columns: Phase<State, Options> = {
  message: 'column',
  when: isEvaluation,
  compute: (node, state) =>
    job(lookahead, {
      model: node.model.spec,
      params: state.params,
      rows: publicRows(node),
      view: node.shard.view,
      gradients: state.gradients,
      step: node.options.lookahead,
    }),
  computed(_node, state, output) {
    const { now, after } = output as LookaheadOutput;
    state.column = Float32Array.from(after, (loss) => 1 - loss / now);
    state.gradients = [];
  },
  send: (node, state) => ({ body: { values: state.column }, to: others(node) }),
  expect: others,
  combine(node, state, received) {
    const columnOf: Float32Array[] = [];
    columnOf[node.id] = state.column;
    for (const { from, body } of received) columnOf[from] = (body as VectorView).values;
    // A hole in a column is seen by all, who skip the evaluation alike.
    const isComplete =
      received.length === node.nodes - 1 && columnOf.every((column) => column.every(Number.isFinite));
    const transposed = () => columnOf.map((_, i) => Float64Array.from(columnOf, (column) => column[i]!));
    conclude(node, state, isComplete ? transposed() : undefined);
  },
};

/** C: adds this evaluation to the window, and ends the window after H of them. */
function conclude(node: Node, state: State, z: Float64Array[] | undefined): void {
  const { round, options } = node;
  const random = node.publicRandom(`clusters ${round}`);
  if (z) addEvaluation(state.window, z, options, random);
  if (epochOf(node) % options.window === 0 && closeWindow(state.window, options, random)) {
    show(node, state.window);
  }
}

/** Says in topology.csv how this node mixes. */
export function show(node: Node, { mixing }: MixingWindow): void {
  for (const other of others(node)) node.weigh(other, mixing[node.id]![other]!);
}

/** What was exchanged, by node. */
function exchanged(node: Node, state: State, received: readonly PhaseMessage[]) {
  const byNode: Float32Array[] = [];
  const losses: number[] = [];
  byNode[node.id] = bodyOf(node.model, state.own!.gradient);
  losses[node.id] = Math.fround(state.own!.loss);
  for (const { from, body } of received) {
    const { gradient, loss } = body as Transfer;
    byNode[from] = gradient.values;
    losses[from] = loss.values[0]!;
  }
  return { byNode, losses };
}

/** Z_ij = ⟨g_i, g_j⟩ / L_j, (8): how much a step of i lowers the loss of j; [nodes][nodes]. */
export function similarities(byNode: readonly Float32Array[], losses: readonly number[]): Float64Array[] {
  return byNode.map((a) => Float64Array.from(byNode, (b, j) => dot(a, b) / losses[j]!));
}
