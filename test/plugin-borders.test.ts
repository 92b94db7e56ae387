/** What plugins return is checked at the border: the error names the plugin, the place and what was expected. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { algorithms } from '../src/algorithms/index.js';
import { profiles } from '../src/compute/profiles.js';
import type { Dataset, Shard } from '../src/data/dataset.js';
import { sources, splits } from '../src/data/index.js';
import { PluginError } from '../src/errors.js';
import type { AnyAlgorithm, NodeContext } from '../src/learning/algorithm.js';
import { probes } from '../src/metrics/index.js';
import type { Probe } from '../src/metrics/probe.js';
import { runToEnd } from '../src/simulation/run.js';
import { type PlanSketch, planOf } from '../src/testing/plans.js';
import { topologies } from '../src/topology/index.js';
import { mixingRules } from '../src/topology/mixing/index.js';
import { codecs } from '../src/wire/codecs.js';

const entry = <E extends { readonly id: string }>(list: readonly E[], id: string): E =>
  list.find((one) => one.id === id)!;

/** The message of the PluginError with which a run ends. */
async function mistake(sketch: PlanSketch): Promise<string> {
  try {
    await runToEnd(planOf(sketch));
  } catch (error) {
    assert.ok(error instanceof PluginError, `expected a PluginError, got ${String(error)}`);
    return error.message;
  }
  assert.fail('expected a PluginError, got a result');
}

const SOURCE = { features: 4, classes: 3, train: 40, test: 12 };

/** Blobs that were changed. */
function source(change: (dataset: Dataset) => unknown): PlanSketch {
  const blobs = entry(sources, 'blobs');
  const load: typeof blobs.load = async (options, context) =>
    change(await blobs.load(options, context)) as Dataset;
  return { data: { use: { ...blobs, id: 'mine', load }, ...SOURCE } };
}

test('a data set is checked: counts, shape, scale, labels, targets and features', async () => {
  const at = (list: Float32Array | Int32Array, index: number, value: number) =>
    list.fill(value, index, index + 1);
  const cases: [(dataset: Dataset) => unknown, RegExp][] = [
    [() => null, /a data set, got null/],
    [(data) => ({ ...data, train: 2.5 }), /train to be a whole number of at least 1, got 2\.5/],
    [(data) => ({ ...data, classes: -1 }), /classes to be a whole number of at least 0, got -1/],
    [(data) => ({ ...data, shape: [0] }), /a shape of whole numbers of at least 1, got \[0\]/],
    [(data) => ({ ...data, scale: Number.NaN }), /a scale that is finite and not 0, got NaN/],
    [
      (data) => ({ ...data, features: data.features.slice(4) }),
      /features of 52 rows of 4 numbers, 208 in all, .*got 204/,
    ],
    [(data) => ({ ...data, labels: data.labels.slice(1) }), /52 labels, 1 for each of 52 rows, .*got 51/],
    [
      (data) => ({ ...data, labels: Int32Array.from(at(data.labels, 7, 3)) }),
      /labels from 0 to 2, got 3 at row 7/,
    ],
    [
      (data) => ({ ...data, labels: Int32Array.from(at(data.labels, 7, -1)) }),
      /labels from 0 to 2, got -1 at row 7/,
    ],
    [(data) => ({ ...data, targets: new Float32Array(3) }), /52 targets, one for each row, .*got 3/],
    [
      (data) => ({ ...data, features: at(Float32Array.from(data.features), 9, Number.POSITIVE_INFINITY) }),
      /finite features, got Infinity at row 2/,
    ],
  ];
  for (const [change, expected] of cases) {
    const message = await mistake(source(change));
    assert.match(message, expected);
    assert.match(message, /^data source "mine": expected /);
  }
});

