/** Runs with checkpoints that are killed and resumed end with the files of a run that was never stopped. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { byCodeUnit } from '../src/errors.js';
import { bin, mycel, mycelElsewhere } from './support/cli.js';
import { scenarioText } from './support/scenario-base.js';
import { workIn } from './support/work-in.js';

const folder = workIn('mycel-resume-');

/** Enough for a run to be met on its way. */
const ROUNDS = 250;

/** With everything that has state: loss, retries, faults, latencies by chance, a topology that changes, measuring by time. */
function scenario(rounds: number): string {
  return scenarioText({
    nodes: 'nodes: 6',
    data: 'data: { use: blobs, features: 8, classes: 4, train: 240, test: 60, validation: 20%, split: { use: groups, groups: 2, classes: 2 } }',
    topology: 'topology: { use: complete }',
    network:
      'network: { latency: { use: uniform, from: 1ms, to: 30ms }, uplink: 1Mbps, downlink: 1Mbps, drop: 5%, sharing: fair }',
    algorithm: 'algorithm: { use: l2c, localSteps: 1, batch: 8, keep: 2, pruneAfter: 5, deadline: 200ms }',
    faults: 'faults: [{ use: random-node-down, up: 2s, down: 300ms }]',
    measure: 'measure: { every: 100ms, probes: [accuracy, loss, bytes] }',
    stop: `stop: { after: ${rounds} rounds }`,
  });
}

const filesOf = (path: string) =>
  Object.fromEntries(
    readdirSync(join(folder, path))
      .sort(byCodeUnit)
      .map((name) => [name, readFileSync(join(folder, path, name), 'utf8')]),
  );

/** The files of a result; what depends on the machine and on workers is left out. */
function resultOf(path: string): Readonly<Record<string, string>> {
  const { 'summary.json': summary, ...rest } = filesOf(path);
  const { machine: _, ...same } = JSON.parse(summary!) as Record<string, unknown>;
  return { ...rest, 'summary.json': JSON.stringify(same) };
}

let whole: Promise<Readonly<Record<string, string>>> | undefined;

/** The files of an undisturbed run of the long scenario, with a trace. */
function wholeRun(): Promise<Readonly<Record<string, string>>> {
  whole ??= (async () => {
    writeFileSync(join(folder, 'long.yaml'), scenario(ROUNDS));
    const { code, err } = await mycel(
      'run',
      'long.yaml',
      '--quiet',
      '--trace',
      '--workers',
      '2',
      '--out',
      'whole',
    );
    assert.equal(code, 0, err);
    return resultOf('whole/long/1');
  })();
  return whole;
}

/** Runs until there is a checkpoint of that number, and is killed then. */
async function killed(args: readonly string[], running: string, number: number): Promise<void> {
  const child = spawn(process.execPath, [bin, ...args], { cwd: folder, stdio: 'ignore', detached: true });
  const ended = once(child, 'exit');
  const wanted = join(folder, running, `checkpoint-${number}`);
  for (let k = 0; k < 2000 && !existsSync(wanted) && child.exitCode === null; k++)
    await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(existsSync(wanted), 'the run has come so far');
  process.kill(-child.pid!, 'SIGKILL');
  await ended;
  await new Promise((resolve) => setTimeout(resolve, 100));
}

test('a run that is killed again and again, and resumed each time, leaves the files of an undisturbed run', async () => {
  const command = ['run', 'long.yaml', '--quiet', '--trace', '--workers', '2'];
  const expected = await wholeRun();
  assert.ok(expected['trace.ndjson']!.length > 1e5 && expected['metrics.csv']!.length > 1e4);
  const running = 'killed/long/1.running';
  await killed([...command, '--out', 'killed', '--checkpoint', 'events=500'], running, 2);
  const files = readdirSync(join(folder, running)).sort(byCodeUnit);
  assert.deepEqual(
    files.filter((name) => !name.startsWith('checkpoint-')),
    ['metrics.csv', 'topology.csv', 'trace.ndjson'],
  );
  assert.ok(!existsSync(join(folder, 'killed/long/1')));
  const again = await mycel(...command, '--out', 'killed');
  assert.equal(again.code, 2);
  assert.match(
    again.err,
    /1\.running is a run that was not finished\. Expected `mycel resume killed\/long\/1`, which goes on with it/,
  );
  const last = () =>
    Math.max(
      ...readdirSync(join(folder, running)).map((name) => Number(/^checkpoint-(\d+)$/.exec(name)?.[1] ?? 0)),
    );
  const first = last();
  await killed(['resume', 'killed/long/1', '--workers', '0'], running, first + 2);
  await killed(['resume', 'killed/long/1.running/', '--quiet'], running, last() + 2);
  const resumed = await mycel('resume', 'killed/long/1', '--quiet');
  assert.deepEqual([resumed.code, resumed.err], [0, '']);
  assert.deepEqual(readdirSync(join(folder, 'killed/long')), ['1']);
  const result = resultOf('killed/long/1');
  assert.deepEqual(Object.keys(result), Object.keys(expected));
  for (const [name, text] of Object.entries(expected)) assert.deepEqual(result[name], text, name);
});

