/** The package as users get it: packed, installed elsewhere, used from code and by its command. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { planScenario, type RunUpdate, readScenario, run, runToEnd } from '../src/index.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const elsewhere = mkdtempSync(join(tmpdir(), 'mycel-library-'));
after(() => rmSync(elsewhere, { recursive: true, force: true }));

/** Runs Node in the folder elsewhere, and gives what it prints. */
function node(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: elsewhere, encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
  return stdout;
}

/**
 * The dependencies are those of this checkout: no registry is needed. Those of development stay away, but for Node's
 * types, so that types of theirs in the package's own are found.
 */
function linkDependencies(modules: string): void {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const wanted = (name: string) => !name.startsWith('.') && name !== 'mycel';
  for (const name of readdirSync(join(root, 'node_modules')).filter(wanted)) {
    const isScope = name.startsWith('@');
    const packages = isScope
      ? readdirSync(join(root, 'node_modules', name)).map((part) => `${name}/${part}`)
      : [name];
    if (isScope) mkdirSync(join(modules, name));
    for (const path of packages) {
      if (Object.hasOwn(devDependencies, path) && path !== '@types/node') continue;
      symlinkSync(join(root, 'node_modules', path), join(modules, path));
    }
  }
}

const scenario = `
title: small
seed: 1
nodes: 4
data: { use: blobs, features: 8, classes: 3, train: 200, test: 60, split: { use: iid } }
model: { use: softmax }
topology: { use: ring }
network: { latency: { use: constant, value: 10ms }, uplink: 10Mbps, downlink: 10Mbps }
algorithm: { use: d-psgd }
stop: { after: 5 rounds }
`;

/** Gossip on models of a file of its own. */
const ALGORITHM = `
import {
  type CodecContext, fromNeighbors, isMessage, messageType, mix, option, otherNodes, phase, roundOptions, rounds,
  startTraining, train, trained, type TrainingState, trainingInput, trainingOptions, UsageError, wire, z,
} from 'mycel/plugin';

const options = z.strictObject({
  ...trainingOptions, ...roundOptions, every: option.duration().prefault('1s'), least: option.count().default(1),
});
type Options = z.output<typeof options>;
interface State { params: Float32Array; training: TrainingState }

export const MODEL = messageType('model', ({ model }: CodecContext<Options>) =>
  wire.record({ values: wire.float32(model.length), round: wire.number('u32', 'header') }));
export const DONE = messageType('done', () => wire.empty);
export const isDone = (message: Parameters<typeof isMessage>[1]) => isMessage(DONE, message);

export const gossip = rounds<State, Options>({
  id: 'gossip',
  description: 'averages models',
  reference: 'nobody',
  options,
  validate({ options, nodes }) {
    if (nodes < options.least) throw new UsageError('few-nodes', 'expected more nodes', 'nodes');
  },
  mixing: () => 'uniform',
  init: (node) => ({ params: node.initialParams, training: startTraining() }),
  phases: () => [
    phase({
      message: MODEL,
      task: train,
      input: (node, state) => trainingInput(node, state.training, state.params),
      computed: (_node, state, output) => { state.params = trained(state.training, output); },
      send: (node, state) => ({ body: { values: { values: state.params }, round: node.round }, to: node.neighbors.out }),
      expect: (node) => otherNodes(node).filter((id) => node.neighbors.in.includes(id)),
      combine(node, state, received) {
        const models = received.map(({ from, body }) => ({ from, body: body.values }));
        state.params = mix(state.params, node.mixing, fromNeighbors(node, models));
      },
    }),
  ],
  evaluate: ({ params }) => ({ mixed: { params } }),
});
export default gossip;
`;

const MODEL = `
import { dense, layered, type ModelEntry, relu, type Tensor } from 'mycel/models';
import { z } from 'mycel/plugin';

export const rankOf = (tensor: Tensor): number => tensor.rank;
// @ts-expect-error: were the types of TensorFlow.js missing, anything could be done with a tensor
export const nothing = (tensor: Tensor) => tensor.noSuchThing();

const options = z.strictObject({ units: z.int().default(4) });
export const small: ModelEntry<z.output<typeof options>> = {
  id: 'small',
  description: 'one hidden layer',
  options,
  build(spec) {
    const inputs = spec.input.reduce((product, side) => product * side, 1);
    const { units } = spec.options as z.output<typeof options>;
    return layered(spec, [
      dense('hidden', { inputs, outputs: units }),
      relu(units),
      dense('head', { inputs: units, outputs: spec.classes }),
    ]);
  },
};
export default small;
`;

