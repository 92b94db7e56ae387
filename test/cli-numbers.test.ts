import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { scenarioText } from './support/scenario-base.js';

const bin = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'mycel-numbers-'));
test.after(() => rmSync(folder, { recursive: true }));

test('a number that is not finite is written as it is, and the summary names its probe once', () => {
  const text = scenarioText({
    data: 'data: { use: quadratic, dimension: 2, split: { use: by-node } }',
    model: 'model: { use: quadratic }',
    algorithm: 'algorithm: { use: d-psgd, localSteps: 1, batch: 1 }',
    measure: 'measure: { probes: [accuracy, loss] }',
  });
  writeFileSync(join(folder, 'regression.yaml'), text);
  const command = [bin, 'run', 'regression.yaml', '--workers', '0', '--backend', 'cpu'];
  const { status, stdout } = spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8' });
  assert.equal(status, 0);
  assert.deepEqual(stdout.match(/^not a finite number.*$/gm), [
    'not a finite number: probe "accuracy" gave NaN as accuracy of node 0 in round 0',
  ]);
  const read = (name: string) => readFileSync(join(folder, 'results/regression/1', name), 'utf8');
  const rows = read('metrics.csv').match(/,NaN\r$/gm)!;
  const first = { probe: 'accuracy', metric: 'accuracy', node: 0, round: 0, value: 'NaN' };
  const { notFinite } = JSON.parse(read('summary.json')) as { notFinite: unknown };
  assert.deepEqual(notFinite, [{ ...first, count: rows.length, time_ns: 0 }]);
});
