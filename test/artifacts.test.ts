/** What one run leaves for another: from the command line, by way of the files of results. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mycel } from './support/cli.js';
import { workIn } from './support/work-in.js';

const folder = workIn('mycel-artifacts-');

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
  return mycel('run', `${name}.yaml`, '--quiet', '--force', '--workers', '0', '--backend', 'cpu');
}

test('a run can apply the encoder that another has trained, and is refused without its file', async () => {
  const learned = join(folder, 'results', 'learn', '1', 'artifacts.json');
  const missing = await run('apply', 'encoder: results/learn/1/artifacts.json');
  assert.equal(missing.code, 2);
  assert.match(missing.err, /apply\.yaml:6:\d+ algorithm\.encoder: expected a JSON file, got no such file: /);
  assert.equal((await run('learn', 'hidden: 3')).code, 0);
  assert.deepEqual(Object.keys(JSON.parse(readFileSync(learned, 'utf8'))), ['encoder']);
  const applied = await run('apply', 'encoder: results/learn/1/artifacts.json');
  assert.equal(applied.code, 0, applied.err);
  assert.ok(!existsSync(join(folder, 'results', 'apply', '1', 'artifacts.json')));
  assert.doesNotMatch(readFileSync(join(folder, 'results', 'apply', '1', 'traffic.csv'), 'utf8'), /reduce/);
  // A later run without artifacts removes those of an older run.
  assert.equal((await run('learn', 'encoder: results/learn/1/artifacts.json')).code, 0);
  assert.ok(!existsSync(learned));
});
