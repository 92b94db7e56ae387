import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bin, mycel, mycelElsewhere } from './support/cli.js';
import { scenarioText } from './support/scenario-base.js';
import { workIn } from './support/work-in.js';

const folder = workIn('mycel-cli-');

function write(name: string, replace: Readonly<Record<string, string>> = {}): void {
  writeFileSync(join(folder, name), scenarioText(replace));
}

/** One thread, since that starts fastest. */
const run = (...args: string[]) => mycel('run', '--workers', '0', '--backend', 'cpu', ...args);
const read = (...path: string[]) => readFileSync(join(folder, ...path), 'utf8');

interface Summary {
  results: string;
  variant?: string;
  seed: number;
  stopped: string;
  fingerprints: { trace: string; params: string };
  traffic: { bytes: { sent: number }; messages: { sent: number } };
  scenario: Record<string, unknown>;
  diverged: { node: number; round: number }[];
  machine: unknown;
}

test('a run prints its summary, the path of its results, and the line for a bug report', async () => {
  write('plain.yaml', { measure: 'measure: { target: 1% }' });
  const { code, out } = mycelElsewhere('run', '--workers', '0', '--backend', 'cpu', 'plain.yaml');
  assert.equal(code, 0);
  const { trace, params } = (JSON.parse(read('results/plain/1/summary.json')) as Summary).fingerprints;
  const shares = '\\d+\\.\\d % mean, \\d+\\.\\d % worst node';
  const points = [
    `accuracy +${shares} \\(adapted: after local training\\)`,
    ` +${shares} \\(mixed: after averaging\\)`,
  ];
  assert.match(out, new RegExp(`^plain\n\n${points.join('\n')}\nsent +`));
  assert.match(
    out,
    /\nvirtual time {2}.*, 3 rounds, \d+ events\nwork +12 gradient steps, 1\.2 passes over the data, 6\.96 kFLOP\nto 1 % +\d.* in /,
  );
  const line = `mycel 0.1.0, node ${process.version}, backend cpu (TypeScript), scenario plain.yaml, seed 1, trace ${trace}, params ${params}`;
  assert.ok(out.endsWith(`\n${join('results', 'plain', '1')}\n  ${line}\n`), out);
  assert.deepEqual(readdirSync(join(folder, 'results/plain/1')).sort(), [
    'blocks.csv',
    'metrics.csv',
    'summary.json',
    'topology.csv',
    'traffic.csv',
  ]);
});

test('the results of a run are the same bytes with and without workers, except for the machine', async () => {
  write('same.yaml', {
    nodes: 'nodes: 6',
    network: 'network: { latency: { use: uniform, from: 1ms, to: 9ms }, uplink: 1Mbps, downlink: 1Mbps }',
  });
  assert.equal((await mycel('run', 'same.yaml', '--quiet', '--workers', '0', '--out', 'one')).code, 0);
  assert.equal((await mycel('run', 'same.yaml', '--quiet', '--workers', '2', '--out', 'two')).code, 0);
  for (const name of ['metrics.csv', 'traffic.csv', 'topology.csv']) {
    assert.equal(read('one/same/1', name), read('two/same/1', name), name);
  }
  const comparable = (out: string) => ({
    ...(JSON.parse(read(out, 'same/1/summary.json')) as Summary),
    machine: undefined,
  });
  assert.deepEqual(comparable('one'), comparable('two'));
});