test('shards are checked: their number, rows, owners and views', async () => {
  const iid = entry(splits, 'iid');
  const rows = (...list: number[]) => Uint32Array.from(list);
  const cases: [(shards: Shard[]) => unknown, RegExp][] = [
    [() => undefined, /^split "mine": expected an array of shards, got undefined/],
    [(shards) => shards.slice(1), /^split "mine": expected 4 shards, one for each node, got 3/],
    [async (shards) => shards, /^split "mine": .*must not be async/],
    [
      ([first, ...rest]) => [{ ...first!, train: [1, 2] }, ...rest],
      /node 0: train: expected rows as a Uint32Array/,
    ],
    [
      ([first, ...rest]) => [{ ...first!, train: rows(40) }, ...rest],
      /node 0: train: expected rows from 0 to 39, got 40/,
    ],
    [
      ([first, ...rest]) => [{ ...first!, test: rows(3) }, ...rest],
      /node 0: test: expected rows from 40 to 51, got 3/,
    ],
    [
      ([first, ...rest]) => [{ ...first!, test: rows(41, 41) }, ...rest],
      /test: expected ascending rows, got 41 after 41/,
    ],
    [
      ([first, ...rest]) => [{ ...first!, train: rows() }, ...rest],
      /node 0: expected at least one training row/,
    ],
    [
      ([first, ...rest]) => [{ ...first!, validation: first!.train.slice(3, 5) }, ...rest],
      /node 0: expected validation rows apart from the training rows, got row \d+ in both/,
    ],
    [
      ([first, ...rest]) => [{ ...first!, view: { attribute: 1 } }, ...rest],
      /node 0: expected a view of an attribute from 0 to 0, got 1/,
    ],
    [
      ([first, ...rest]) => [{ ...first!, view: { labels: Int32Array.of(0, 1, 3) } }, ...rest],
      /node 0: expected a view with 3 labels from 0 to 2, got \[0,1,3\]/,
    ],
    [
      ([first, ...rest]) => [{ ...first!, view: { features: rows(0, 1, 2, 4) } }, ...rest],
      /node 0: expected a view with 4 features from 0 to 3/,
    ],
  ];
  for (const [change, expected] of cases) {
    const split = {
      ...iid,
      id: 'mine',
      split: (...given: Parameters<typeof iid.split>) => change(iid.split(...given)) as Shard[],
    };
    assert.match(await mistake({ data: { use: 'blobs', ...SOURCE, split: { use: split } } }), expected);
  }
});

test('a topology must be a graph without loops and double links', async () => {
  const ring = entry(topologies, 'ring');
  const build = (change: (graph: ReturnType<typeof ring.build>) => unknown): PlanSketch => ({
    topology: {
      use: {
        ...ring,
        id: 'mine',
        build: (...given) => change(ring.build(...given)) as ReturnType<typeof ring.build>,
      },
    },
  });
  const loop = build((graph) => {
    graph.addEdge('2', '2');
    return graph;
  });
  assert.match(await mistake(loop), /^topology "mine": expected no self loop, got one at node 2/);
  assert.match(await mistake(build(() => ({}))), /^topology "mine": expected a graph of graphology/);
  assert.match(await mistake(build(async (graph) => graph)), /^topology "mine": .*must not be async/);
});

test('speeds must be finite and above 0, one for each node', async () => {
  const constant = entry(profiles, 'constant');
  const speeds = (given: unknown): PlanSketch => ({
    compute: { use: { ...constant, id: 'mine', speeds: () => given as Float64Array } },
  });
  const place = /^compute profile "mine": expected /;
  for (const [given, expected] of [
    [Float64Array.of(1e9), /a Float64Array with the speeds of 4 nodes/],
    [Float64Array.of(1e9, 1e9, 0, 1e9), /finite speeds above 0 FLOPS, got 0 for node 2/],
    [Float64Array.of(1e9, Number.NaN, 1, 1e9), /finite speeds above 0 FLOPS, got NaN for node 1/],
  ] as const) {
    const message = await mistake(speeds(given));
    assert.match(message, place);
    assert.match(message, expected);
  }
});

