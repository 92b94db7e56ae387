/** Whole runs on the native backend, and the error where it is missing. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../src/errors.js';
import type { Execution } from '../src/simulation/plan.js';
import { type PlanSketch, planOf } from '../src/testing/index.js';
import { runToEnd } from '../src/testing/run.js';
import { runElsewhere, runHere } from './support/run-elsewhere.js';
import { loadForTest, TEST_THREADS } from './support/tensorflow.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = mkdtempSync(join(tmpdir(), 'mycel-tensorflow-'));
after(() => rmSync(out, { recursive: true, force: true }));

const sketch: PlanSketch = {
  seed: 5,
  nodes: 12,
  data: { use: 'blobs', features: 60, classes: 4, train: 600, test: 60, split: { use: 'iid' } },
  model: { use: 'mlp', hidden: [24] },
  topology: { use: 'random-regular', degree: 4 },
  network: { latency: { use: 'log-normal', median: '20ms', sigma: 0.5 }, uplink: '1Mbps', downlink: '2Mbps' },
  compute: { use: 'log-normal', median: '50MFLOPS', sigma: 0.3 },
  algorithm: { use: 'd-psgd', localSteps: 3, batch: 16, optimizer: { use: 'sgd', momentum: 0.9 } },
  measure: { probes: ['accuracy', 'global-loss', 'consensus-distance'] },
  stop: { after: '6 rounds' },
};
const native: Pick<Execution, 'backend' | 'workers'> = { backend: 'tensorflow', workers: TEST_THREADS };

function mycel(flags: readonly string[], node: readonly string[] = []) {
  const cli = join(root, 'dist', 'src', 'cli', 'main.js');
  const scenario = join('scenarios', 'my-algorithm.yaml');
  const args = [...node, cli, 'run', scenario, '--set', 'stop.after=2 rounds', '--out', out, ...flags];
  return spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
}

const { skip = false } = await loadForTest('tensorflow');

test('tensorflow: three processes with the same threads give the same fingerprints and samples', {
  skip,
}, async () => {
  const here = await runHere({ sketch, execution: native });
  assert.ok(here.samples.length > 10);
  // Other tasks before it in the same process change nothing.
  const job = { sketch, execution: native };
  const other = { sketch: { ...sketch, seed: 6 }, execution: native };
  assert.deepEqual(runElsewhere([job])[0], here);
  assert.deepEqual(runElsewhere([other, job])[1], here);
});

test('tensorflow: a run measures the same as on wasm, except for last bits', {
  skip,
}, async () => {
  const [tensorflow, wasm] = [await runHere({ sketch, execution: native }), await runOnWasm()];
  assert.deepEqual([tensorflow.events, tensorflow.time], [wasm.events, wasm.time]);
  assert.notEqual(tensorflow.fingerprints.params, wasm.fingerprints.params);
  assert.equal(tensorflow.samples.length, wasm.samples.length);
  for (const [i, { metric, node, value }] of wasm.samples.entries()) {
    const sample = tensorflow.samples[i]!;
    assert.deepEqual([sample.metric, sample.node], [metric, node]);
    assert.ok(Math.abs(sample.value - value) <= 1e-4 * Math.max(1, Math.abs(value)), `${metric}: ${value}`);
  }
});

const runOnWasm = () => runHere({ sketch, execution: { backend: 'wasm', workers: 0 } });

test('tensorflow: a result names the library and its threads, which a process cannot change', {
  skip,
}, async () => {
  const { result } = await runToEnd(planOf(sketch), native);
  assert.equal(result.backend.threads, TEST_THREADS);
  assert.match(result.backend.versions.tensorflow!, /^2\.\d+\.\d+$/);
  await assert.rejects(
    runToEnd(planOf(sketch), { ...native, workers: TEST_THREADS + 1 }),
    (error) =>
      error instanceof UsageError &&
      error.code === 'tensorflow-threads' &&
      error.message.includes(`expected ${TEST_THREADS} threads`),
  );
});

test('tensorflow: the command line prints the result and nothing of the library, and the summary has the threads', {
  skip,
}, () => {
  const { status, stdout, stderr } = mycel(['--backend', 'tensorflow', '--workers', '1']);
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  assert.match(stdout, /TensorFlow 2\.\d+\.\d+ \(threads: 1\), scenario/);
  assert.doesNotMatch(stdout, /oneDNN|cpu_feature_guard/);
  const { computed } = JSON.parse(readFileSync(join(out, 'my-algorithm', '1', 'summary.json'), 'utf8'));
  assert.deepEqual([computed.by, computed.backend, computed.threads], ['TensorFlow.js', 'tensorflow', 1]);
  assert.deepEqual(Object.keys(computed.versions), [
    '@tensorflow/tfjs-core',
    '@tensorflow/tfjs-node',
    'tensorflow',
  ]);
});

/** Makes tfjs-node look as if npm had left it out. */
const WITHOUT = [
  '--import',
  `data:text/javascript,${encodeURIComponent(`
    import { register } from 'node:module';
    const hook = "export async function resolve(name, context, next) {" +
      "if (name === '@tensorflow/tfjs-node') throw Object.assign(new Error('gone'), { code: 'ERR_MODULE_NOT_FOUND' });" +
      "return next(name, context); }";
    register('data:text/javascript,' + encodeURIComponent(hook));`)}`,
];

test('without tfjs-node, tensorflow is refused with the remedy, and auto runs without', () => {
  const refused = mycel(['--backend', 'tensorflow'], WITHOUT);
  assert.equal(refused.status, 2);
  assert.match(
    refused.stderr,
    /the tensorflow backend is not available: @tensorflow\/tfjs-node is not installed.*npm run install:tensorflow.*; or use --backend wasm/,
  );
  const { status, stdout } = mycel(['--backend', 'auto', '--workers', '0', '--force'], WITHOUT);
  assert.equal(status, 0);
  assert.match(stdout, /backend (native|wasm) /);
});
