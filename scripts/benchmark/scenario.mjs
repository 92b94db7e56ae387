// A world as a scenario with all its methods, and what is tuned of each.
import { stringify } from 'yaml';

/** All settings of each method with two seeds, and the best two with two more: none of the table. */
const TUNING = {
  rows: '20%',
  search: 'grid',
  seeds: '10001..10002',
  finals: { trials: 2, seeds: '10003..10004' },
};

/** How often a run is measured, unless the world says so. */
const MEASUREMENTS = 10;

/** What is lost is sent again, but for those that send nothing or never wait. */
const UNREPEATED = ['local-only', 'gossip', 'pens'];

const TOPOLOGIES = {
  peers: ({ degree }) => ({ use: 'random-regular', degree }),
  complete: () => 'complete',
  directed: ({ degree }) => ({ use: 'random-k-out', receivers: degree }),
  ring: () => 'ring',
  torus: () => 'torus',
  exponential: () => 'exponential',
  'one-peer': () => 'one-peer-exponential',
  matcha: ({ degree }) => ({ use: 'matcha', base: { use: 'random-regular', degree }, budget: '50%' }),
};

/** The YAML text of the file in which a world’s methods stand before they are tuned. */
export function worldScenario(name, world) {
  const methods = methodsOf(world);
  const scenario = {
    title: world.title,
    seed: 1,
    nodes: world.nodes,
    data: { ...world.data, validation: '0%' },
    model: world.model,
    topology: TOPOLOGIES.peers(world),
    network: networkOf(world),
    ...(world.compute && { compute: world.compute }),
    measure: measureOf(world, world.passes / world.epochs),
    stop: { after: `${world.passes / world.epochs} rounds` },
    ...sectionsOf(methods, world),
    tune: {
      ...tunedOf(methods),
      metric: pointsOf(world),
      ...TUNING,
    },
  };
  const lines = [
    'yaml-language-server: $schema=../../../docs/scenario.schema.json',
    `By: npm run benchmark ${name} (scripts/benchmark/worlds.mjs and methods.mjs say what is in it, and why).`,
  ];
  return `${lines.map((line) => `# ${line}\n`).join('')}${stringify(scenario, { lineWidth: 120, aliasDuplicateObjects: false })}`;
}

/** One method stands in the file itself, several are compared. */
function sectionsOf(methods, world) {
  const variants = methods.map(({ name, method }) => variantOf(name, method, world));
  if (variants.length > 1) return { compare: { scenario: variants } };
  const [{ name, ...sections }] = variants;
  return sections;
}

function tunedOf(methods) {
  if (methods.length === 1) return { options: methods[0].method.tuned };
  return { methods: Object.fromEntries(methods.map(({ name, method }) => [name, method.tuned])) };
}

/** Methods and controls in the order of the table; with `only`, those named there. */
function methodsOf(world) {
  const controls = Object.entries(world.controls ?? {}).map(([name, { like, ...changes }]) => ({
    name,
    method: { use: like, ...world.methods[like], ...changes },
  }));
  const methods = Object.entries(world.methods).map(([name, method]) => ({
    name,
    method: { use: name, ...method },
  }));
  return [...methods, ...controls].filter(({ name }) => world.only?.includes(name) ?? true);
}

function variantOf(name, method, world) {
  const { algorithm, rounds } = setupOf(method, world);
  const { topology, split, validation, server } = method;
  const reliable = world.network?.drop !== undefined && !UNREPEATED.includes(method.use);
  const usual = world.passes / world.epochs;
  return {
    name,
    algorithm: { use: method.use, ...algorithm, ...(reliable && { reliable }) },
    ...((topology || server) && { topology: topologyOf(method, world) }),
    ...(server && { network: networkOf(world, server) }),
    ...((validation || split) && {
      data: { ...world.data, validation: validation ?? '0%', split: { ...world.data.split, ...split } },
    }),
    ...((rounds !== usual || method.half) && {
      // What a client has fine-tuned is never averaged.
      measure: { ...measureOf(world, rounds), ...(method.half && { at: ['adapted'] }) },
      stop: { after: `${rounds} rounds` },
    }),
  };
}

/** With `half`, the second half of the passes are epochs on the own data alone, after the last round. */
function setupOf(method, world) {
  if (!method.half) return method.setup(world);
  const { algorithm, rounds } = method.setup(world);
  const half = Math.floor(rounds / 2);
  return { algorithm: { ...algorithm, finalLocalEpochs: (rounds - half) * world.epochs }, rounds: half };
}

function topologyOf({ server, topology }, world) {
  if (server) return null;
  return typeof topology === 'string' ? TOPOLOGIES[topology](world) : topology;
}

function measureOf(world, rounds) {
  const every = Math.max(1, Math.round(rounds / (world.measurements ?? MEASUREMENTS)));
  return {
    every: `${every} ${every === 1 ? 'round' : 'rounds'}`,
    at: ['adapted', 'mixed'],
    probes: [...new Set(['accuracy', world.metric ?? 'accuracy']), 'bytes'],
  };
}

/** Models of a node besides the one that it has trained: averaged, Ditto’s common one, and with MHD’s auxiliary heads. */
const OTHERS = ['mixed', 'global', 'aux 1', 'aux 2', 'aux 3'];

/** The metric that decides, of all models that a method has. */
const pointsOf = ({ metric = 'accuracy' }) => [
  `${metric}-mean`,
  ...OTHERS.map((point) => `${metric}:${point}-mean`),
];

/** A server has links of 1 Gbps. */
function networkOf(world, server) {
  const network = world.network ?? {
    latency: { use: 'constant', value: '20ms' },
    uplink: '10Mbps',
    downlink: '10Mbps',
  };
  if (!server) return network;
  const fast = { nodes: String(world.nodes), uplink: '1Gbps', downlink: '1Gbps' };
  return { ...network, overrides: [...(network.overrides ?? []), fast] };
}
