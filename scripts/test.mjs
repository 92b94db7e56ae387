// Runs the compiled tests with Node's own runner: `node scripts/test.mjs [--all] [substring of a path …]`.
// Files called *.long.test.ts run only with --all, or if a substring selects them.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const wanted = process.argv.slice(2).filter((word) => word !== '--all');
const all = process.argv.includes('--all') || wanted.length > 0;
const files = ['dist/src', 'dist/test']
  .flatMap((root) => readdirSync(root, { recursive: true }).map((name) => join(root, String(name))))
  .filter((name) => name.endsWith('.test.js') && (all || !name.endsWith('.long.test.js')))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .sort();
if (files.length === 0) {
  console.error(`expected parts of the paths of test files, got ${wanted.join(' ')}, which no file matches`);
  process.exit(2);
}
const run = spawnSync(
  process.execPath,
  ['--enable-source-maps', '--test', '--test-concurrency=2', ...files],
  {
    stdio: 'inherit',
  },
);
process.exit(run.status ?? 1);
