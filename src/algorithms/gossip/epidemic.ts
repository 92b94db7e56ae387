/**
 * Epidemic learning (EL): in every round each node sends its model to s nodes drawn anew, and averages what it receives.
 *
 * Reference: M. de Vos, S. Farhadkhani, R. Guerraoui, A.-M. Kermarrec, R. Pires, R. Sharma, "Epidemic Learning: Boosting
 * Decentralized Learning with Randomized Communication", NeurIPS 2023, Algorithm 1 with its two ways to draw.
 *
 * x_i: params of node i; S_i(x): the change of x by `localSteps` local steps; J_i: the nodes from which i receives.
 *   (1)   x_i ← x_i + S_i(x_i)
 *   (2)   x_i to s nodes:  EL-Local: s others, uniformly at random;  EL-Oracle: so that each also receives from s
 *   (3)   x_i ← (x_i + Σ_{j ∈ J_i} x_j) / (1 + |J_i|)
 *
 * Messages   | content                          | payload bytes, params = d
 * `model`    | x_j + S_j(x_j)                   | float32 4·d, float16 2·d, …: s in each round
 *
 * Laws: weights of a row sum to 1. With EL-Oracle the average of all models is preserved by (3); with EL-Local it is in
 * expectation only, since in-degrees differ: s on average.
 *
 * Differences from the paper: all nodes know the draw of a round from the common seed, so that a receiver knows for whom to wait;
 * no message is sent for that. EL-Oracle takes a random order of the nodes and s random distances in it, a directed circulant graph, in
 * place of a uniform regular one, which takes far longer to draw: who sends to whom need not receive from it. The topology of the scenario is not used: nodes send to whom they draw.
 */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import type { CodecContext, NodeContext } from '../../learning/algorithm.js';
import {
  finalTraining,
  finalTrainingOption,
  startTraining,
  type TrainingState,
  trained,
  trainingInput,
  trainingOptions,
} from '../../learning/local-training.js';
import { messageType } from '../../learning/messages.js';
import type { Params } from '../../learning/params.js';
import { phase } from '../../learning/phases.js';
import { roundOptions, rounds } from '../../learning/rounds.js';
import { train } from '../../learning/train.js';
import { mixture } from '../../learning/vectors.js';
import { byNumber } from '../../numbers.js';
import { count } from '../../options/index.js';
import type { Random } from '../../random.js';
import { createCodec, denseCodecOption } from '../../wire/index.js';

interface State {
  params: Params;
  /** After (1). */
  adapted: Float32Array;
  /** J_i of the present round, ascending. */
  senders: number[];
  training: TrainingState;
}

const options = z.strictObject({
  ...trainingOptions,
  ...roundOptions,
  ...finalTrainingOption,
  draw: z
    .enum(['local', 'oracle'])
    .default('local')
    .describe(
      'local: every node draws its receivers; oracle: drawn so that each node also receives from so many',
    ),
  receivers: count()
    .optional()
    .describe(
      's: to how many nodes each node sends in a round; default: log₂ of the number of nodes, rounded up',
    ),
  codec: denseCodecOption().describe('how models are encoded; a dense codec'),
});

type Options = z.output<typeof options>;
type Node = NodeContext<Options>;

const MODEL = messageType('model', ({ options: { codec }, model }: CodecContext<Options>) =>
  createCodec(codec, model),
);

export const epidemic = rounds<State, Options>({
  id: 'epidemic',
  description: 'epidemic learning: models go to nodes that are drawn anew in every round, and are averaged',
  reference:
    'De Vos et al., Epidemic Learning: Boosting Decentralized Learning with Randomized Communication, NeurIPS 2023',
  options,
  contentFree: true,
  withoutMessages: 'local-only',
  validate({ options, nodes }) {
    const s = receiversOf(options, nodes);
    if (s < nodes) return;
    throw new UsageError(
      'too-many-receivers',
      `expected at most ${nodes - 1} receivers, which is the number of other nodes, got ${s}: use a smaller number`,
      'algorithm.receivers',
    );
  },
  init: ({ initialParams }) => ({
    params: initialParams,
    adapted: initialParams,
    senders: [],
    training: startTraining(),
  }),
  phases: () => [
    phase({
      message: MODEL,
      task: train,
      input: (node, { training, params }) => trainingInput(node, training, params),
      // (1)
      computed(_node, state, output) {
        state.adapted = trained(state.training, output);
      },
      // (2)
      send(node, state) {
        const { receivers, senders } = drawPeers(node);
        for (const gone of state.senders) if (!senders.includes(gone)) node.weigh(gone, 0);
        for (const from of senders) node.weigh(from, 1 / (1 + senders.length));
        state.senders = senders;
        return { body: { values: state.adapted }, to: receivers };
      },
      expect: (_node, { senders }) => senders,
      // (3)
      combine(_node, state, received) {
        const share = 1 / (1 + received.length);
        const row = { self: share, neighbors: new Float64Array(received.length).fill(share) };
        const views = received.map(({ body }, neighbor) => ({ neighbor, view: body }));
        state.params = mixture(state.adapted, row, views);
      },
    }),
    finalTraining(),
  ],
  evaluate: ({ params, adapted }) => ({ adapted: { params: adapted }, mixed: { params } }),
  series: ({ training, senders }) => ({ 'train-loss': training.loss, 'in-degree': senders.length }),
});

function receiversOf({ receivers }: Options, nodes: number): number {
  return receivers ?? Math.max(1, Math.ceil(Math.log2(nodes)));
}

/** To whom a node sends in this round, and from whom it receives, both ascending; all nodes draw alike. */
interface Peers {
  readonly receivers: number[];
  readonly senders: number[];
}

function drawPeers(node: Node): Peers {
  const { options, nodes, round } = node;
  const random = node.publicRandom(`receivers ${round}`);
  const s = receiversOf(options, nodes);
  return options.draw === 'oracle' ? drawTogether(node, s, random) : drawAlone(node, s, random);
}

/** Every node draws s others. */
function drawAlone({ id, nodes }: Node, s: number, random: Random): Peers {
  const peers: Peers = { receivers: [], senders: [] };
  for (let from = 0; from < nodes; from++) {
    // Floyd's sampling among the others, which are numbered without `from`.
    const chosen = new Set<number>();
    for (let last = nodes - 1 - s; last < nodes - 1; last++) {
      const drawn = random.integer(last + 1);
      chosen.add(chosen.has(drawn) ? last : drawn);
    }
    const to = Array.from(chosen, (other) => (other < from ? other : other + 1));
    if (from === id) peers.receivers.push(...to.sort(byNumber));
    else if (to.includes(id)) peers.senders.push(from);
  }
  return peers;
}

/** The nodes in a random order, each of which sends to those s distances ahead of it, drawn alike for all: in and out s each. */
function drawTogether({ id, nodes }: Node, s: number, random: Random): Peers {
  const order = random.shuffle(Int32Array.from({ length: nodes }, (_, k) => k));
  const distances = random.shuffle(Int32Array.from({ length: nodes - 1 }, (_, k) => k + 1)).subarray(0, s);
  const place = order.indexOf(id);
  const at = (step: number) =>
    Array.from(distances, (distance) => order[(place + step * distance + nodes) % nodes]!);
  return { receivers: at(1).sort(byNumber), senders: at(-1).sort(byNumber) };
}