const FORWARD = `
import { modelFromForward } from 'mycel/models';
import { z } from 'mycel/plugin';

export default modelFromForward({
  id: 'hyperbolic',
  description: 'one hidden layer of hyperbolic tangents',
  options: z.strictObject({ units: z.int().min(1).default(4) }),
  params: ({ input, classes, options }) => ({
    hidden: { shape: [input[0] ?? 1, options.units] },
    bias: { shape: [options.units] },
    head: { shape: [options.units, classes], group: 'head' },
  }),
  forward: (tf, params, inputs) =>
    tf.matMul(tf.tanh(tf.add(tf.matMul(inputs, params.hidden), params.bias)), params.head),
});
`;

const USE = `
import { formatBytes, listEntries, planScenario, type Result, runToEnd, type Sample, Simulation, toScenario } from 'mycel';
import { testAlgorithm } from 'mycel/testing';
import { gossip } from './algorithm.js';
import { small } from './model.js';

if (!listEntries('algorithms').some(({ id }) => id === 'd-psgd')) throw new Error(formatBytes(0));
await testAlgorithm(gossip, { rounds: 1 });
const [plan] = planScenario(await toScenario({
  title: 'from an object',
  seed: 1,
  nodes: 4,
  data: { use: 'blobs', features: 2, classes: 2, train: 40, test: 20, split: 'iid' },
  model: { use: small, units: 2 },
  topology: 'ring',
  network: { latency: { use: 'constant', value: '10ms' }, uplink: '10Mbps', downlink: '10Mbps' },
  algorithm: { use: gossip, batch: 4, every: '2s' },
  measure: { probes: ['consensus-distance', 'accuracy'] },
  stop: { after: '3 rounds' },
}));
const execution = { backend: 'cpu', workers: 0 } as const;
const { result, samples }: { readonly result: Result; readonly samples: readonly Sample[] } =
  await runToEnd(plan!, execution);
const simulation = await Simulation.create(plan!, execution);
const saved = simulation.save();
await simulation.close();
await (await Simulation.restore(plan!, execution, saved)).close();
export const { traffic, stopped } = result;
export const backend = result.backend;
const measured = new Set(samples.map(({ round }) => round)).size;
console.log(\`\${stopped} \${result.rounds}, measured \${measured}, sent \${traffic.parts.values} bytes of values\`);
`;

async function plan() {
  return planScenario(await readScenario(scenario, join(elsewhere, 'small.yaml')))[0]!;
}

test('a run yields samples, topology and progress to a for-await loop, and ends by itself', async () => {
  const kinds = new Set<RunUpdate['kind']>();
  for await (const update of run(await plan(), { backend: 'cpu' })) kinds.add(update.kind);
  assert.deepEqual([...kinds].sort(), ['progress', 'samples', 'topology']);
});

test('runToEnd gives the samples with the result', async () => {
  const { result, samples, topology } = await runToEnd(await plan(), { backend: 'cpu' });
  assert.equal(result.stopped, 'rounds');
  assert.equal(result.rounds, 5);
  assert.equal(topology.length, 8);
  assert.deepEqual([...new Set(samples.map(({ round }) => round))], [0, 1, 2, 3, 4, 5]);
});

test('an aborted signal ends a run as interrupted', async () => {
  const abort = new AbortController();
  abort.abort();
  const { result } = await runToEnd(await plan(), { backend: 'cpu', signal: abort.signal });
  assert.equal(result.stopped, 'interrupted');
});

test('leaving the loop early ends the workers', async () => {
  for await (const _update of run(await plan(), { backend: 'cpu', workers: 1 })) break;
  assert.ok(true, 'the process would not end otherwise');
});

