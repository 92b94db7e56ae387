/** The smallest entry of each kind, as somebody would write it who follows the table of CONTRIBUTING.md. */

/** The text of a file, which exports the entry as `added`; the entry is called `added-` and its kind, with dashes. */
export const addedEntries: Readonly<Record<string, string>> = {
  algorithm: `
import { z } from 'zod';
import { startTraining, type TrainingState, trained, trainingInput, trainingOptions } from '../learning/local-training.js';
import { phase } from '../learning/phases.js';
import { roundOptions, rounds } from '../learning/rounds.js';
import { train } from '../learning/train.js';
const options = z.strictObject({ ...trainingOptions, ...roundOptions });
interface State { params: Float32Array; training: TrainingState }
export const added = rounds<State, z.output<typeof options>>({
  id: 'added-algorithm',
  description: 'training alone',
  reference: 'none',
  options,
  init: (node) => ({ params: node.initialParams, training: startTraining() }),
  phases: () => [
    phase({
      task: train,
      input: (node, state) => trainingInput(node, state.training, state.params),
      computed(_node, state, output) {
        state.params = trained(state.training, output);
      },
    }),
  ],
  evaluate: (state) => ({ adapted: { params: state.params } }),
});`,
  topology: `
import { z } from 'zod';
import { undirectedGraph } from './edges.js';
import type { TopologyEntry } from './entry.js';
export const added: TopologyEntry<object> = {
  id: 'added-topology',
  description: 'a line of nodes',
  options: z.strictObject({}),
  build: (_options, { nodes }) =>
    undirectedGraph(nodes, Array.from({ length: nodes - 1 }, (_, node): [number, number] => [node, node + 1])),
};`,
  'mixing rule': `
import { z } from 'zod';
import { type MixingEntry, rowOf } from './entry.js';
export const added: MixingEntry<object> = {
  id: 'added-mixing-rule',
  description: 'half the weight stays with the node',
  options: z.strictObject({}),
  rows: (neighbors) => neighbors.in.map(({ length }) => rowOf(new Float64Array(length).fill(0.5 / length))),
};`,
  'data source': `
import { z } from 'zod';
import { type DataSource, sharedFloats, sharedLabels } from '../source.js';
export const added: DataSource<object> = {
  id: 'added-data-source',
  description: 'two classes on a line',
  options: z.strictObject({}),
  async load(_options, { random }) {
    const labels = sharedLabels(60).map((_, row) => row % 2);
    const features = sharedFloats(60);
    for (const [row, label] of labels.entries()) features[row] = 4 * label + random.normal();
    return { id: 'added-data-source', shape: [1], features, scale: 1, labels, classes: 2, train: 40, test: 20 };
  },
};`,
  split: `
import { z } from 'zod';
import { rowRange, type Split, testRows, toShards } from '../split.js';
export const added: Split<object> = {
  id: 'added-split',
  description: 'one row after the other, node by node',
  options: z.strictObject({}),
  split(_options, context) {
    const { dataset, nodes } = context;
    const own = Array.from({ length: nodes }, (_, node) =>
      rowRange(0, dataset.train).filter((row) => row % nodes === node),
    );
    return toShards(own, own.map(() => testRows(dataset)), context);
  },
};`,
  model: `
import { z } from 'zod';
import { lengthOf } from '../data/dataset.js';
import { layered } from './layered.js';
import { dense } from './layers/dense.js';
import type { ModelEntry } from './model.js';
export const added: ModelEntry<object> = {
  id: 'added-model',
  description: 'one dense layer',
  options: z.strictObject({}),
  build: (spec) => layered(spec, [dense('dense1', { inputs: lengthOf(spec.input), outputs: spec.classes })]),
};`,
  layer: `
import { z } from 'zod';
import type { LayerEntry } from './layer.js';
export const added: LayerEntry<object> = {
  id: 'added-layer',
  description: 'halves its input',
  options: z.strictObject({}),
  build: (_options, { input }) => ({
    output: input,
    layer: {
      slices: [],
      flops: { forward: input.features, params: 0, input: input.features },
      forward: (engine, given) => engine.mul(given.input, 0.5),
      paramsGradient: () => [],
      inputGradient: (engine, { outputGradient }) => engine.mul(outputGradient, 0.5),
    },
  }),
};`,
  optimizer: `
import { z } from 'zod';
import type { OptimizerEntry } from './optimizer.js';
export const added: OptimizerEntry<object> = {
  id: 'added-optimizer',
  description: 'plain gradient descent',
  options: z.strictObject({}),
  stateArrays: () => 0,
  flops: () => 2,
  step: (engine, _options, { params, gradient, learningRate, state }) => ({
    params: engine.sub(params, engine.mul(gradient, learningRate)),
    state,
  }),
};`,
  codec: `
import { z } from 'zod';
import type { CodecEntry } from './entry.js';
import { float32 } from './float32.js';
export const added: CodecEntry<object> = {
  id: 'added-codec',
  description: 'float32 under another name',
  options: z.strictObject({}),
  create: (_options, { length }) => float32(length),
};`,
  'sparse codec': `
import { z } from 'zod';
import type { CodecEntry } from './entry.js';
import { topK } from './top-k.js';
export const added: CodecEntry<object> = {
  id: 'added-sparse-codec',
  description: 'the largest coordinate',
  sparse: true,
  options: z.strictObject({}),
  create: (_options, { length }) => topK({ k: 1, indices: 'u32' }, length),
};`,
  'mask codec': `
import { z } from 'zod';
import type { MaskCodecEntry } from './mask-codecs.js';
import { packedMask } from './packed-mask.js';
export const added: MaskCodecEntry = {
  id: 'added-mask-codec',
  description: 'packed masks under another name',
  options: z.strictObject({}),
  create(_options, layers) {
    const { id, encode, decode } = packedMask(layers.reduce((sum, length) => sum + length, 0));
    return {
      id,
      encode: ({ mask }, random) => encode(mask, random),
      decode: (bytes, indexBytes) => ({ reference: 0, bits: decode(bytes, indexBytes) }),
    };
  },
};`,
  fault: `
import { z } from 'zod';
import type { FaultEntry } from './fault.js';
export const added: FaultEntry<object> = {
  id: 'added-fault',
  description: 'node 1 is down for 2 ms',
  options: z.strictObject({}),
  start: (_options, { schedule }) => schedule({ event: 'added-down', time: 1e6, target: 1 }),
  on: {
    'added-down'({ target }, _options, { schedule, hold }) {
      schedule({ event: 'added-up', time: 3e6, target });
      hold(target, 'pause');
    },
    'added-up': ({ target }, _options, { release }) => release(target),
  },
};`,
  'sharing discipline': `
import { z } from 'zod';
import type { SharingEntry } from './sharing.js';
export const added: SharingEntry<object> = {
  id: 'added-sharing-discipline',
  description: 'links without limits',
  options: z.strictObject({}),
  create: (_options, { kernel, arrive }) => ({
    start(attempt) {
      attempt.startedAt = kernel.now;
      attempt.leftAt = kernel.now;
      arrive(attempt, kernel.now + attempt.latency);
    },
    arrived() {},
    cut(attempts, gone) {
      for (const attempt of attempts) {
        kernel.cancel(attempt.event);
        gone(attempt, attempt.bytes);
      }
    },
    busy: () => ({ uplink: 0, downlink: 0 }),
    save: () => null,
    load() {},
  }),
};`,
  transport: `
import { z } from 'zod';
import type { TransportEntry } from './transport.js';
export const added: TransportEntry<object> = {
  id: 'added-transport',
  description: 'at most 1 Mbps',
  options: z.strictObject({}),
  pace: () => ({ delay: 0, windows: [], round: 1, limit: 1e6 }),
};`,
  'latency model': `
import { z } from 'zod';
import type { LatencyEntry } from './latency.js';
export const added: LatencyEntry<object> = {
  id: 'added-latency-model',
  description: 'one millisecond',
  options: z.strictObject({}),
  draw: () => 1e6,
};`,
  'device profile': `
import { z } from 'zod';
import type { DeviceProfile } from './profiles.js';
export const added: DeviceProfile<object> = {
  id: 'added-device-profile',
  description: 'node i computes at i + 1 GFLOPS',
  options: z.strictObject({}),
  speeds: (_options, { nodes }) => Float64Array.from({ length: nodes }, (_, node) => 1e9 * (node + 1)),
};`,
  probe: `
import { z } from 'zod';
import type { Probe } from './probe.js';
export const added: Probe<object> = {
  id: 'added-probe',
  description: 'how many nodes are up',
  options: z.strictObject({}),
  measure: ({ nodes }) => [{ metric: 'added-probe', value: nodes.filter(({ up }) => up).length }],
};`,
};
