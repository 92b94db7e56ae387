/** Runs a committed scenario and compares its results with the committed ones, byte for byte. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/**
 * Those of papers and studies run for minutes and more: reproduction.long.test.ts looks at the beginnings of papers. Those
 * of bench are there to be timed, some of the benchmark are run by benchmark.long.test.ts, those of templates by starts.long.test.ts, and
 * that of the tutorial by tutorial.test.ts.
 */
const elsewhere = ['bench', 'benchmark', 'papers', 'studies', 'templates', 'tutorial'].map((folder) =>
  join(root, 'scenarios', folder),
);

/** All other scenarios, relative to the project. */
export const scenarios: readonly string[] = filesBelow(join(root, 'scenarios'))
  .filter((file) => file.endsWith('.yaml') && !elsewhere.some((folder) => file.startsWith(folder)))
  .map((file) => relative(root, file));

/** Those that take longest: results.long.test.ts runs them. */
export const longScenarios: readonly string[] = ['compression', 'fedavg', 'quickstart'].map((name) =>
  join('scenarios', `${name}.yaml`),
);

export function assertGolden(scenario: string): void {
  const out = mkdtempSync(join(tmpdir(), 'mycel-results-'));
  try {
    const cli = join(root, 'dist', 'src', 'cli', 'main.js');
    execFileSync(
      process.execPath,
      [cli, 'run', scenario, '--quiet', '--fresh', '--no-tables', '--out', out],
      {
        cwd: root,
      },
    );
    const folder = relative('scenarios', scenario).replace(/\.yaml$/, '');
    const expected = join(root, 'results', folder);
    assert.ok(
      existsSync(expected),
      `expected reference results in ${expected}, got none: run npm run results ${scenario}`,
    );
    // `npm start` leaves tables of all runs, which are not committed.
    const names = filesBelow(expected)
      .map((file) => relative(expected, file))
      .filter((name) => !/^(runs|metrics)\.(csv|parquet)$/.test(name));
    assert.deepEqual(
      filesBelow(join(out, folder)).map((file) => relative(join(out, folder), file)),
      names,
    );
    for (const name of names) {
      const [mine, reference] = [join(out, folder, name), join(expected, name)].map(comparable);
      assert.equal(
        mine,
        reference,
        `${name} differs from the committed file: if that was intended, run npm run results ${scenario}`,
      );
    }
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
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
