// Whether a test notices a mutant.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { holds } from './coverage.mjs';
import { runTest } from './workshop.mjs';

/**
 * The test files that execute a mutant's place, in the order in which they are tried: the one beside the module, those that have found
 * most mutants of the module so far, those of its folder, then the shortest.
 */
export function testsFor({ module, start }, coverage, kills = new Map()) {
  const near = (file) =>
    dirname(file) !== dirname(module)
      ? 2
      : basename(file) === basename(module).replace('.js', '.test.js')
        ? 0
        : 1;
  const found = (file) => kills.get(`${module} ${file}`) ?? 0;
  return Object.entries(coverage)
    .filter(([, { modules }]) => module in modules && holds(modules[module], start))
    .map(([file, { ms }]) => ({ file, ms }))
    .sort(
      (a, b) =>
        Math.min(near(a.file), 1) - Math.min(near(b.file), 1) ||
        found(b.file) - found(a.file) ||
        near(a.file) - near(b.file) ||
        a.ms - b.ms,
    );
}

/** Puts a mutant into a workshop, runs `tests` until one fails, and takes it out again. */
export async function judge(workshop, mutant, tests, budget) {
  if (tests.length === 0) return { outcome: 'uncovered' };
  const path = join(workshop.folder, mutant.module);
  const source = readFileSync(path, 'utf8');
  writeFileSync(path, source.slice(0, mutant.start) + mutant.mutant + source.slice(mutant.end));
  let spent = 0;
  try {
    for (const { file, ms } of tests) {
      if (spent > budget) return { outcome: 'survived', isCutShort: true };
      const run = await runTest(workshop, file, { limit: 3 * ms + 10_000 });
      spent += run.ms;
      if (run.outcome !== 'passed')
        return { outcome: run.outcome === 'timeout' ? 'timeout' : 'killed', by: file };
    }
    return { outcome: 'survived' };
  } finally {
    writeFileSync(path, source);
  }
}
