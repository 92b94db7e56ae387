// The methods of the benchmark: how each is set up in a world, so that all take as many gradients, and what is tuned of it.
//
// A world says `passes` (how often gradients are taken on each training row), `rows` (training rows of a node), `batch`, and
// `epochs` (of a round of those methods that have rounds of local epochs). `steps` are the gradient steps of a node.

const log = (from, to) => ({ from, to, scale: 'log' });

/** The rate of SGD; the same draws for all methods that have it. With 1 hardly any method learns. */
const RATE = { 'algorithm.learningRate': log(0.02, 1) };

/** Rounds of local epochs. */
const epochs = (options = {}, tuned = {}) => ({
  setup: (world) => ({
    algorithm: {
      localEpochs: world.epochs,
      batch: world.batch,
      learningRate: 0.1,
      ...valuesIn(options, world),
    },
    rounds: world.passes / world.epochs,
  }),
  tuned: { ...RATE, ...tuned },
});

/** Rounds of one step. `gradients`: how many gradients a step takes. */
const singleSteps = (tuned = {}, gradients = () => 1, options = {}) => ({
  setup: (world) => ({
    algorithm: { batch: world.batch, learningRate: 0.1, ...options },
    rounds: Math.round(stepsOf(world) / gradients(world)),
  }),
  tuned: { ...RATE, ...tuned },
});

/** Rounds of epochs on the head and epochs on the body, half each. */
const twoPhases = (tuned = {}) => ({
  setup: (world) => ({
    algorithm: {
      headEpochs: world.epochs / 2,
      bodyEpochs: world.epochs / 2,
      batch: world.batch,
      learningRate: 0.1,
    },
    rounds: world.passes / world.epochs,
  }),
  tuned: { ...RATE, ...tuned },
});

const onServer = (method) => ({ ...method, server: true });
const amongAll = (method) => ({ ...method, topology: 'complete' });
const directed = (method) => ({ ...method, topology: 'directed' });
/** Learns from rows that it holds out itself, and takes as many rounds more as these would have been trained on. */
const validated = (method) => ({
  ...method,
  validation: '20%',
  setup(world) {
    const { algorithm, rounds } = method.setup(world);
    return { algorithm, rounds: Math.round(1.25 * rounds) };
  },
});

