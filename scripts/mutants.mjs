// `npm run mutants [-- --seed 1 --count 300 --folder kernel --file src/kernel/heap.ts --all --long --tests dist/src --slow 30 --jobs 1 --fresh]`: makes one small
// change at a time in a copy of the compiled modules of six folders, runs the tests that execute the changed place, and says which
// changes no test finds. What was found is kept in out/mutants, so an interrupted run goes on. Exit codes: 0 if the score is at least
// 95 %, 1 if it is below, 2 for wrong options.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { coverageOf } from './mutants/coverage.mjs';
import { judge, testsFor } from './mutants/judge.mjs';
import { survivors, table, tally } from './mutants/report.mjs';
import {
  allMutants,
  digest,
  FOLDERS,
  folderOf,
  isTest,
  sample,
  scriptsIn,
  shown,
} from './mutants/sources.mjs';
import { openWorkshop } from './mutants/workshop.mjs';

const SCORE_MIN = 0.95;
const LONG = 900_000;

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = join(root, 'out/mutants');
const { values: given } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '300' },
    budget: { type: 'string', default: '60' },
    // Test files that take more seconds are tried with --long only.
    slow: { type: 'string', default: '30' },
    jobs: { type: 'string', default: '1' },
    tests: { type: 'string', default: '' },
    folder: { type: 'string' },
    file: { type: 'string' },
    all: { type: 'boolean', default: false },
    long: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
  },
});

if (given.fresh) rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const read = (name) => (existsSync(join(out, name)) ? JSON.parse(readFileSync(join(out, name), 'utf8')) : {});
function write(name, value) {
  writeFileSync(join(out, `${name}.partial`), JSON.stringify(value));
  renameSync(join(out, `${name}.partial`), join(out, name));
}

const { mutants, guards } = allMutants(root);
const chosen = mutants.filter(
  (mutant) =>
    (given.folder === undefined || folderOf(mutant) === given.folder) &&
    (given.file === undefined || mutant.path === given.file),
);
if (chosen.length === 0) {
  console.error(`expected --folder of ${FOLDERS.join(', ')}, or --file such as src/kernel/heap.ts`);
  process.exit(2);
}
const drawn = sample(chosen, given.seed, given.all ? chosen.length : Number(given.count));
const listed = JSON.parse(readFileSync(join(root, 'scripts/mutants/equivalent.json'), 'utf8'));
const equivalent = new Map(listed.map(({ id, why }) => [id, why]));

const scripts = ['dist/src', 'dist/test'].flatMap((folder) => scriptsIn(root, folder));
const digests = new Map(scripts.map((path) => [path, digest(readFileSync(join(root, path), 'utf8'))]));
const code = digest(...scripts.filter((path) => !isTest(path)).map((path) => digests.get(path)));
const tests = digest(given.tests, ...digests.values());
const jobs = Array.from({ length: Number(given.jobs) }, () => openWorkshop(root));
const close = () => {
  for (const job of jobs) job.close();
};
process.on('SIGINT', () => {
  close();
  process.exit(130);
});

/** Each test file that passes, with what it executes. */
async function cover() {
  const limit = given.long ? LONG : 1000 * Number(given.slow);
  const known = read('coverage.json');
  const modules = [...new Set(mutants.map(({ module }) => module))];
  const files = scripts
    .filter((path) => isTest(path) && path.includes(given.tests))
    .filter((path) => given.long || !path.endsWith('.long.test.js'));
  for (const file of files) {
    const key = digest(code, digests.get(file));
    const isKnown =
      known[file]?.key === key &&
      (known[file].outcome === 'passed' || (known[file].outcome === 'timeout' && known[file].ms >= limit));
    if (isKnown) continue;
    known[file] = { key, ...(await coverageOf(jobs[0], file, modules, limit)) };
    const { ms, outcome } = known[file];
    console.log(`executed ${file}: ${outcome}, ${(ms / 1000).toFixed(1)} s`);
    write('coverage.json', known);
  }
  return Object.fromEntries(files.map((file) => [file, known[file]]));
}

const coverage = await cover();
const left = Object.entries(coverage).filter(([, { outcome }]) => outcome !== 'passed');
for (const [file, { outcome }] of left) console.log(`left out: ${file} (${outcome})`);
const results = read('results.json');
const kills = new Map();
const judged = [];
let done = 0;

/** Whether what is known of a mutant still holds: it was found, or nobody has changed the tests since. */
function isSettled({ module, id }) {
  const known = results[id];
  if (known?.module !== digests.get(module)) return false;
  if (known.by !== undefined) return true;
  return known.tests === tests && (known.isLong || !given.long) && !(known.isCutShort && given.long);
}

async function work(workshop, queue) {
  for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
    if (!isSettled(mutant)) {
      const budget = given.long ? Number.POSITIVE_INFINITY : 1000 * Number(given.budget);
      const outcome = await judge(workshop, mutant, testsFor(mutant, coverage, kills), budget);
      results[mutant.id] = { ...outcome, module: digests.get(mutant.module), tests, isLong: given.long };
      write('results.json', results);
    }
    const { outcome, by, isCutShort } = results[mutant.id];
    if (by !== undefined) kills.set(`${mutant.module} ${by}`, (kills.get(`${mutant.module} ${by}`) ?? 0) + 1);
    judged.push({ mutant, outcome, by, isCutShort });
    console.log(`${++done}/${drawn.length} ${outcome}  ${shown(mutant)}  ${by ?? ''}`);
  }
}

const queue = [...drawn];
await Promise.all(jobs.map((workshop) => work(workshop, queue)));
close();

const rows = tally(judged, equivalent);
console.log(`\n${survivors(judged, equivalent).join('\n')}\n\n${table(rows)}`);
console.log(
  `\n${drawn.length} of ${chosen.length} mutants, seed ${given.seed}; ${guards} calls of assert are left as they are`,
);
write(`report-${given.seed}.json`, { seed: given.seed, rows, judged });
process.exitCode = rows.at(-1).score < SCORE_MIN ? 1 : 0;
