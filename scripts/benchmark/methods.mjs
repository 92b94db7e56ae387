// The methods of the benchmark: how each is set up in a world, so that all take as many gradients, and what is tuned of it.
//
// A world says `passes` (how often gradients are taken on each training row), `rows` (training rows of a node), `batch`, and
// `epochs` (of a round of those methods that have rounds of local epochs). `steps` are the gradient steps of a node.
//
// Each method has ten settings: ten rates, or five rates and two values of its main option.

const RATE = 'algorithm.learningRate';

/** Rates of SGD; with more hardly any method learns. */
const RATES = { [RATE]: [0.03, 0.05, 0.08, 0.13, 0.2, 0.32, 0.5, 0.8, 1.2, 2] };

/** Of methods that average after some epochs. */
const EPOCH_RATES = [0.05, 0.1, 0.2, 0.4, 0.8];
/** Of methods that average after every step, which keeps a node from going far. */
const STEP_RATES = [0.05, 0.13, 0.32, 0.8, 2];

/** All combinations of rates and the values of one option. */
const gridOf = (rates, option, values) => ({ [RATE]: rates, [`algorithm.${option}`]: values });

/** Rounds of local epochs. `option`: the main option and its two values. */
const epochs = (options = {}, option = undefined, rates = EPOCH_RATES) => ({
  setup: (world) => ({
    algorithm: {
      localEpochs: world.epochs,
      batch: world.batch,
      learningRate: 0.1,
      ...valuesIn(options, world),
    },
    rounds: world.passes / world.epochs,
  }),
  tuned: option ? gridOf(rates, ...option) : RATES,
});

/** Rounds of one step. `gradients`: how many gradients a step takes. */
const singleSteps = (option = undefined, { gradients = () => 1, options = {} } = {}) => ({
  setup: (world) => ({
    algorithm: { batch: world.batch, learningRate: 0.1, ...options },
    rounds: Math.round(stepsOf(world) / gradients(world)),
  }),
  tuned: option ? gridOf(STEP_RATES, ...option) : RATES,
});

/** Rounds of epochs on the head and epochs on the body, half each, with one rate. */
const twoPhases = () => ({
  setup: (world) => ({
    algorithm: {
      headEpochs: world.epochs / 2,
      bodyEpochs: world.epochs / 2,
      batch: world.batch,
      learningRate: 0.1,
    },
    rounds: world.passes / world.epochs,
  }),
  tuned: RATES,
});