test('the packed package installs and runs elsewhere, by its command and from code', () => {
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', elsewhere], {
    cwd: root,
  });
  const tarball = readdirSync(elsewhere).find((name) => name.endsWith('.tgz'))!;
  const modules = join(elsewhere, 'node_modules');
  mkdirSync(join(modules, 'mycel'), { recursive: true });
  execFileSync('tar', [
    'xzf',
    join(elsewhere, tarball),
    '-C',
    join(modules, 'mycel'),
    '--strip-components=1',
  ]);
  linkDependencies(modules);
  writeFileSync(join(elsewhere, 'small.yaml'), scenario);
  const command = join(modules, 'mycel', 'bin', 'mycel.js');
  const run = (...args: string[]) => execFileSync(command, args, { cwd: elsewhere, encoding: 'utf8' });
  const printed = run('run', 'small.yaml', '--report');
  assert.match(printed, /trace [0-9a-f]{16}, params [0-9a-f]{16}/);
  assert.match(printed, /report\.html shows these results/);
  assert.ok(existsSync(join(modules, 'mycel', 'scripts', 'mycel_results.py')));
  for (const file of ['fig.svg', 'fig.png', 'fig.pdf'])
    assert.match(run('plot', 'results', '--out', file), /^fig\.\w+: accuracy-mean against bytes/);
});

test('the packed package installs without a compiler', () => {
  const script = join(elsewhere, 'node_modules', 'mycel', 'scripts', 'build-native.mjs');
  const env = { ...process.env, CC: 'no-such-compiler' };
  const printed = execFileSync(process.execPath, [script], { env, encoding: 'utf8' });
  assert.match(printed, /^native kernels: not built \(no C compiler: .*\); WebAssembly computes instead/);
});

test('the command can be executed whatever has built the package', () => {
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: { mycel: string } };
  assert.doesNotMatch(bin.mycel, /^dist/, 'a build would take the execute bit of a file in dist');
  assert.match(execFileSync(join(root, bin.mycel), ['--version'], { encoding: 'utf8' }), /^\d+\.\d+/);
});

test('strict TypeScript projects that check their libraries compile against all entry points, and run', () => {
  writeFileSync(join(elsewhere, 'package.json'), JSON.stringify({ type: 'module' }));
  const compilerOptions = {
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    // Inferred types of exports must have names that can be imported.
    declaration: true,
    skipLibCheck: false,
    // Types of packages are those that the project has itself.
    preserveSymlinks: true,
    outDir: 'out',
  };
  const files = { 'algorithm.ts': ALGORITHM, 'model.ts': MODEL, 'forward.ts': FORWARD, 'use.ts': USE };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(elsewhere, name), text);
  // As `tsc --init` has it, with the types of browsers; and as a project for Node has it, without.
  for (const own of [{ types: [] }, { types: ['node'], lib: ['es2023'] }]) {
    const config = { compilerOptions: { ...compilerOptions, ...own }, files: Object.keys(files) };
    writeFileSync(join(elsewhere, 'tsconfig.json'), JSON.stringify(config));
    node([join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', '.']);
  }
  // 3 rounds over 8 links with 12 params each.
  assert.equal(node(['out/use.js']), `rounds 3, measured 4, sent ${3 * 8 * 12 * 4} bytes of values\n`);
  // A scenario finds the same modules by their names, and they find the library.
  const own = scenario
    .replace('use: d-psgd', 'use: ./out/algorithm.js, every: 1.5s')
    .replace('use: softmax', 'use: ./out/model.js');
  writeFileSync(join(elsewhere, 'own.yaml'), own);
  const cli = join(elsewhere, 'node_modules', 'mycel', 'dist', 'src', 'cli', 'main.js');
  assert.match(node([cli, 'run', 'own.yaml']), /trace [0-9a-f]{16}/);
  // A model from its forward pass learns, in a worker too, with the same bits.
  const forward = scenario.replace('use: softmax', 'use: ./out/forward.js, units: 6');
  writeFileSync(join(elsewhere, 'forward.yaml'), forward);
  const prints = ['0', '1'].map((workers) => {
    const run = ['run', 'forward.yaml', '--backend', 'wasm', '--workers', workers];
    return /trace [0-9a-f]{16}, params [0-9a-f]{16}/.exec(node([cli, ...run]))?.[0];
  });
  assert.ok(prints[0]);
  assert.equal(prints[0], prints[1]);
});
