/** Arbitrary small scenarios for fast-check: any of them is a valid plan whose run ends. */
import fc from 'fast-check';
import type { PlanSketch } from './plans.js';

/** Which scenarios are wanted. @public */
export interface ScenarioConstraints {
  /** @defaultValue d-psgd, fedavg, local-only */
  readonly algorithms?: readonly string[];
  /** Whether messages may be dropped. @defaultValue true */
  readonly drops?: boolean;
  /** Whether nodes may go down. @defaultValue true */
  readonly faults?: boolean;
}

const milliseconds = (min: number, max: number) => fc.integer({ min, max }).map((value) => `${value}ms`);

/**
 * A scenario of 2 to 6 nodes and 1 to 3 rounds as a sketch, for `planOf`: plain data, so that a counterexample is short
 * and can be pasted into a test. Algorithms whose nodes wait for messages have a deadline.
 * @public
 */
export function arbitraryScenario(constraints: ScenarioConstraints = {}): fc.Arbitrary<PlanSketch> {
  const { algorithms = ['d-psgd', 'fedavg', 'local-only'], drops = true, faults = true } = constraints;
  return fc
    .record(
      {
        seed: fc.nat(1e6),
        nodes: fc.integer({ min: 2, max: 6 }),
        rounds: fc.integer({ min: 1, max: 3 }),
        learning: arbitraryLearning,
        topology: fc.constantFrom('ring', 'complete', 'star'),
        network: arbitraryNetwork(drops),
        compute: arbitraryCompute,
        algorithm: fc.constantFrom(...algorithms).chain(arbitraryAlgorithm),
      },
      { noNullPrototype: true },
    )
    .chain(({ rounds, learning, topology, algorithm, ...rest }) =>
      arbitraryFaults(rest.nodes, faults).map((downs) => ({
        ...rest,
        ...learning,
        algorithm,
        ...(algorithm.use === 'fedavg' ? {} : { topology }),
        faults: downs,
        stop: { after: `${rounds} rounds`, at: '10min' },
      })),
    );
}

/** Data and a model that fits them. */
const arbitraryLearning = fc.constantFrom<Pick<PlanSketch, 'data' | 'model'>>(
  { data: { use: 'quadratic', dimension: 3, split: 'by-node' }, model: { use: 'quadratic', initBound: 1 } },
  { data: { use: 'blobs', features: 4, classes: 2, train: 60, test: 10 }, model: 'softmax' },
  {
    data: { use: 'blobs', features: 4, classes: 3, train: 60, test: 10, validation: '20%' },
    model: { use: 'mlp', hidden: [3], init: 'per-node' },
  },
);

function arbitraryNetwork(drops: boolean): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const bandwidth = fc.constantFrom('50kbps', '1Mbps', 'unlimited');
  return fc.record(
    {
      latency: fc.oneof(
        milliseconds(0, 50).map((value) => ({ use: 'constant', value })),
        milliseconds(51, 90).map((to) => ({ use: 'uniform', from: '1ms', to })),
        milliseconds(1, 50).map((median) => ({ use: 'log-normal', median, sigma: 0.5 })),
      ),
      uplink: bandwidth,
      downlink: bandwidth,
      sharing: fc.constantFrom('fair', 'fifo'),
      drop: drops ? fc.constantFrom('0%', '10%', '40%') : fc.constant('0%'),
    },
    { noNullPrototype: true },
  );
}

const arbitraryCompute = fc.constantFrom<NonNullable<PlanSketch['compute']>>(
  { use: 'constant', speed: '1GFLOPS' },
  { use: 'choice', speeds: ['0.1MFLOPS', '1GFLOPS'] },
  { use: 'log-normal', median: '1MFLOPS', sigma: 1 },
);

function arbitraryAlgorithm(use: string): fc.Arbitrary<{ use: string } & Record<string, unknown>> {
  const training = {
    localSteps: fc.integer({ min: 1, max: 3 }),
    batch: fc.integer({ min: 1, max: 8 }),
    optimizer: fc.constantFrom('sgd', 'adam', { use: 'sgd', momentum: 0.9 }),
    learningRate: fc.constantFrom(0.01, 0.1),
  };
  const rounds = { deadline: milliseconds(50, 500), reliable: fc.boolean() };
  const own: Readonly<Record<string, Readonly<Record<string, fc.Arbitrary<unknown>>>>> = {
    'd-psgd': {
      ...rounds,
      order: fc.constantFrom('adapt-then-combine', 'combine-then-adapt'),
      mixing: fc.constantFrom('metropolis-hastings', 'uniform'),
      codec: fc.constantFrom('float32', 'float16', { use: 'top-k', fraction: '50%' }),
    },
    fedavg: { ...rounds, participation: fc.constantFrom(0.3, 1) },
    'local-only': {},
  };
  return fc.record({ use: fc.constant(use), ...training, ...own[use] }, { noNullPrototype: true });
}

function arbitraryFaults(nodes: number, wanted: boolean): fc.Arbitrary<readonly unknown[]> {
  if (!wanted) return fc.constant([]);
  const node = fc.nat(nodes - 1);
  const task = fc.constantFrom('pause', 'lose');
  const listed = fc.record(
    { use: fc.constant('node-down'), node, at: milliseconds(0, 300), for: milliseconds(1, 300), task },
    { noNullPrototype: true },
  );
  const random = fc.record(
    {
      use: fc.constant('random-node-down'),
      nodes: node.map((one) => [one]),
      up: milliseconds(20, 500),
      down: milliseconds(20, 200),
      task,
    },
    { noNullPrototype: true },
  );
  return fc
    .tuple(fc.array(listed, { maxLength: 2 }), fc.array(random, { maxLength: 1 }))
    .map((lists) => lists.flat());
}
