/** The package as users get it: packed, installed elsewhere, used from code and by its command. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { planScenario, readScenario, run, runToEnd, type Update } from '../src/index.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const elsewhere = mkdtempSync(join(tmpdir(), 'mycel-library-'));
after(() => rmSync(elsewhere, { recursive: true, force: true }));

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

async function plan() {
  return planScenario(await readScenario(scenario, join(elsewhere, 'small.yaml')))[0]!;
}

test('a run yields samples, topology and progress to a for-await loop, and ends by itself', async () => {
  const kinds = new Set<Update['kind']>();
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

test('an aborted signal ends a run as aborted', async () => {
  const abort = new AbortController();
  abort.abort();
  const { result } = await runToEnd(await plan(), { backend: 'cpu', signal: abort.signal });
  assert.equal(result.stopped, 'aborted');
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
  // Its dependencies are those of this checkout: no registry is needed.
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== 'mycel' && !name.startsWith('.'))
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  writeFileSync(join(elsewhere, 'small.yaml'), scenario);
  const cli = join(modules, 'mycel', 'dist', 'src', 'cli', 'main.js');
  const printed = execFileSync(process.execPath, [cli, 'run', 'small.yaml'], {
    cwd: elsewhere,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  assert.match(printed, /trace [0-9a-f]{16}, params [0-9a-f]{16}/);
  writeFileSync(
    join(elsewhere, 'use.mjs'),
    "import { algorithms } from 'mycel'; import { testAlgorithm } from 'mycel/testing';" +
      'console.log(algorithms.map(({ id }) => id).join(), typeof testAlgorithm);',
  );
  const used = execFileSync(process.execPath, ['use.mjs'], { cwd: elsewhere, encoding: 'utf8' });
  assert.match(used, /d-psgd,.*local-only.* function/);
});
