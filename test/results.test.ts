/** Golden: every scenario runs, and gives the committed reference results, byte for byte. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const out = mkdtempSync(join(tmpdir(), 'mycel-results-'));
after(() => rmSync(out, { recursive: true, force: true }));

/** Those of papers and studies run for minutes and more: reproduction.test.ts looks at the beginnings of papers. */
const long = ['papers', 'studies'].map((folder) => join(root, 'scenarios', folder));
const scenarios = filesBelow(join(root, 'scenarios'))
  .filter((file) => file.endsWith('.yaml') && !long.some((folder) => file.startsWith(folder)))
  .map((file) => relative(root, file));

test('there are scenarios to run', () => {
  assert.ok(scenarios.includes(join('scenarios', 'quickstart.yaml')));
});

for (const scenario of scenarios) {
  test(`${scenario} gives its committed results`, () => {
    const cli = join(root, 'dist', 'src', 'cli', 'main.js');
    execFileSync(process.execPath, [cli, 'run', scenario, '--quiet', '--out', out], { cwd: root });
    const folder = relative('scenarios', scenario).replace(/\.yaml$/, '');
    const expected = join(root, 'results', folder);
    assert.ok(existsSync(expected), `expected reference results in ${expected}: npm run results ${scenario}`);
    const names = filesBelow(expected).map((file) => relative(expected, file));
    assert.deepEqual(
      filesBelow(join(out, folder)).map((file) => relative(join(out, folder), file)),
      names,
    );
    for (const name of names) {
      const [mine, reference] = [join(out, folder, name), join(expected, name)].map(comparable);
      assert.equal(mine, reference, `${name} differs: if that was intended, npm run results ${scenario}`);
    }
  });
}

/** The text of a result file, without what belongs to the machine that made it. */
function comparable(file: string): string {
  const text = readFileSync(file, 'utf8');
  if (!file.endsWith('summary.json')) return text;
  const { machine: _machine, ...summary } = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify(summary, null, 2);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort((a, b) => (a < b ? -1 : 1));
}
