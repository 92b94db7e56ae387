// Our runs beside loops in PyTorch and SimPy that do the same work: `node scripts/bench-peers.mjs [workload …] [--runs 5]
// [--short] [--folder build/peers] [--python <interpreter>] [--index <URL>]`.
//
// PyTorch loops take the same first params, batches and mixing weights from files, and must end with the same params. Their
// settings (threads, stacks, …) are the fastest of those tried before. Then all take turns, each run in a process of its own.
// Ours is the whole simulation with network, ledger, encoding and evaluation; of the peers only the loop is timed.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bestEngines } from './bench/support/engines.mjs';
import { afterRounds, readSections, runScenario } from './bench/support/scenarios.mjs';
import { figure, median, table } from './bench/support/table.mjs';
import { findPython } from './peers/python.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const peersFolder = join(root, 'scripts', 'peers');

const DENSE = [
  { title: 'PyTorch, bare loop', script: 'bare.py' },
  { title: 'PyTorch, bare loop, gradient by hand', script: 'by_hand.py' },
  { title: 'PyTorch, stacked, gradient by hand', script: 'stacked.py' },
].map((peer) => ({ ...peer, library: 'torch' }));

/** `unit`: what is counted. The peers of W3 have no params to compare. */
const WORKLOADS = [
  { name: 'W1', unit: 'steps', peers: DENSE },
  { name: 'W1-lr', unit: 'steps', peers: DENSE },
  { name: 'W2', unit: 'steps', peers: DENSE },
  {
    name: 'W1-cnn',
    unit: 'steps',
    peers: [{ title: 'PyTorch, bare loop', script: 'cnn.py', library: 'torch' }],
  },
  {
    name: 'W3',
    unit: 'messages',
    peers: [{ title: 'SimPy, protocol only', script: 'protocol_simpy.py', library: 'simpy' }],
  },
];

/** Ends the process where a program fails: a figure of something else would be worse than none. */
function run(command, args) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status === 0) return stdout.trim().split('\n').at(-1);
  console.error(`${command} ${args.join(' ')}\n${error?.message ?? stderr.trim()}`);
  return process.exit(1);
}

/** Params that differ by more than rounding can explain come from other work. */
function checkSame({ title, name }, { difference, moved, accuracy }, ours) {
  if (difference <= 1e-3 * moved && Math.abs(accuracy - ours) <= 0.01) return;
  throw new Error(
    `${name}, ${title}: expected the params and the accuracy ${ours} of our run, got ${accuracy} and params that ` +
      `differ by ${difference}, where training moved them by ${moved}`,
  );
}

/** What takes turns: engines of ours, then peers. `run()` reports. */
function contendersOf({ name, peers }, { python, folder, rounds }) {
  const scenario = name.toLowerCase();
  run(process.execPath, [join(peersFolder, 'export.mjs'), scenario, rounds, folder]);
  const exported = JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8'));
  const ours = bestEngines.map(({ backend, workers }) => ({
    title: `Mycel, ${backend}, ${workers} threads`,
    settings: '',
    isOurs: true,
    run() {
      const report = runScenario({ name: scenario, set: afterRounds(rounds), backend, workers });
      if (report.params === exported.fingerprint) return report;
      throw new Error(`${name}: expected params ${exported.fingerprint} on ${backend}, got ${report.params}`);
    },
  }));
  const others = peers
    .filter(({ library }) => python.libraries.has(library))
    .map(({ title, script, library }) => {
      const call = [join(peersFolder, script), folder];
      const settings = run(python.interpreter, call);
      return {
        title,
        settings: settings.replaceAll(/[{}"]/g, ''),
        isOurs: false,
        run() {
          const report = JSON.parse(run(python.interpreter, [...call, '--settings', settings]));
          if (library === 'torch') checkSame({ title, name }, report, exported.accuracy);
          return report;
        },
      };
    });
  return [...ours, ...others];
}

const TITLES = [
  '',
  'median',
  'min',
  'max',
  'unit',
  'native ÷',
  'wasm ÷',
  'accuracy',
  'mean |Δ params|',
  'peak MB',
  'settings',
];

function rowsOf({ unit }, contenders, reports) {
  const speeds = reports.map((list) => list.map((report) => report[unit] / report.seconds));
  const speedOf = (backend) => {
    const i = contenders.findIndex(({ isOurs, title }) => isOurs && title.includes(backend));
    return i < 0 ? undefined : median(speeds[i]);
  };
  const ratio = (backend, i) => {
    const own = speedOf(backend);
    return own === undefined ? '' : (own / median(speeds[i])).toFixed(2);
  };
  return contenders.map(({ title, settings, isOurs }, i) => {
    const [{ accuracy, difference, library }] = reports[i];
    return [
      library === undefined ? title : title.replace(/^\w+/, library),
      ...[median(speeds[i]), Math.min(...speeds[i]), Math.max(...speeds[i])].map(figure),
      `${unit}/s`,
      ...(isOurs ? ['', ''] : [ratio('native', i), ratio('wasm', i)]),
      accuracy === undefined ? '' : `${(100 * accuracy).toFixed(2)} %`,
      difference === undefined ? '' : difference.toExponential(1),
      figure(median(reports[i].map(({ peakBytes }) => peakBytes)) / 1e6),
      settings,
    ];
  });
}

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '5' },
    short: { type: 'boolean', default: false },
    folder: { type: 'string', default: join(root, 'build', 'peers') },
    python: { type: 'string' },
    index: { type: 'string' },
  },
});
const runs = options.short ? 1 : Number(options.runs);
const known = WORKLOADS.map(({ name }) => name);
const unknown = names.find((name) => !known.includes(name));
if (unknown !== undefined || !Number.isInteger(runs) || runs < 1) {
  const got = unknown === undefined ? `--runs ${options.runs}` : `"${unknown}"`;
  console.error(`expected workloads (${known.join(', ')}) and a whole number of runs above 0, got ${got}`);
  process.exit(2);
}
const workloads = WORKLOADS.filter(({ name }) => names.length === 0 || names.includes(name));
const wanted = [...new Set(workloads.flatMap(({ peers }) => peers.map(({ library }) => library)))];
const python = findPython({ ...options, wanted });
console.log(`Node ${process.version}, ${cpus()[0].model.trim()}, ${cpus().length} cores; ${runs} runs`);
for (const workload of workloads) {
  const { title, stop } = readSections(workload.name.toLowerCase());
  const rounds = options.short ? 2 : Number.parseInt(stop.after, 10);
  const folder = join(options.folder, workload.name.toLowerCase());
  const contenders = contendersOf(workload, { python, folder, rounds });
  const reports = contenders.map(() => []);
  for (let k = 0; k < runs; k++) {
    for (const [i, contender] of contenders.entries()) reports[i].push(contender.run());
  }
  const load = loadavg()[0].toFixed(1);
  console.log(
    `\n${title}; ${rounds} rounds; load ${load}\n\n${table(TITLES, rowsOf(workload, contenders, reports))}`,
  );
}