test('mixing weights must be finite and add up to 1', async () => {
  const uniform = entry(mixingRules, 'uniform');
  const mixing = (self: number, list = Float64Array.of(0.25, 0.25)): PlanSketch => ({
    algorithm: {
      use: 'd-psgd',
      localSteps: 1,
      batch: 4,
      mixing: {
        use: {
          ...uniform,
          id: 'mine',
          rows: () => Array.from({ length: 4 }, () => ({ self, neighbors: list })),
        },
      },
    },
  });
  assert.match(
    await mistake(mixing(0.6)),
    /^mixing rule "mine", row of node 0: expected finite weights that add up to 1, got 0\.6/,
  );
  assert.match(await mistake(mixing(Number.NaN)), /finite weights that add up to 1, got NaN/);
  assert.match(
    await mistake(mixing(0.75, Float64Array.of(0.25))),
    /the weights of 2 neighbours as a Float64Array/,
  );
});

/** D-PSGD that was changed. */
function algorithm(change: Partial<AnyAlgorithm>): PlanSketch {
  return {
    algorithm: { use: { ...entry(algorithms, 'd-psgd'), id: 'mine', ...change }, localSteps: 1, batch: 4 },
    measure: { probes: ['accuracy'] },
  };
}

test('evaluate gives models, and at least one', async () => {
  const cases: [unknown, RegExp][] = [
    [null, /expected an object \{ adapted, mixed, … \} of models, got null/],
    [[], /got an array/],
    [{}, /expected at least one model, of the node or of a role, got none/],
    [{ mine: null }, /expected \{ params \} with float32 params under "mine", got undefined/],
    [{ mine: { params: [1, 2] } }, /float32 params under "mine", got 1,2/],
    [Promise.resolve({}), /must not be async/],
  ];
  for (const [returned, expected] of cases) {
    const message = await mistake(algorithm({ evaluate: () => returned as never }));
    assert.match(message, /^algorithm "mine", evaluate on node 0/);
    assert.match(message, expected);
  }
});

test('messages gives a codec for every type of message', async () => {
  assert.match(
    await mistake(algorithm({ messages: () => null as never })),
    /^algorithm "mine", messages: expected an object with a codec for each type of message, got null/,
  );
  assert.match(
    await mistake(algorithm({ messages: () => ({ model: {} as never }) })),
    /^algorithm "mine", messages: expected a codec with encode and decode for "model"/,
  );
});

test('what handlers ask of their node is checked', async () => {
  const starts = (act: (node: NodeContext) => void): PlanSketch =>
    algorithm({ on: { start: (node) => act(node as NodeContext) } });
  const cases: [(node: NodeContext) => void, RegExp][] = [
    [(node) => node.connect(node.id), /connect: expected another node from 0 to 3, got 0/],
    [(node) => node.connect(4), /connect: expected another node from 0 to 3, got 4/],
    [(node) => node.disconnect(-1), /disconnect: expected another node from 0 to 3, got -1/],
    [(node) => node.weigh(1, Number.NaN), /expected a finite weight for what node 1 sends, got NaN/],
    [(node) => node.neighborsOf(1.5), /neighborsOf: expected a node from 0 to 3, got 1\.5/],
    [(node) => node.modelOf(9), /modelOf: expected a node from 0 to 3, got 9/],
    [(node) => node.joinRound(0.5), /joinRound: expected a whole number of at least 0, got 0\.5/],
    [(node) => node.timer('tick', -1), /expected whole nanoseconds ≥ 0, got -1/],
    [
      (node) => node.compute({ id: 'mine', flops: () => Number.NaN } as never, {}),
      /task "mine": flops\(input\): expected a finite number ≥ 0, got NaN/,
    ],
  ];
  for (const [act, expected] of cases) {
    const message = await mistake(starts(act));
    assert.match(message, /^algorithm "mine", start on node 0, round 0, at 0 ns/);
    assert.match(message, expected);
  }
});

