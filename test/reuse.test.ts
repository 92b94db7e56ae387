/** A finished run is not computed again, unless what it depends on has changed or more is asked of it. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { readSummary } from '../src/cli/summary.js';
import { mycel, mycelElsewhere } from './support/cli.js';
import { scenarioText } from './support/scenario-base.js';
import { workIn } from './support/work-in.js';

workIn('mycel-reuse-');
writeFileSync('small.yaml', scenarioText());
const run = (...args: string[]) => mycel('run', 'small.yaml', '--workers', '0', '--backend', 'cpu', ...args);
const made = () => statSync('results/small/1/summary.json').mtimeMs;

test('the second run of the same is over at once, says so, and reports the same; --fresh computes it again', async () => {
  const first = await run();
  const before = made();
  assert.doesNotMatch(first.err, /finished before/);
  const second = await run();
  assert.equal(second.code, 0);
  assert.match(second.err, /\[1\/1\] small\.yaml seed 1: finished before; --fresh computes it again/);
  assert.equal(second.out, first.out);
  assert.equal(made(), before);
  const json = await run('--json');
  assert.deepEqual(JSON.parse(json.out), { results: 'results/small/1', ...readSummary('results/small/1') });
  assert.equal(json.err, '');
  assert.equal((await run('--fresh', '--quiet')).code, 0);
  assert.ok(made() > before);
});

test('a result that lacks what is asked for is computed again', async () => {
  for (const [flags, file] of [
    [['--trace'], 'trace.ndjson'],
    [['--spans'], 'node-spans.parquet'],
  ] as const) {
    assert.ok(!existsSync(`results/small/1/${file}`));
    assert.doesNotMatch((await run(...flags)).err, /finished before/);
    assert.ok(existsSync(`results/small/1/${file}`));
    assert.match((await run(...flags)).err, /finished before/);
  }
  assert.doesNotMatch((await run('--spans', '2')).err, /finished before/);
  assert.match((await run()).err, /finished before/);
});

const PLUGIN = JSON.stringify(new URL('../src/plugin.js', import.meta.url).href);

test('after a change of a module that the scenario names, its runs are computed again', () => {
  const write = (value: number) =>
    writeFileSync(
      'probe.mjs',
      `import { z } from ${PLUGIN};
export default { id: 'own', description: 'one', options: z.strictObject({}), measure: () => [{ metric: 'own', value: ${value} }] };`,
    );
  writeFileSync('own.yaml', scenarioText({ measure: 'measure: { probes: [{ use: ./probe.mjs }] }' }));
  for (const value of [1, 2]) {
    write(value);
    const { code, err } = mycelElsewhere('run', 'own.yaml', '--workers', '0');
    assert.equal(code, 0, err);
    assert.doesNotMatch(err, /finished before/);
    assert.equal(readSummary('results/own/1').final.own, value);
  }
  assert.match(mycelElsewhere('run', 'own.yaml', '--workers', '0').err, /finished before/);
});

test('where there is a store of runs, run and sweep share it', async () => {
  mkdirSync('runs');
  assert.doesNotMatch((await run('--seed', '5')).err, /finished before/);
  const metrics = readFileSync('results/small/5/metrics.csv', 'utf8');
  rmSync('results', { recursive: true });
  assert.match((await run('--seed', '5')).err, /finished before/);
  assert.equal(readFileSync('results/small/5/metrics.csv', 'utf8'), metrics);
  // A result of `run` that is not in the store is put there by the sweep.
  const sweep = ['sweep', 'small.yaml', '--set', 'backend=cpu', '--jobs', '1', '--workers', '0'];
  assert.match((await mycel(...sweep, '--seed', '5')).err, /1 run, 1 of them finished before/);
  rmSync('runs', { recursive: true });
  assert.match((await mycel(...sweep, '--seed', '5')).err, /1 run, 1 of them finished before/);
});
