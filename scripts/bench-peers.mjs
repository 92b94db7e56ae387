// Our runs beside loops in PyTorch and SimPy that do the same work: `node scripts/bench-peers.mjs [workload …] [--runs 5]
// [--rounds <rounds of training>] [--folder build/peers] [--python <interpreter>] [--index <URL>]`.
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
import { fail, wholeNumber } from './bench/support/options.mjs';
import { afterRounds, readSections, runScenario } from './bench/support/scenarios.mjs';
import { figure, median, table } from './bench/support/table.mjs';
import { findPython } from './peers/python.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const peersFolder = join(root, 'scripts', 'peers');

/** What is going on, for those who wait: not part of the table. */
const say = (text) => console.error(`  ${text}`);

const DENSE = [
  { title: 'PyTorch, bare loop', script: 'bare.py' },
  { title: 'PyTorch, bare loop, gradient by hand', script: 'by_hand.py' },
  { title: 'PyTorch, stacked, gradient by hand', script: 'stacked.py' },
].map((peer) => ({ ...peer, library: 'torch' }));

/** `unit`: what is counted. */
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
    // A task of one step of four params gains nothing from a second thread.
    workers: 1,
    // Our network alone, without nodes that train, encode and evaluate: it still has links, latency and ledger.
    networks: ['W3-network', 'W3-fifo'],
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
function checkSame({ title, name }, { difference, moved, accuracy }, expected) {
  if (difference <= 0.01 * moved && Math.abs(accuracy - expected) <= 0.01) return;
  throw new Error(
    `${name}, ${title}: expected the params and the accuracy ${expected} of our run, got ${accuracy} and params that ` +
      `differ by ${difference}, where training moved them by ${moved}`,
  );
}

/** Whole simulations on our engines, and what of the network runs alone. `label` names the column of ratios. */
function ours({ name, workers: own, networks = [] }, { rounds, fingerprint }) {
  const scenario = name.toLowerCase();
  const simulations = bestEngines.map(({ backend, workers: usual }) => {
    const workers = own ?? usual;
    return {
      title: `Mycel, ${backend}, ${workers} ${workers === 1 ? 'thread' : 'threads'}`,
      label: backend,
      run() {
        const report = runScenario({ name: scenario, set: afterRounds(rounds), backend, workers });
        if (report.params === fingerprint) return report;
        throw new Error(`${name}: expected params ${fingerprint} on ${backend}, got ${report.params}`);
      },
    };
  });
  const script = join(root, 'scripts', 'bench', 'support', 'run-network.mjs');
  const alone = networks.map((network) => ({
    title: `Mycel, ${network}`,
    label: network,
    run: () => JSON.parse(run(process.execPath, [script, network])),
  }));
  return [...simulations, ...alone];
}

/** The loops of others, with the settings that are fastest here. */
function others({ name, peers }, { python, folder, accuracy }) {
  const possible = peers.filter(({ library }) => python.libraries.has(library));
  return possible.map(({ title, script, library }) => {
    // -B: no compiled files beside the scripts.
    const call = ['-B', join(peersFolder, script), folder];
    say(`${name}: looking for the fastest settings of ${title}`);
    const settings = run(python.interpreter, call);
    return {
      title,
      settings: settings.replaceAll(/[{}"]/g, ''),
      run() {
        const report = JSON.parse(run(python.interpreter, [...call, '--settings', settings]));
        if (library === 'torch') checkSame({ title, name }, report, accuracy);
        return report;
      },
    };
  });
}

/** What takes turns: ours, then the peers. `run()` reports. */
function contendersOf(workload, { python, folder, rounds }) {
  run(process.execPath, [join(peersFolder, 'export.mjs'), workload.name.toLowerCase(), rounds, folder]);
  const { fingerprint, accuracy } = JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8'));
  return [...ours(workload, { rounds, fingerprint }), ...others(workload, { python, folder, accuracy })];
}

/**
 * A row for each. The columns of ratios say how many times as fast ours is; `difference` is the mean absolute difference of
 * the params from ours.
 */
function results({ unit }, contenders, reports) {
  const speeds = reports.map((list) => list.map((report) => report[unit] / report.seconds));
  const labelled = contenders.flatMap(({ label }, i) => (label === undefined ? [] : [{ label, i }]));
  const titles = ['', 'median', 'min', 'max', 'unit', ...labelled.map(({ label }) => `${label} ÷ it`)];
  const rows = contenders.map(({ title, label, settings = '' }, i) => {
    const [{ accuracy, difference, library }] = reports[i];
    const ratios = labelled.map((own) => (median(speeds[own.i]) / median(speeds[i])).toFixed(2));
    return [
      library === undefined ? title : title.replace(/^\w+/, library),
      ...[median(speeds[i]), Math.min(...speeds[i]), Math.max(...speeds[i])].map(figure),
      `${unit}/s`,
      ...ratios.map((ratio) => (label === undefined ? ratio : '')),
      accuracy === undefined ? '' : `${(100 * accuracy).toFixed(2)} %`,
      difference === undefined ? '' : difference.toExponential(1),
      figure(median(reports[i].map(({ peakBytes }) => peakBytes)) / 1e6),
      settings,
    ];
  });
  return table([...titles, 'accuracy', 'difference', 'peak MB', 'settings'], rows);
}

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '5' },
    rounds: { type: 'string' },
    folder: { type: 'string', default: join(root, 'build', 'peers') },
    python: { type: 'string' },
    index: { type: 'string' },
  },
});
const runs = wholeNumber(options, 'runs');
const most = wholeNumber(options, 'rounds', Number.POSITIVE_INFINITY);
const known = WORKLOADS.map(({ name }) => name);
const unknown = names.find((name) => !known.includes(name));
if (unknown !== undefined) fail(`expected workloads (${known.join(', ')}), got "${unknown}"`);
const workloads = WORKLOADS.filter(({ name }) => names.length === 0 || names.includes(name));
const wanted = [...new Set(workloads.flatMap(({ peers }) => peers.map(({ library }) => library)))];
const python = findPython({ ...options, wanted });
console.log(`Node ${process.version}, ${cpus()[0].model.trim()}, ${cpus().length} cores; ${runs} runs`);
for (const workload of workloads) {
  const { title, stop } = readSections(workload.name.toLowerCase());
  const rounds = Math.min(most, Number.parseInt(stop.after, 10));
  const folder = join(options.folder, workload.name.toLowerCase());
  const contenders = contendersOf(workload, { python, folder, rounds });
  const reports = contenders.map(() => []);
  for (let k = 0; k < runs; k++) {
    for (const [i, contender] of contenders.entries()) {
      const report = contender.run();
      reports[i].push(report);
      const speed = figure(report[workload.unit] / report.seconds);
      say(`${workload.name}, run ${k + 1} of ${runs}: ${contender.title}: ${speed} ${workload.unit}/s`);
    }
  }
  const load = loadavg()[0].toFixed(1);
  console.log(`\n${title}; ${rounds} rounds; load ${load}\n\n${results(workload, contenders, reports)}`);
}
