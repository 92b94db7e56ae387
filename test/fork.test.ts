/** A run that is forked goes the way of the undisturbed run as far as the point, and another way after it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bin, mycel, mycelElsewhere } from './support/cli.js';
import { scenarioText } from './support/scenario-base.js';
import { workIn } from './support/work-in.js';

const folder = workIn('mycel-fork-');

const write = (name: string, rounds: number) =>
  writeFileSync(
    join(folder, name),
    scenarioText({
      network:
        'network: { latency: { use: uniform, from: 1ms, to: 30ms }, uplink: 1Mbps, downlink: 1Mbps, drop: 10% }',
      algorithm: 'algorithm: { use: d-psgd, localSteps: 1, batch: 8, deadline: 100ms }',
      measure: 'measure: { probes: [accuracy, loss] }',
      stop: `stop: { after: ${rounds} rounds }`,
    }),
  );

async function quietly(...args: string[]) {
  const { code, err } = await mycel(...args, '--workers', '0', '--quiet');
  return { code, err };
}

const text = (...path: string[]) => readFileSync(join(folder, ...path), 'utf8');
const summary = (path: string) => JSON.parse(text(path, 'summary.json')) as Record<string, unknown>;
/** The lines of metrics.csv of rounds before this one. */
const before = (path: string, round: number) =>
  text(path, 'metrics.csv')
    .split('\r\n')
    .slice(1)
    .filter((line) => line !== '' && Number(line.split(',')[1]) < round);

test('a fork without a change is the run itself, and one with a change is it as far as the point', async () => {
  write('base.yaml', 30);
  assert.equal((await quietly('run', 'base.yaml')).code, 0);
  const same = mycelElsewhere('fork', 'results/base/1', '--at', 'round=10', '--out', 'same', '--quiet');
  assert.deepEqual(same, { code: 0, out: '', err: '' });
  for (const name of ['metrics.csv', 'traffic.csv', 'topology.csv'])
    assert.equal(text('same', name), text('results/base/1', name), name);
  const [a, b] = [summary('same'), summary('results/base/1')];
  assert.deepEqual(a.fingerprints, b.fingerprints);
  const [{ events, scenario }] = a.forked as [{ events: number; scenario: unknown }];
  assert.ok(events > 0 && events < (b.events as number));
  assert.deepEqual(scenario, b.scenario);
  const changed = await quietly(
    'fork',
    'results/base/1',
    '--at',
    'round=10',
    '--set',
    'algorithm.learningRate=1',
    '--set',
    'stop.after=20 rounds',
    '--out',
    'changed',
  );
  assert.deepEqual(changed, { code: 0, err: '' });
  assert.deepEqual(before('changed', 10), before('results/base/1', 10));
  assert.equal(summary('changed').rounds, 20);
  assert.notDeepEqual(before('changed', 20), before('results/base/1', 20));
  assert.match(
    (await quietly('verify', 'changed')).err,
    /expected a result of one plan, got changed, which was forked/,
  );
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('same')),
    ['same'],
  );
});

test('an unfinished run is forked from its last checkpoint, or replayed to a point before it, and stays as it is', async () => {
  write('long.yaml', 100_000);
  const args = ['run', 'long.yaml', '--quiet', '--checkpoint', 'rounds=5'];
  const child = spawn(process.execPath, [bin, ...args], { cwd: folder, stdio: 'ignore' });
  const ended = once(child, 'exit');
  while (!existsSync(join(folder, 'results/long/1.running/checkpoint-3')))
    await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill('SIGINT');
  await ended;
  const files = readdirSync(join(folder, 'results/long/1.running'));
  const rounds = text('results/long/1.running/metrics.csv')
    .split('\r\n')
    .map((line) => Number(line.split(',')[1]));
  const end = Math.max(...rounds.filter(Number.isFinite)) + 20;
  const fork = (out: string, ...more: string[]) =>
    quietly('fork', 'results/long/1', '--set', `stop.after=${end} rounds`, '--out', out, ...more);
  const last = summaryOfFork('last', await fork('last'));
  const early = summaryOfFork('early', await fork('early', '--at', 'round=3'));
  assert.ok(last.events > early.events);
  assert.deepEqual(before('last', 3), before('early', 3));
  assert.equal(
    text('last', 'metrics.csv'),
    text('early', 'metrics.csv'),
    'a later end changes nothing before it',
  );
  assert.deepEqual(readdirSync(join(folder, 'results/long/1.running')), files);
  const metrics = join(folder, 'results/long/1.running/metrics.csv');
  writeFileSync(metrics, readFileSync(metrics, 'utf8').replace('time', 'tame'));
  const changed = await fork('altered');
  assert.equal(changed.code, 2);
  assert.match(changed.err, /metrics\.csv: expected the \d+ bytes that the run has written .* got others/);
  assert.ok(!existsSync(join(folder, 'altered.running')), 'nobody can go on with it');
  rmSync(join(folder, 'results/long/1.running'), { recursive: true });
});

function summaryOfFork(
  path: string,
  { code, err }: { code: number | null; err: string },
): { events: number } {
  assert.equal(code, 0, err);
  return (summary(path).forked as [{ events: number }])[0];
}

test('what the state of a run was made for cannot be changed, and a fork needs a point and a new folder', async () => {
  write('fixed.yaml', 5);
  assert.equal((await quietly('run', 'fixed.yaml')).code, 0);
  const fork = (...args: string[]) => quietly('fork', 'results/fixed/1', ...args);
  for (const [change, path] of [
    ['nodes=5', 'nodes'],
    ['topology=complete', 'topology'],
    ['seed=2', 'seed'],
    ['model={ use: mlp, hidden: [4] }', 'model'],
    ['algorithm={ use: local-only, batch: 8 }', 'algorithm.use'],
    ['algorithm.codec=float16', 'algorithm.codec'],
    ['network.sharing=fifo', 'network.sharing'],
    ['measure.probes=[loss]', 'measure'],
  ] as const) {
    const { code, err } = await fork('--at', 'round=2', '--set', change, '--out', 'fixed');
    assert.equal(code, 2);
    assert.match(err, new RegExp(`which a run can go on with, got one of ${path.replace('.', '\\.')}:`));
  }
  for (const [args, reason] of [
    [['--out', 'fixed'], /expected --at/],
    [
      ['--at', 'round=5', '--out', 'fixed'],
      /expected a point before the end of the run, which is over after 5 rounds/,
    ],
    [['--at', 'rounds=2', '--out', 'fixed'], /expected a point such as round=20/],
    [['--at', 'round=2', '--out', 'results/fixed/1'], /expected a new folder as --out/],
    [['--at', 'round=2'], /--out/],
  ] as const) {
    const { code, err } = await fork(...args);
    assert.equal(code, 2, args.join(' '));
    assert.match(err, reason);
  }
  assert.ok(!existsSync(join(folder, 'fixed')) && !existsSync(join(folder, 'fixed.running')));
});
