/** Two versions of Node give the same bits. `.ci/run` installs the other one and names it in MYCEL_OTHER_NODE. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const out = mkdtempSync(join(tmpdir(), 'mycel-node-'));
after(() => rmSync(out, { recursive: true, force: true }));
const other = process.env.MYCEL_OTHER_NODE;
const skip = other === undefined && 'MYCEL_OTHER_NODE names no other node binary (.ci/run sets it)';

for (const scenario of ['my-algorithm', 'dropouts']) {
  for (const backend of ['wasm', 'cpu']) {
    test(`another version of Node gives the same results: ${scenario} on ${backend}`, { skip }, () => {
      const versions = [process.execPath, other!].map((node) =>
        execFileSync(node, ['-p', 'process.version'], { encoding: 'utf8' }).trim(),
      );
      assert.notEqual(versions[0], versions[1], 'MYCEL_OTHER_NODE is to be of another version');
      const results = [process.execPath, other!].map((node, i) => {
        const folder = join(out, `${backend}-${i}`);
        const cli = join(root, 'dist', 'src', 'cli', 'main.js');
        const file = join('scenarios', `${scenario}.yaml`);
        const flags = ['--quiet', '--backend', backend, '--set', 'stop.after=5 rounds', '--out', folder];
        execFileSync(node, [cli, 'run', file, ...flags], { cwd: root });
        const read = (name: string) => readFileSync(join(folder, scenario, '1', name), 'utf8');
        const { fingerprints } = JSON.parse(read('summary.json')) as { fingerprints: unknown };
        return { fingerprints, metrics: read('metrics.csv'), traffic: read('traffic.csv') };
      });
      assert.deepEqual(results[0], results[1]);
    });
  }
}