test('an interrupt writes a checkpoint; damaged ones are passed over, and what cannot be continued is refused', async () => {
  const { 'trace.ndjson': _, ...expected } = await wholeRun();
  const running = join(folder, 'stopped/long/1.running');
  const args = ['run', 'long.yaml', '--quiet', '--out', 'stopped', '--checkpoint', 'rounds=20'];
  const child = spawn(process.execPath, [bin, ...args], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  const ended = once(child, 'exit');
  while (!existsSync(join(running, 'checkpoint-2'))) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill('SIGTERM');
  assert.deepEqual((await ended)[0], 130);
  assert.match(said, /interrupted: 0 of 1 runs are finished; go on with: mycel resume stopped\/long\/1\n$/);
  const numbers = () =>
    readdirSync(running)
      .flatMap((name) => /^checkpoint-(\d+)$/.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => b - a);
  const [newest, older] = numbers();
  const [a, b] = [newest, older].map((number) => join(running, `checkpoint-${number}`));
  copyFileSync(a!, join(folder, 'newest'));
  copyFileSync(b!, join(folder, 'older'));
  truncateSync(a!, 1000);
  truncateSync(b!, 2000);
  const neither = await mycel('resume', 'stopped/long/1');
  assert.equal(neither.code, 2);
  assert.match(
    neither.err,
    new RegExp(
      `expected a checkpoint that can be continued, got:\n.*checkpoint-${newest}: it has \\d+ bytes of \\d+: it was truncated\n.*checkpoint-${older}: .*\ndelete .*1\\.running to begin anew`,
    ),
  );
  copyFileSync(join(folder, 'older'), b!);
  const resumed = await mycel('resume', 'stopped/long/1', '--quiet');
  assert.equal(resumed.code, 0, resumed.err);
  assert.match(
    resumed.err,
    new RegExp(`checkpoint-${newest}: it has .* truncated; going on from the checkpoint before it`),
  );
  assert.deepEqual(resultOf('stopped/long/1'), expected);
  const none = await mycel('resume', 'stopped/long/1');
  assert.equal(none.code, 2);
  assert.match(
    none.err,
    /expected an unfinished run with a checkpoint in stopped\/long\/1\.running, got none/,
  );
});

test('a checkpoint of another plan, or an interval that is none, is refused', async () => {
  const module = (factor: number) => `export default {
    id: 'mine', description: 'a test', functions: [], options: (await import(${JSON.stringify(new URL('../src/plugin.js', import.meta.url).href)})).z.strictObject({}),
    speeds: (_options, { nodes }) => new Float64Array(nodes).fill(${factor}),
  };`;
  writeFileSync(join(folder, 'speeds.mjs'), module(1e7));
  writeFileSync(join(folder, 'own.yaml'), `${scenario(ROUNDS)}compute: { use: ./speeds.mjs }\n`);
  await killed(['run', 'own.yaml', '--out', 'own', '--checkpoint', 'every=50ms'], 'own/own/1.running', 1);
  writeFileSync(join(folder, 'speeds.mjs'), module(2e7));
  // Here a module that has changed would not be loaded again.
  const other = mycelElsewhere('resume', 'own/own/1');
  assert.equal(other.code, 2);
  assert.match(
    other.err,
    /expected the plan with which the checkpoint was written, got another: a module that own\.yaml names has changed/,
  );
  writeFileSync(join(folder, 'speeds.mjs'), module(1e7));
  assert.equal(mycelElsewhere('resume', 'own/own/1', '--quiet').code, 0);
  for (const interval of ['5min', 'every=5', 'rounds=0', 'events=1.5', 'rounds=', 'round=3']) {
    const { code, err } = await mycel('run', 'own.yaml', '--checkpoint', interval);
    assert.equal(code, 2);
    assert.match(err, /--checkpoint|expected/);
  }
});
