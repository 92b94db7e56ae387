/** What one run leaves for another: from the command line, by way of the files of results. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'mycel-artifacts-'));
test.after(() => rmSync(folder, { recursive: true }));

function run(name: string, options: string) {
  const lines = [
    'nodes: 4',
    'data: { use: blobs, features: 4, classes: 4, train: 80, test: 20, validation: 50%, split: { use: groups, groups: 2, classes: 2 } }',
    'model: { use: softmax }',
    'topology: complete',
    'network: { latency: { use: constant, value: 5ms }, uplink: 10Mbps, downlink: 10Mbps }',
    `algorithm: { use: meta-l2c, localSteps: 2, batch: 4, ${options} }`,
    'stop: { after: 2 rounds }',
    'seed: 1',
  ];
  writeFileSync(join(folder, `${name}.yaml`), lines.join('\n'));
  const command = [bin, 'run', `${name}.yaml`, '--quiet', '--workers', '0', '--backend', 'cpu'];
  return spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8' });
}

test('a run can apply the encoder that another has trained, and is refused without its file', () => {
  const learned = join(folder, 'results', 'learn', '1', 'artifacts.json');
  const missing = run('apply', 'encoder: results/learn/1/artifacts.json');
  assert.equal(missing.status, 2);
  assert.match(
    missing.stderr,
    /apply\.yaml:6:\d+ algorithm\.encoder: expected a JSON file, got no such file: /,
  );
  assert.equal(run('learn', 'hidden: 3').status, 0);
  assert.deepEqual(Object.keys(JSON.parse(readFileSync(learned, 'utf8'))), ['encoder']);
  const applied = run('apply', 'encoder: results/learn/1/artifacts.json');
  assert.equal(applied.status, 0, applied.stderr);
  assert.ok(!existsSync(join(folder, 'results', 'apply', '1', 'artifacts.json')));
  assert.doesNotMatch(readFileSync(join(folder, 'results', 'apply', '1', 'traffic.csv'), 'utf8'), /reduce/);
  // A later run without artifacts removes those of an older run.
  assert.equal(run('learn', 'encoder: results/learn/1/artifacts.json').status, 0);
  assert.ok(!existsSync(learned));
});