const onServer = (method) => ({ ...method, server: true });
const amongAll = (method) => ({ ...method, topology: 'complete' });
const directed = (method) => ({ ...method, topology: 'directed' });
/** Learns from rows that it holds out itself, and takes as many rounds more as these would have been trained on. */
export const validated = (method) => ({
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
  fedprox: onServer(epochs({ mu: 0.1 }, ['mu', [0.01, 0.3]])),
  scaffold: onServer(epochs({}, ['globalLearningRate', [0.5, 1]], [0.01, 0.03, 0.08, 0.2, 0.4])),
  fedlalr: onServer(epochs({ learningRate: 0.003 }, ['beta2', [0.9, 0.99]], [0.001, 0.003, 0.01, 0.03, 0.1])),
  'federated-pruning': onServer(
    epochs({ sparsity: 0.3, rampRounds: ({ passes, epochs }) => Math.round(passes / epochs / 3) }, [
      'sparsity',
      [0.1, 0.3],
    ]),
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
    tuned: gridOf(EPOCH_RATES, 'mu', [0.05, 0.5]),
  }),
  'per-fedavg': onServer({
    // Each step takes two gradients.
    setup: (world) => ({
      algorithm: {
        localSteps: (stepsOf(world) / world.passes) * (world.epochs / 2),
        batch: world.batch,
        learningRate: 0.1,
        innerLearningRate: 0.1,
        variant: 'first-order',
        // Before a measurement a client takes as many steps as the others take in a round.
        adaptationSteps: (stepsOf(world) / world.passes) * world.epochs,
      },
      rounds: world.passes / world.epochs,
    }),
    tuned: gridOf(EPOCH_RATES, 'innerLearningRate', [0.03, 0.3]),
  }),
  ifca: onServer(epochs({ clusters: 5 }, ['clusters', [5, 8]])),
  'multi-center': onServer(epochs({ centers: 5 }, ['centers', [5, 8]])),
  'd-psgd': epochs(),
  'd-psgd-every-step': { use: 'd-psgd', ...singleSteps(undefined, { options: { localSteps: 1 } }) },
  'd-fedavgm': epochs({ momentum: 0.9 }, ['momentum', [0.5, 0.9]]),
  'qg-dsgdm': singleSteps(['momentum', [0.5, 0.9]]),
  gut: singleSteps(['tracking', [0.3, 0.6]]),
  'gradient-tracking': singleSteps(),
  cga: singleSteps(['momentum', [0, 0.9]], {
    gradients: ({ degree }) => degree + 1,
    options: { momentum: 0.9 },
  }),
  'choco-sgd': epochs({ consensusStep: 0.4 }, ['consensusStep', [0.2, 0.6]]),
  moniqua: epochs({ bits: 8 }, ['bound', [0.7, 2.5]]),
  epidemic: {
    ...epochs({ receivers: ({ degree }) => degree }),
    partners: 'four drawn anew',
  },
  // Without a period the last message would arrive after the last training.
  gossip: epochs({ period: ({ pace }) => pace }, ['merge', ['age', 'average']]),
  'ad-psgd': epochs({ period: ({ pace }) => pace }),
  sgp: directed(epochs()),
  deprl: twoPhases(),
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
    tuned: gridOf(EPOCH_RATES, 'density', [0.5, 0.8]),
  },
  // In the first rounds a node trains only when it has eight models, a third of the usual rounds in all; in later ones about once a round.
  pens: amongAll({
    setup: (world) => {
      const usual = world.passes / world.epochs;
      const selectionRounds = Math.round((8 / 3) * usual);
      return {
        algorithm: {
          ...{ localEpochs: world.epochs, batch: world.batch, learningRate: 0.1, period: world.pace },
          ...{ sampled: 8, top: 3, selectionRounds },
        },
        rounds: selectionRounds + Math.round((2 / 3) * usual),
      };
    },
    tuned: gridOf(EPOCH_RATES, 'top', [2, 4]),
  }),
  l2c: amongAll(validated(epochs({ keep: 3, pruneAfter: 5 }, ['keep', [3, 8]]))),
  'meta-l2c': amongAll(validated(epochs({ keep: 3, pruneAfter: 5, payload: 'model' }, ['keep', [3, 8]]))),
  dpfl: amongAll(validated(epochs({ budget: 4 }, ['budget', [4, 10]]))),
  transference: amongAll({
    // A head step and shared steps take a gradient each; an epoch ends with gradients at all heads.
    setup: (world) => ({
      algorithm: {
        batch: world.batch,
        learningRate: 0.1,
        optimizer: 'sgd',
        sharedSteps: 1,
        // Clusters are sought after every epoch.
        epochBatches: 10,
        window: 1,
      },
      rounds: Math.round(stepsOf(world) / 2),
    }),
    tuned: RATES,
  }),
  'mce-pl': {
    setup: (world) => ({
      algorithm: { batch: world.batch, learningRate: 1, fineTuneRate: 1, lambda: 0 },
      rounds: stepsOf(world),
    }),
    tuned: gridOf([0.5, 1.5, 4, 12, 30], 'keep', [0.3, 0.5]),
  },
  fedmask: {
    setup: (world) => ({
      algorithm: { localSteps: 10, batch: world.batch, learningRate: 30, pruneUnits: 0.2, pruneSteps: 20 },
      rounds: Math.round((stepsOf(world) - 20) / 10),
    }),
    tuned: gridOf([3, 10, 30, 100, 300], 'aggregate', ['overlap', 'majority']),
  },
  mhd: {
    // As many gradients on private rows as the others; those on public rows come on top, and the column passes has them.
    setup: (world) => ({
      algorithm: { batch: world.batch, publicBatch: world.batch, learningRate: 0.01 },
      rounds: stepsOf(world),
    }),
    tuned: gridOf([0.002, 0.005, 0.013, 0.03, 0.08], 'nuAux', [0.3, 3]),
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
    ...epochs({ codec: 'sign', consensusStep: 0.4 }, ['consensusStep', [0.2, 0.6]]),
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
    tuned: RATES,
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
    tuned: RATES,
  };
}
