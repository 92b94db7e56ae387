// Regenerates the reference results: `npm run results [scenario …]` runs the named scenarios, or all below scenarios/ except
// those of papers and studies, which `npm run reproduce` runs, and of bench, which `npm run bench` runs; those of
// templates have no results, and docs/tutorial.md says how those of the tutorial are made.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const named = process.argv.slice(2);
const scenarios = readdirSync('scenarios', { recursive: true })
  .map((name) => join('scenarios', String(name)))
  .filter(
    (name) => name.endsWith('.yaml') && !/^scenarios.(bench|papers|studies|templates|tutorial)/.test(name),
  )
  .filter((name) => named.length === 0 || named.includes(name))
  .sort();
for (const scenario of scenarios) {
  const run = spawnSync(
    process.execPath,
    ['dist/src/cli/main.js', 'run', scenario, '--force', '--fresh', '--no-tables'],
    {
      stdio: 'inherit',
    },
  );
  if (run.status !== 0) process.exit(run.status ?? 1);
}
