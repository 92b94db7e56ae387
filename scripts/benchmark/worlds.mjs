// The worlds of the benchmark: which question each asks, and what all its methods have in common.
import { METHODS, VARIANTS, validated } from './methods.mjs';

/** Somebody who knows the groups: D-PSGD among the nodes of the own group. Here the nodes of a group have consecutive numbers. */
const oracle = {
  like: 'd-psgd',
  topology: { use: 'islands', size: 4, allowDisconnected: true },
  split: { order: 'blocks' },
};

/** The server’s model after half of the passes, which each client then trains further for the other half. */
const fineTuned = { like: 'fedavg', half: true };

/** Training alone with the rows that those methods are left with that hold out a fifth of them to learn from. */
const fewerRows = { like: 'local-only', ...validated(METHODS['local-only']) };

/** In all worlds. */
const CONTROLS = { 'fedavg-fine-tuned': fineTuned, 'local-only-fewer-rows': fewerRows };

const mlp = { use: 'mlp', hidden: [64], kernelInit: 'he-uniform' };

/** Twenty nodes with 60 samples of all ten classes, whose names are permuted within each of some groups. */
const permuted = (title, use, groups) => ({
  title,
  nodes: 20,
  rows: 60,
  batch: 20,
  epochs: 2,
  passes: 50,
  degree: 4,
  pace: '500ms',
  data: {
    use,
    train: 12000,
    test: 2000,
    publicRows: 200,
    split: { use: 'groups', groups, order: 'random', labels: 'permuted', train: 60, test: 500 },
  },
  model: mlp,
  methods: METHODS,
  controls: { ...CONTROLS, ...(groups < 20 && { oracle }) },
});

/** Twenty nodes with 100 samples on average, whose classes are skewed; each is tested in its own proportions. */
const skewed = (title, alpha) => ({
  title,
  nodes: 20,
  rows: 100,
  batch: 20,
  epochs: 2,
  passes: 30,
  degree: 4,
  pace: '100ms',
  data: {
    use: 'fashion-mnist',
    train: 2000,
    test: 4000,
    publicRows: 200,
    split: { use: 'dirichlet', alpha, minimum: 25 },
  },
  model: {
    use: 'cnn',
    layers: [
      { use: 'conv', filters: 4, kernelSize: 5 },
      'relu',
      { use: 'max-pool', window: 2 },
      { use: 'conv', filters: 8, kernelSize: 5 },
      'relu',
      { use: 'max-pool', window: 2 },
      { use: 'dense', units: 32 },
      'relu',
    ],
    kernelInit: 'he-uniform',
  },
  methods: METHODS,
  controls: CONTROLS,
});

/**
 * Thirty-two nodes with 30 samples, slow uplinks and slow devices among them; all are tested on all data. Messages travel in
 * packets with acknowledgements, and those that are lost are sent again: bytes are what a network carries.
 */
const sending = (title, split) => ({
  title,
  nodes: 32,
  rows: 30,
  batch: 10,
  epochs: 2,
  passes: 40,
  degree: 4,
  pace: '2s',
  measurements: 20,
  metric: 'global-accuracy',
  target: 80,
  data: { use: 'mnist', train: 960, test: 500, publicRows: 200, split },
  model: { ...mlp, hidden: [32] },
  network: {
    latency: { use: 'uniform', from: '10ms', to: '60ms' },
    uplink: '10Mbps',
    downlink: '50Mbps',
    sharing: 'fair',
    drop: '0.5%',
    retry: { timeout: '200ms' },
    framing: { acks: { size: '40B', every: 2 } },
    overrides: [
      { nodes: '0-7', uplink: '1Mbps' },
      { nodes: '8-15', uplink: '2Mbps' },
      { nodes: '16-23', uplink: '5Mbps' },
    ],
  },
  compute: { use: 'choice', speeds: ['1GFLOPS', '3MFLOPS'], shares: [0.875, 0.125] },
  methods: { ...METHODS, ...VARIANTS },
  controls: CONTROLS,
});

/** Every node is a group of its own, and its pixels are permuted as well, so that not even a body serves two nodes. */
function nothing() {
  const world = permuted('Control: nothing helps', 'mnist', 20);
  const split = { ...world.data.split, inputs: 'permuted' };
  return { ...world, data: { ...world.data, split }, control: true };
}

export const WORLDS = {
  'whom-digits': permuted('Whom to learn from: digits', 'mnist', 5),
  'whom-clothes': permuted('Whom to learn from: clothes', 'fashion-mnist', 5),
  'share-strong-skew': skewed('What to share: strong skew', 0.1),
  'share-mild-skew': skewed('What to share: mild skew', 0.3),
  'send-alike': sending('What to send: nodes alike', { use: 'iid', samples: 30 }),
  'send-skewed': sending('What to send: skewed nodes', { use: 'dirichlet', alpha: 0.3, minimum: 10 }),
  nothing: nothing(),
  everything: {
    ...permuted('Control: everything helps', 'mnist', 5),
    control: true,
    metric: 'global-accuracy',
    data: {
      use: 'mnist',
      train: 1200,
      test: 1000,
      publicRows: 200,
      split: { use: 'classes-per-node', classes: 2 },
    },
    controls: CONTROLS,
  },
};
