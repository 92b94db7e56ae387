/** All supported versions of Node give the same bits. `.ci/run` installs the others and names them in MYCEL_OTHER_NODES. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadForTest } from './support/tensorflow.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const out = mkdtempSync(join(tmpdir(), 'mycel-node-'));
after(() => rmSync(out, { recursive: true, force: true }));
/** Programs of other versions, separated by colons. */
const others = (process.env.MYCEL_OTHER_NODES ?? '').split(':').filter((path) => path !== '');
const noOthers = others.length === 0 && 'MYCEL_OTHER_NODES names no other node binary (.ci/run sets it)';

const versionOf = (node: string) =>
  execFileSync(node, ['-p', 'process.version'], { encoding: 'utf8' }).trim();

/** What a scenario gives when this program runs it. */
function resultsOf(node: string, scenario: string, backend: string) {
  const folder = join(out, `${backend}-${versionOf(node)}`);
  const cli = join(root, 'dist', 'src', 'cli', 'main.js');
  const file = join('scenarios', `${scenario}.yaml`);
  const flags = ['--quiet', '--backend', backend, '--set', 'stop.after=3 rounds', '--out', folder];
  execFileSync(node, [cli, 'run', file, ...flags], { cwd: root });
  const read = (name: string) => readFileSync(join(folder, scenario, '1', name), 'utf8');
  const { fingerprints } = JSON.parse(read('summary.json')) as { fingerprints: unknown };
  return { fingerprints, metrics: read('metrics.csv'), traffic: read('traffic.csv') };
}

const tensorflow = await loadForTest('tensorflow');

for (const scenario of ['my-algorithm', 'dropouts']) {
  for (const backend of ['wasm', 'cpu', 'tensorflow']) {
    const skip = noOthers || (backend === 'tensorflow' && (tensorflow.skip ?? false));
    test(`other versions of Node give the same results: ${scenario} on ${backend}`, { skip }, () => {
      const expected = resultsOf(process.execPath, scenario, backend);
      for (const node of others) {
        assert.notEqual(versionOf(node), process.version, 'MYCEL_OTHER_NODES are to be of other versions');
        assert.deepEqual(resultsOf(node, scenario, backend), expected, versionOf(node));
      }
    });
  }
}
