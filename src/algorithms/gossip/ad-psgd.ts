/**
 * AD-PSGD, asynchronous decentralized parallel SGD: no barrier; after each of its trainings a node averages with one random
 * neighbour, and both have the average.
 *
 * Reference: X. Lian, W. Zhang, C. Zhang, J. Liu, "Asynchronous Decentralized Parallel Stochastic Gradient Descent", ICML 2018,
 * Algorithm 1; the bipartite graph of active and passive nodes, against deadlocks, is that of its section 3.
 *
 * x_i: params of node i; S: the change by `localSteps` local steps from a snapshot x̂_i (−η∇f_i(x̂_i) for one).
 *   active i    trains; sends x_i to a random passive neighbour j; gets (x_i + x_j)/2 back; x_i ← that + S(x̂_i)
 *   passive j   trains all the time; x_j ← (x_i + x_j)/2 when x_i arrives, and sends that back; x_j ← x_j + S(x̂_j) at the end
 *
 * Messages    | content                         | payload bytes, params = d
 * `request`   | x_i, and a number               | float32 4·d; and 4
 * `average`   | (x_i + x_j)/2, and that number  | float32 4·d; and 4
 *
 * Laws: an average changes Σ x_i over the nodes by nothing once its answer has arrived. While an active node waits, nobody
 * changes its params, so averages are atomic; a lossy codec rounds the two halves of an average differently, and the sum is then kept
 * up to that alone. A slow node holds up only who asks it for an average.
 *
 * Differences from the paper: which nodes are active is the colour of a breadth-first tree of the topology, from the least
 * node of each component: links between nodes of one colour are not used, and in a bipartite topology there are none. An
 * active node trains and then averages, one after the other; `period` makes every node wait at least so long between the starts of
 * two trainings. With `deadline`, a node whose answer does not come in time goes on
 * with its own params, and the sum is then not kept. A round of a node is one of its trainings.
 */
import { z } from 'zod';
import type { Algorithm, CodecContext, NodeContext } from '../../learning/algorithm.js';
import { trainingOptions } from '../../learning/local-training.js';
import { codecsOf, isMessage, messageType } from '../../learning/messages.js';
import {
  beginTraining,
  endTraining,
  type OngoingTraining,
  PERIOD,
  periodOption,
  startOngoing,
} from '../../learning/ongoing.js';
import { requireDeadline, roundOptions } from '../../learning/rounds.js';
import type { TrainOutput } from '../../learning/train.js';
import { weightedSum } from '../../learning/vectors.js';
import { number } from '../../wire/control.js';
import { createCodec, denseCodecOption } from '../../wire/index.js';
import { record } from '../../wire/record.js';

interface State extends OngoingTraining {
  /** Out-neighbours of the other colour at the start, if the node is active; else none. */
  readonly passive: number[];
  /** Averages that the node has asked for. */
  asked: number;
  /** The output of the training whose average has not arrived yet. */
  output: TrainOutput | null;
  /** Averages between the snapshot of the last training and its end (part of τ of the paper, which counts the updates of all nodes). */
  staleness: number;
  merged: number;
  done: boolean;
}

const { deadline, reliable } = roundOptions;

const options = z.strictObject({
  ...trainingOptions,
  localSteps: trainingOptions.localSteps.prefault(1),
  deadline: deadline.describe('how long an active node waits for an answer; default: until it has arrived'),
  reliable,
  ...periodOption,
  codec: denseCodecOption().describe('how models are encoded; a dense codec'),
});

type Options = z.output<typeof options>;
type Node = NodeContext<Options>;

const values = ({ options: { codec }, model }: CodecContext<Options>) =>
  record({ values: createCodec(codec, model), number: number('u32', 'header') });
const REQUEST = messageType('request', values);
const AVERAGE = messageType('average', values);

const DEADLINE = 'deadline';

export const adPsgd: Algorithm<State, Options> = {
  id: 'ad-psgd',
  description: 'asynchronous decentralized SGD: after each training, the average with one random neighbour',
  reference: 'Lian et al., Asynchronous Decentralized Parallel Stochastic Gradient Descent, ICML 2018',
  options,
  contentFree: true,
  undirected: true,
  messages: (context) => codecsOf([REQUEST, AVERAGE], context),
  // A node knows from the beginning whom it may ask.
  fixedTopology: true,
  validate: requireDeadline,
  init: (node) => ({
    ...startOngoing(node),
    passive: passiveNeighbors(node),
    asked: 0,
    output: null,
    staleness: 0,
    merged: 0,
    done: false,
  }),
  on: {
    start: begin,
    computed(node, state, result) {
      const output = result.output as TrainOutput;
      if (state.passive.length > 0) ask(node, state, output);
      else end(node, state, output);
    },
    message(node, state, message) {
      const { reliable } = node.options;
      if (isMessage(REQUEST, message)) {
        const { values, number } = message.body;
        merge(state, weightedSum([state.params, values.values], [1 / 2, 1 / 2]));
        node.send(message.from, AVERAGE.name, { values: { values: state.params }, number }, { reliable });
      } else if (isMessage(AVERAGE, message)) {
        const { output } = state;
        if (output === null || message.body.number !== state.asked) return node.ignore(message);
        merge(state, message.body.values.values);
        end(node, state, output);
      }
    },
    timer(node, state, name) {
      if (name === PERIOD) {
        state.waiting = false;
        if (!state.done && state.output === null && !node.computing) begin(node, state);
      } else if (state.output !== null) end(node, state, state.output);
    },
    up(node, state) {
      // A task that was lost with the node is submitted again; a paused one continues by itself.
      if (!state.done && !state.waiting && state.output === null && !node.computing) begin(node, state);
    },
  },
  evaluate: ({ params, adapted }) => ({ adapted: { params: adapted }, mixed: { params } }),
  series: ({ training, staleness }) => ({ 'train-loss': training.loss, staleness }),
};

function begin(node: Node, state: State): void {
  state.merged = 0;
  beginTraining(node, state);
}

function ask(node: Node, state: State, output: TrainOutput): void {
  const { deadline, reliable } = node.options;
  state.output = output;
  state.asked++;
  const to = state.passive[node.random('partner').integer(state.passive.length)]!;
  const body = { values: { values: state.params }, number: state.asked };
  node.send(to, REQUEST.name, body, { reliable });
  if (deadline !== undefined) node.timer(DEADLINE, deadline);
}

function merge(state: State, params: Float32Array): void {
  state.params = params;
  state.merged++;
}

/** The training is over, and its average if there is one. */
function end(node: Node, state: State, output: TrainOutput): void {
  node.cancelTimer(DEADLINE);
  state.output = null;
  state.staleness = state.merged;
  endTraining(state, output);
  state.done = !node.nextRound();
  if (!state.done && !state.waiting) begin(node, state);
}

/**
 * The out-neighbours that an active node may ask, at the start: those of the other colour of a breadth-first tree. The least
 * node of a component is active.
 */
function passiveNeighbors(node: Node): number[] {
  const colors = new Int8Array(node.nodes).fill(-1);
  for (let root = 0; root < node.nodes; root++) {
    if (colors[root] !== -1) continue;
    colors[root] = 0;
    const queue = [root];
    for (const at of queue) {
      for (const next of node.neighborsOf(at).out) {
        if (colors[next] !== -1) continue;
        colors[next] = 1 - colors[at]!;
        queue.push(next);
      }
    }
  }
  if (colors[node.id] !== 0) return [];
  return Array.from(node.neighbors.out).filter((other) => colors[other] === 1);
}