test('a codec gives bytes whose parts add up, and what it decodes is a vector of its length', async () => {
  const float32 = entry(codecs, 'float32');
  type Codec = ReturnType<typeof float32.create>;
  const codec = (change: (codec: Codec) => Partial<Codec>): PlanSketch => ({
    algorithm: {
      use: 'd-psgd',
      localSteps: 1,
      batch: 4,
      codec: {
        use: {
          ...float32,
          id: 'mine',
          create: (...given: Parameters<typeof float32.create>) => {
            const made = float32.create(...given);
            return { ...made, ...change(made) };
          },
        },
      },
    },
  });
  const encodes = (change: object) =>
    codec(({ encode }) => ({ encode: (body, random) => ({ ...encode(body, random), ...change }) }));
  const decodes = (change: object) =>
    codec(({ decode }) => ({ decode: (bytes, index) => ({ ...decode(bytes, index), ...change }) }));
  const cases: [PlanSketch, RegExp][] = [
    [encodes({ bytes: [1, 2] }), /encode: expected \{ bytes, .* \} with a Uint8Array/],
    [
      encodes({ valuesBytes: 3 }),
      /encode: expected sizes of the parts that are whole and add up to the \d+ bytes/,
    ],
    [encodes({ indexBytes: 0.5, headerBytes: -0.5 }), /sizes of the parts that are whole/],
    [decodes({ length: 7 }), /^algorithm .*codec "mine", decode: expected a vector of length \d+, got 7/],
    [decodes({ values: [1] }), /codec "mine", decode: expected values as a Float32Array/],
    [decodes({ values: new Float32Array(2) }), /codec "mine", decode: expected \d+ values, got 2/],
    [
      decodes({ values: new Float32Array(2), indices: Uint32Array.of(1, 99) }),
      /codec "mine", decode: expected ascending indices below \d+, got 99 as number 1/,
    ],
    [
      decodes({ values: new Float32Array(2), indices: Uint32Array.of(1, 1) }),
      /codec "mine", decode: expected ascending indices below \d+, got 1 as number 1/,
    ],
  ];
  for (const [sketch, expected] of cases) assert.match(await mistake(sketch), expected);
});

test('probes give numbers of existing nodes, and ask for existing rows', async () => {
  const probe = (change: Partial<Probe>): PlanSketch => ({
    measure: { probes: [{ use: { ...entry(probes, 'accuracy'), id: 'mine', ...change } }] },
  });
  const measures = (...numbers: unknown[]) => probe({ requests: () => [], measure: () => numbers as never });
  const cases: [PlanSketch, RegExp][] = [
    [probe({ measure: () => ({}) as never }), /expected measure to return an array/],
    [probe({ measure: async () => [] as never } as never), /must not be async/],
    [
      measures({ metric: 'mine', value: '3' }),
      /expected \{ metric, value, node\? \} .*got \{ metric: mine, value: 3 \}/,
    ],
    [
      measures({ metric: 'mine', value: 3, node: 4 }),
      /an existing node, got \{ metric: mine, value: 3, node: 4 \}/,
    ],
    [measures({ value: 3 }), /with a name, a number/],
    [measures(null), /got null/],
    [probe({ requests: () => ({}) as never }), /expected requests to return an array, got/],
    [
      probe({
        requests: ({ nodes }) => [
          {
            node: 9,
            label: 'a',
            set: 'b',
            evaluated: nodes[0]!.evaluated.adapted!,
            rows: new Uint32Array(1),
          },
        ],
      }),
      /expected requests \{ node, .*got node 9/,
    ],
    [
      probe({
        requests: ({ nodes }) => [
          { node: 0, label: 'a', set: 'b', evaluated: nodes[0]!.evaluated.mixed!, rows: Uint32Array.of(190) },
        ],
      }),
      /expected requests for rows from 0 to 189 as a Uint32Array, got 190/,
    ],
  ];
  for (const [sketch, expected] of cases) {
    const message = await mistake(sketch);
    assert.match(message, /^probe "mine", round 0, at 0 ns/);
    assert.match(message, expected);
  }
});

test('artifacts with numbers that are not finite are left out, and the result says which', async () => {
  const artifacts = {
    good: { list: [1, 2] },
    bad: { list: [1, Number.NaN] },
    worse: Number.POSITIVE_INFINITY,
  };
  const { result } = await runToEnd(planOf(algorithm({ artifacts: () => artifacts })));
  assert.deepEqual(result.artifacts, { good: { list: [1, 2] } });
  assert.deepEqual(result.leftOut, { bad: 'bad.list[1] is NaN', worse: 'worse is Infinity' });
});
