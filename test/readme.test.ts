/** The README is up to date: its algorithm is the file, its table is the committed result, its scenario is valid. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readScenario } from '../src/scenario/load.js';
import { planScenario } from '../src/scenario/plan.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const readme = read('README.md');

test('the algorithm in the README is scenarios/my-algorithm.js', () => {
  const code = read('scenarios/my-algorithm.js');
  assert.ok(readme.includes(code.slice(code.indexOf('import {')).trim()));
});

test('the quickstart in the README shows the fingerprints of the committed results', () => {
  for (const variant of ['complete', 'exponential', 'ring']) {
    const summary = JSON.parse(read(`results/quickstart/${variant}/1/summary.json`)) as {
      fingerprints: { trace: string; params: string };
    };
    const { trace, params } = summary.fingerprints;
    assert.ok(readme.includes(`variant ${variant}, seed 1, trace ${trace}, params ${params}`), variant);
  }
});

test('the first scenario in the README is valid and plans one run', async () => {
  const yaml = /```yaml\n([\s\S]*?)```/.exec(readme);
  assert.ok(yaml, 'the README has a scenario');
  assert.equal(planScenario(await readScenario(yaml[1]!, 'first.yaml')).length, 1);
});

test('the commands of the README are scripts of package.json', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  for (const [, name] of readme.matchAll(/^npm (?:ci && npm )?(start|test|run \S+)/gm)) {
    assert.ok(scripts[name!.replace('run ', '')], `npm ${name}`);
  }
});