test('variants and seeds give one table, one folder per run, and a title', async () => {
  write('table.yaml', { title: 'title: Two topologies', compare: 'compare: { topology: [ring, complete] }' });
  const { code, out } = await run('table.yaml', '--seed', '1..2', '--out', 'tables');
  assert.equal(code, 0);
  const [title, , head, , ...rows] = out.split('\n');
  assert.equal(title, 'Two topologies');
  assert.match(
    head!,
    /^variant +seeds +accuracy \(adapted\) +worst node +mixed +pp against ring +passes +FLOPs +bytes sent +values +index +header +virtual time$/,
  );
  assert.match(rows[0]!, /^ring +2 +\d+\.\d ± \d+\.\d % /);
  assert.match(rows[1]!, /^complete +2 +.*[+−]\d+\.\d ± \d+\.\d \([12] of 2\)/);
  assert.match(out, /± to either side: 95 % confidence interval over the seeds \(Student's t\)/);
  for (const path of ['ring/1', 'ring/2', 'complete/1', 'complete/2']) {
    assert.ok(existsSync(join(folder, 'tables/table', path, 'summary.json')), path);
  }
});

test('--json prints one object for every finished run, and nothing else', async () => {
  write('json.yaml', { seed: '', compare: 'compare: { topology: [ring, complete] }' });
  const { code, out, err } = await run('json.yaml', '--json', '--seed', '7', '--set', 'nodes=3');
  assert.equal(code, 0);
  assert.equal(err, '');
  const runs = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Summary);
  assert.deepEqual(
    runs.map(({ variant, seed, results, scenario }) => [
      variant,
      seed,
      results,
      scenario.nodes,
      scenario.backend,
    ]),
    [
      ['ring', 7, join('results', 'json', 'ring', '7'), 3, 'cpu'],
      ['complete', 7, join('results', 'json', 'complete', '7'), 3, 'cpu'],
    ],
  );
});

test('--quiet prints nothing, and --trace writes a line for every event', async () => {
  write('quiet.yaml');
  const { code, out, err } = await run('quiet.yaml', '--quiet', '--trace');
  assert.deepEqual([code, out, err], [0, '', '']);
  const lines = read('results/quiet/1/trace.ndjson').trimEnd().split('\n');
  const times = lines.map((line) => (JSON.parse(line) as { time_ns: number }).time_ns);
  assert.ok(times.length > 12);
  assert.deepEqual(
    times,
    [...times].sort((a, b) => a - b),
  );
  const arrivals = lines.map((line) => JSON.parse(line)).filter(({ kind }) => kind === 'message-arrival');
  const { bytes, messages } = (JSON.parse(read('results/quiet/1/summary.json')) as Summary).traffic;
  assert.equal(arrivals.length, messages.sent);
  assert.equal(
    arrivals.reduce((sum, arrival) => sum + arrival.bytes, 0),
    bytes.sent,
  );
  assert.ok(arrivals.every(({ from, target, type }) => from !== target && type === 'model'));
});

test('results are in the folder of the scenario’s path below scenarios', async () => {
  mkdirSync(join(folder, 'scenarios/paper'), { recursive: true });
  write('scenarios/paper/one.yaml');
  assert.equal((await run('scenarios/paper/one.yaml', '--quiet')).code, 0);
  assert.ok(existsSync(join(folder, 'results/paper/one/1/summary.json')));
});

test('the mistakes of all files are reported before anything runs, with exit code 2 and no stack', async () => {
  write('right.yaml');
  write('wrong.yaml', { nodes: 'nodes: 0', topology: 'topology: rign' });
  const { code, out, err } = await run('right.yaml', 'wrong.yaml', 'none.yaml', '--out', 'nothing');
  assert.equal(code, 2);
  assert.equal(out, '');
  assert.deepEqual(
    err.split('\n').map((line) => line.slice(0, 26)),
    ['wrong.yaml:2:8 nodes: expe', 'wrong.yaml:5:11 topology: ', 'none.yaml: expected a scen', ''],
  );
  assert.ok(!existsSync(join(folder, 'nothing')));
});

test('a mistake that is found only when a run is created has its place in the file too, and leaves no results', async () => {
  write('degree.yaml', { topology: 'topology: { use: random-regular, degree: 9 }' });
  const { code, err } = await run('degree.yaml', '--out', 'nothing');
  assert.equal(code, 2);
  assert.match(err, /^degree\.yaml:5:42 topology\.degree: expected a degree that 4 nodes can have, got 9/);
  assert.doesNotMatch(err, /\n {4}at /);
  assert.ok(!existsSync(join(folder, 'nothing')));
});

test('a mistake that is found only then, and may be that of an override, names the override', async () => {
  const faults = 'faults: [{ use: node-down, node: 3, at: 1s, for: 1s }]';
  const algorithm = 'algorithm: { use: d-psgd, localSteps: 1, batch: 8, deadline: 5s }';
  write('fault.yaml', { faults, algorithm });
  const { code, err } = await mycel('validate', 'fault.yaml', '--set', 'nodes=3');
  assert.equal(code, 2);
  assert.match(
    err,
    /^fault\.yaml:9:34 faults\.0\.node: expected nodes from 0 to 2, got 3 \(with --set nodes=3\)\n$/,
  );
  assert.equal((await mycel('validate', 'fault.yaml')).code, 0);
});

test('an output that cannot be written is reported before the run', async () => {
  write('plain.yaml');
  writeFileSync(join(folder, 'file'), '');
  const { code, err } = await run('plain.yaml', '--out', 'file');
  assert.equal(code, 2);
  assert.match(err, /^cannot write file.plain.1: /);
});

test('two scenarios that write to the same folder are refused', async () => {
  mkdirSync(join(folder, 'a'), { recursive: true });
  write('plain.yaml');
  write('a/plain.yaml');
  const { code, err } = await run('plain.yaml', 'a/plain.yaml');
  assert.equal(code, 2);
  assert.match(
    err,
    /plain\.yaml and a.plain\.yaml both write to results.plain.1: run them separately, with different --out/,
  );
});

test('divergence is reported with node and round, and the results are kept', async () => {
  write('diverged.yaml', {
    algorithm: 'algorithm: { use: d-psgd, localSteps: 3, batch: 8, learningRate: 1.0e+39 }',
  });
  const { code, out } = await run('diverged.yaml');
  assert.equal(code, 0);
  assert.match(out, /\ndiverged \(params no longer finite\): node \d in round \d.*; the run stopped there\n/);
  const summary = JSON.parse(read('results/diverged/1/summary.json')) as Summary;
  assert.equal(summary.stopped, 'diverged');
  assert.ok(summary.diverged.length > 0);
});

test('a plugin that throws is reported with stack and the command that reproduces it, exit code 70', async () => {
  const zod = JSON.stringify(import.meta.resolve('zod'));
  const algorithm = `import { z } from ${zod};
    export default {
      id: 'thrower', description: 'throws', reference: 'none', options: z.strictObject({}),
      messages: () => ({}), init: () => ({}), evaluate: (_state, { model }) => ({ mixed: { params: new Float32Array(model.length) } }),
      on: { start() { throw new RangeError('not today'); } },
    };`;
  writeFileSync(join(folder, 'thrower.js'), algorithm);
  write('thrower.yaml', { algorithm: 'algorithm: ./thrower.js', measure: 'measure: { probes: [bytes] }' });
  const { code, err } = mycelElsewhere(
    ...['run', '--workers', '0', '--backend', 'cpu', 'thrower.yaml', '--set', 'nodes=3'],
  );
  assert.equal(code, 70);
  assert.match(err, /thrower/);
  assert.match(err, /not today\n {4}at /);
  assert.match(err, /reproduce: mycel run thrower\.yaml --seed 1 --backend cpu --workers 0 --set nodes=3\n/);
  assert.ok(!existsSync(join(folder, 'results/thrower')));
});

test('validate prints ok and the number of runs, or the mistakes', async () => {
  write('right.yaml', { compare: 'compare: { topology: [ring, complete] }' });
  write('wrong.yaml', { nodes: 'nodes: 0' });
  write('impossible.yaml', { data: 'data: { use: blobs, train: 2, split: iid }' });
  const right = mycelElsewhere('validate', 'right.yaml', '--seed', '1..3');
  assert.deepEqual([right.code, right.out], [0, 'right.yaml: ok, 6 runs\n']);
  const wrong = await mycel('validate', 'wrong.yaml', 'right.yaml', 'impossible.yaml');
  assert.equal(wrong.code, 2);
  assert.equal(wrong.out, 'right.yaml: ok, 2 runs\n');
  assert.match(wrong.err, /^wrong\.yaml:2:8 nodes: .*\nimpossible\.yaml:3:28 data\.train: /);
});

test('validate and the beginning of run try every run of a file, and say of which seeds a mistake is', async () => {
  const splits = ['iid', '{ use: classes-per-node, classes: 3 }', '{ use: label-shards, shards: 99 }'];
  write('many.yaml', { compare: `compare: { data.split: [${splits.join(', ')}] }` });
  writeFileSync(
    join(folder, 'some-seeds.mjs'),
    `import { z } from ${JSON.stringify(new URL('../src/plugin.js', import.meta.url).href)};
    import { UsageError } from ${JSON.stringify(new URL('../src/errors.js', import.meta.url).href)};
    export default {
      id: 'some-seeds', description: 'a test', reference: 'none', options: z.strictObject({}), messages: () => ({}),
      init(node) {
        if (node.id === 0 && node.publicRandom('x').integer(2) === 1) throw new UsageError('odd', 'expected another seed');
        return {};
      },
      on: { start() {} }, evaluate: (_state, { model }) => ({ mixed: { params: new Float32Array(model.length) } }),
    };`,
  );
  write('some-seeds.yaml', { algorithm: 'algorithm: { use: ./some-seeds.mjs }' });
  for (const command of [['validate'], ['run', '--out', 'tried']]) {
    const many = await mycel(...command, 'many.yaml', '--seed', '1..2');
    assert.equal(many.code, 2);
    assert.match(
      many.err,
      /^many\.yaml:9:64 compare\.data\.split\.1\.classes: .*\nmany\.yaml:3:53 data\.train: .*\n$/,
    );
    const some = await mycel(...command, 'some-seeds.yaml', '--seed', '1..4');
    assert.equal(some.code, 2);
    assert.match(some.err, /^expected another seed \(with (seed \d|the seeds \d, \d(, \d)?)\)\n$/);
  }
  assert.ok(!existsSync(join(folder, 'tried')));
});

test('a directory that is missing and an impossible speed are reported at their place', async () => {
  write('nowhere.yaml', { data: 'data: { use: idx, directory: nowhere, split: iid }' });
  assert.match(
    (await mycel('validate', 'nowhere.yaml')).err,
    /^nowhere\.yaml:3:\d+ data\.directory: expected a directory with the files/,
  );
  write('slow.yaml', { compute: 'compute: { use: constant, speed: 1e-9FLOPS }' });
  const slow = await run('slow.yaml');
  assert.equal(slow.code, 2);
  assert.match(
    slow.err,
    /^slow\.yaml:9:\d+ compute: expected a time between 0 and 104 days, got a task of \d+ FLOPs at 1e-9 FLOPS/,
  );
});

test('list prints what a scenario can name', async () => {
  const { code, out } = mycelElsewhere('list');
  assert.equal(code, 0);
  assert.match(out, /^algorithms \(algorithm\)\n {2}ad-psgd +asynchronous/);
  const unknown = await mycel('list', 'topologys');
  assert.equal(unknown.code, 2);
  assert.match(unknown.err, /^unknown kind or entry "topologys"\. Did you mean "topologies"\?/);
});

test('a file without a command is told the commands', async () => {
  const { code, err } = await mycel('quickstart.yaml');
  assert.equal(code, 2);
  assert.match(err, /^expected a command before the file: mycel run quickstart\.yaml runs it, /);
});

test('for an unknown command or option the error names the nearest, with exit code 2', async () => {
  const { code, err } = mycelElsewhere('rnu', 'plain.yaml');
  assert.equal(code, 2);
  assert.match(err, /unknown command 'rnu'\n\(Did you mean run\?\)/);
  assert.match(
    (await mycel('run', 'plain.yaml', '--sed', '1')).err,
    /unknown option '--sed'\n\(Did you mean.* --seed/,
  );
  for (const args of [
    ['run'],
    ['run', 'plain.yaml', '--seed', '2..1'],
    ['run', 'plain.yaml', '--backend', 'gpu'],
  ]) {
    assert.equal((await mycel(...args)).code, 2, args.join(' '));
  }
  const version = await mycel('--version');
  assert.equal(version.code, 0);
  assert.match(version.out, /^0\.1\.0 \(backend (native|wasm), [\w-]+(; computed by WebAssembly: .+)?\)\n$/);
  assert.equal((await mycel('run', '--help')).code, 0);
});

test('Ctrl-C ends cleanly: finished results stay, and so does what was measured, aside; exit code 130', async () => {
  write('long.yaml', { compare: 'compare: { stop.after: [1 round, 1000000 rounds] }' });
  const child = spawn(
    process.execPath,
    [bin, 'run', 'long.yaml', '--json', '--workers', '0', '--backend', 'cpu'],
    {
      cwd: folder,
    },
  );
  const exit = once(child, 'exit');
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  // The first variant is finished when its line is out, and the second one is on its way.
  await once(child.stdout, 'data');
  child.kill('SIGINT');
  const [code] = await exit;
  assert.equal(code, 130);
  assert.match(
    said,
    /interrupted: 1 of 2 runs are finished; what long.yaml had measured in \d+ rounds is in .*1000000-rounds.1\.interrupted\n$/,
  );
  const kept = readdirSync(join(folder, 'results/long'), { recursive: true }).map(String).sort();
  const summaries = kept.filter((name) => name.endsWith('summary.json'));
  assert.deepEqual(summaries, [
    join('1-round', '1', 'summary.json'),
    join('1000000-rounds', '1.interrupted', 'summary.json'),
  ]);
  const { stopped } = JSON.parse(readFileSync(join(folder, 'results/long', summaries[1]!), 'utf8'));
  assert.equal(stopped, 'interrupted');
  assert.deepEqual(
    kept.filter((name) => /\.(lock|partial)/.test(name)),
    [],
  );
});