/** By name: `setup(world)` gives the algorithm’s options and its rounds; `tuned` what is tuned, by path. */
export const METHODS = {
  'local-only': epochs(),
  fedavg: onServer(epochs()),
  fedprox: onServer(epochs({ mu: 0.1 }, { 'algorithm.mu': log(0.001, 1) })),
  scaffold: onServer(epochs({}, { 'algorithm.globalLearningRate': [0.5, 0.75, 1] })),
  fedlalr: onServer(
    epochs(
      { learningRate: 0.003 },
      { 'algorithm.learningRate': log(0.0003, 0.03), 'algorithm.beta2': [0.9, 0.99, 0.999] },
    ),
  ),
  'federated-pruning': onServer(
    epochs(
      { sparsity: 0.3, rampRounds: ({ passes, epochs }) => Math.round(passes / epochs / 3) },
      { 'algorithm.sparsity': [0.1, 0.3, 0.5] },
    ),
  ),
  fedper: onServer(epochs()),
  fedrep: onServer(twoPhases()),
  ditto: onServer({
    setup: (world) => ({
      algorithm: {
        localSteps: (stepsOf(world) / world.passes) * (world.epochs / 2),
        personalSteps: (stepsOf(world) / world.passes) * (world.epochs / 2),
        batch: world.batch,
        learningRate: 0.1,
        mu: 0.1,
      },
      rounds: world.passes / world.epochs,
    }),
    tuned: { ...RATE, 'algorithm.mu': log(0.01, 3) },
  }),
  'per-fedavg': onServer({
    // Each step takes two gradients.
    setup: (world) => ({
      algorithm: {
        localSteps: (stepsOf(world) / world.passes) * (world.epochs / 2),
        batch: world.batch,
        learningRate: 0.1,
        innerLearningRate: 0.05,
        variant: 'first-order',
      },
      rounds: world.passes / world.epochs,
    }),
    tuned: {
      ...RATE,
      'algorithm.innerLearningRate': log(0.01, 0.3),
      'algorithm.adaptationSteps': [1, 5, 20],
    },
  }),
  ifca: onServer(epochs({ clusters: 5 }, { 'algorithm.clusters': [2, 3, 5, 8] })),
  'multi-center': onServer(epochs({ centers: 5 }, { 'algorithm.centers': [2, 3, 5, 8] })),
  'd-psgd': epochs(),
  'd-psgd-every-step': { use: 'd-psgd', ...singleSteps({}, () => 1, { localSteps: 1 }) },
  'd-fedavgm': epochs({ momentum: 0.9 }, { 'algorithm.momentum': [0.5, 0.8, 0.9] }),
  'qg-dsgdm': singleSteps({ 'algorithm.momentum': [0.5, 0.8, 0.9] }),
  gut: singleSteps({ 'algorithm.tracking': [0.3, 0.6, 0.9] }),
  'gradient-tracking': singleSteps(),
  cga: singleSteps({ 'algorithm.momentum': [0, 0.5, 0.9] }, ({ degree }) => degree + 1, { momentum: 0.5 }),
  'choco-sgd': epochs({ consensusStep: 0.4 }, { 'algorithm.consensusStep': log(0.1, 1) }),
  moniqua: epochs({ bits: 8 }, { 'algorithm.bound': log(0.5, 4) }),
  epidemic: {
    ...epochs({ receivers: ({ degree }) => degree }, { 'algorithm.receivers': [2, 4, 8] }),
    partners: 'two to eight drawn anew',
  },
  // Without a period the last message would arrive after the last training.
  gossip: epochs({ period: ({ pace }) => pace }, { 'algorithm.merge': ['age', 'average'] }),
  'ad-psgd': epochs({ period: ({ pace }) => pace }),
  sgp: directed(epochs()),
  deprl: twoPhases({ 'algorithm.headLearningRate': log(0.02, 1) }),
  dfedpgp: directed(twoPhases()),
  'dis-pfl': {
    // Each search of masks takes a gradient of its own.
    setup: (world) => {
      const own = (stepsOf(world) / world.passes) * world.epochs;
      const rounds = Math.round(stepsOf(world) / (own + 1));
      return {
        algorithm: { localSteps: own, batch: world.batch, learningRate: 0.1, annealRounds: rounds },
        rounds,
      };
    },
    tuned: { ...RATE, 'algorithm.density': [0.3, 0.5, 0.8] },
  },
  // In the first rounds a node trains only when it has eight models, about twelve times in all; in later ones about once a round.
  pens: amongAll({
    setup: (world) => {
      const usual = world.passes / world.epochs;
      const selectionRounds = 4 * usual;
      return {
        algorithm: {
          ...{ localEpochs: world.epochs, batch: world.batch, learningRate: 0.1 },
          ...{ sampled: 8, top: 3, selectionRounds },
        },
        rounds: selectionRounds + Math.round(0.6 * usual),
      };
    },
    tuned: { ...RATE, 'algorithm.top': [2, 3, 5] },
  }),
  l2c: amongAll(validated(epochs({ keep: 3, pruneAfter: 5 }, { 'algorithm.keep': [2, 3, 5, 8] }))),
  'meta-l2c': amongAll(
    validated(epochs({ keep: 3, pruneAfter: 5, payload: 'model' }, { 'algorithm.keep': [2, 3, 5, 8] })),
  ),
  dpfl: amongAll(validated(epochs({ budget: 4 }, { 'algorithm.budget': [3, 4, 6, 10] }))),
  transference: amongAll({
    // A head step and shared steps take a gradient each; an epoch ends with gradients at all heads.
    setup: (world) => ({
      algorithm: {
        batch: world.batch,
        learningRate: 0.1,
        optimizer: 'sgd',
        sharedSteps: 1,
        // Clusters are sought after every epoch.
        epochBatches: 5,
        window: 1,
      },
      rounds: Math.round(stepsOf(world) / 2),
    }),
    tuned: { ...RATE, 'algorithm.epochBatches': [3, 5, 10] },
  }),
  'mce-pl': {
    setup: (world) => ({
      algorithm: { batch: world.batch, learningRate: 1, fineTuneRate: 1, lambda: 0 },
      rounds: stepsOf(world),
    }),
    tuned: {
      'algorithm.learningRate': log(0.1, 30),
      'algorithm.fineTuneRate': log(0.1, 30),
      'algorithm.keep': [0.3, 0.5, 0.7],
    },
  },
  fedmask: {
    setup: (world) => ({
      algorithm: { localSteps: 10, batch: world.batch, learningRate: 30, pruneSteps: 20 },
      rounds: Math.round((stepsOf(world) - 20) / 10),
    }),
    tuned: { 'algorithm.learningRate': log(1, 300), 'algorithm.pruneUnits': [0, 0.2] },
  },
  mhd: {
    // As many gradients on private rows as the others; those on public rows come on top, and the column passes has them.
    setup: (world) => ({
      algorithm: { batch: world.batch, publicBatch: world.batch, learningRate: 0.01 },
      rounds: stepsOf(world),
    }),
    tuned: { 'algorithm.learningRate': log(0.002, 0.1), 'algorithm.nuAux': [0.3, 1, 3] },
  },
};

/** Gradient steps of a node: `passes` over its rows in batches. */
export function stepsOf({ passes, rows, batch }) {
  return Math.round((passes * rows) / batch);
}

/** Options that depend on the world are functions of it. */
function valuesIn(options, world) {
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => [key, typeof value === 'function' ? value(world) : value]),
  );
}

/** A coarse codec of what has changed since the last message, in place of whole models. */
const differences = (codec) => ({ use: 'delta', codec });

/** D-PSGD and FedAvg with other messages, links and periods, where the question is what to send. */
export const VARIANTS = {
  'd-psgd-float16': { use: 'd-psgd', ...epochs({ codec: 'float16' }) },
  'd-psgd-qsgd': { use: 'd-psgd', ...epochs({ codec: differences('qsgd') }) },
  'd-psgd-entropy': { use: 'd-psgd', ...epochs({ codec: differences('entropy-quantized') }) },
  'd-psgd-top-k': {
    use: 'd-psgd',
    ...epochs({ codec: { use: 'top-k', fraction: '10%', indices: 'varint' } }),
  },
  'd-psgd-random-k': {
    use: 'd-psgd',
    ...epochs({ codec: { use: 'random-k', fraction: '10%' } }),
  },
  'd-psgd-low-rank': { use: 'd-psgd', ...epochs({ codec: differences({ use: 'low-rank', rank: 4 }) }) },
  'choco-sgd-sign': {
    use: 'choco-sgd',
    ...epochs({ codec: 'sign', consensusStep: 0.4 }, { 'algorithm.consensusStep': log(0.1, 1) }),
  },
  'd-psgd-ring': { use: 'd-psgd', ...epochs(), topology: 'ring' },
  'd-psgd-torus': { use: 'd-psgd', ...epochs(), topology: 'torus' },
  'd-psgd-exponential': { use: 'd-psgd', ...epochs(), topology: 'exponential' },
  'd-psgd-complete': { use: 'd-psgd', ...epochs(), topology: 'complete' },
  'd-psgd-one-peer': { use: 'd-psgd', ...epochs({ mixing: 'uniform' }), topology: 'one-peer' },
  'd-psgd-matcha': { use: 'd-psgd', ...epochs(), topology: 'matcha' },
  'd-psgd-every-8-epochs': { use: 'd-psgd', ...period(4) },
  'fedavg-float16': onServer({ use: 'fedavg', ...epochs({ codec: 'float16' }) }),
  'fedavg-qsgd': onServer({ use: 'fedavg', ...epochs({ codec: differences('qsgd') }) }),
  'fedavg-every-8-epochs': onServer({ use: 'fedavg', ...period(4) }),
  'fedavg-quarter': onServer({
    use: 'fedavg',
    tuned: RATE,
    setup: (world) => ({
      algorithm: { localEpochs: world.epochs, batch: world.batch, learningRate: 0.1, participation: 0.25 },
      rounds: (4 * world.passes) / world.epochs,
    }),
  }),
};

/** Rounds that are so many times as long. */
function period(times) {
  return {
    setup: (world) => ({
      algorithm: { localEpochs: world.epochs * times, batch: world.batch, learningRate: 0.1 },
      rounds: Math.round(world.passes / world.epochs / times),
    }),
    tuned: RATE,
  };
}
