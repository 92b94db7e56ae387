// The benchmark: `npm run benchmark [world …]` tunes all methods of the worlds, runs them with ten seeds, and writes the
// tables of docs/studies.md and README.md. What is committed or finished is not computed again; a benchmark that was stopped
// goes on with the same command. It takes hours.
//
//   npm run benchmark -- --plan                    what would be computed
//   npm run benchmark -- --check                   computes nothing: do committed results, tables and conclusions fit together?
//   npm run benchmark -- --again                   all of it, whatever is committed; the store keeps what is finished
//   npm run benchmark -- --methods dpfl,pens       these methods anew, the others as they are committed: when a method has changed
//   npm run benchmark -- --algorithm ./mine.js     a method of your own: tuned with the same budget, its row beside the others
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { sweepCommand } from '../dist/src/cli/sweep/sweep.js';
import { tuneCommand } from '../dist/src/cli/tuning/tune.js';
import { formatCsv } from '../dist/src/report/csv.js';
import { resultPath, scenarioPath } from '../dist/src/report/index.js';
import { falseConclusions } from '../dist/test/benchmark/conclusions.js';
import {
  CURVE_COLUMNS,
  curveRows,
  RUN_COLUMNS,
  runRow,
  WorldResults,
} from '../dist/test/benchmark/results.js';
import { worldTable } from '../dist/test/benchmark/tables.js';
import { readWorlds, tablesOf } from '../dist/test/benchmark/worlds.js';
import { readCsv } from '../dist/test/reproduction/curves.js';
import { withTables } from '../dist/test/reproduction/table.js';
import { guestMethod } from './benchmark/guest.mjs';
import { worldScenario } from './benchmark/scenario.mjs';
import { tunedText, tuningProblem, withSchema } from './benchmark/tuned.mjs';
import { WORLDS } from './benchmark/worlds.mjs';
import { runsOfFile, seedsOf } from './reproduce/runs.mjs';

const COMPLETE = 'complete';
const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    algorithm: { type: 'string' },
    again: { type: 'boolean' },
    check: { type: 'boolean' },
    jobs: { type: 'string' },
    methods: { type: 'string' },
    plan: { type: 'boolean' },
  },
});
const unknown = positionals.filter((name) => !(name in WORLDS));
if (unknown.length > 0)
  fail(`expected worlds, got ${unknown.join(' ')}. Known: ${Object.keys(WORLDS).join(', ')}`);
const worlds = positionals.length > 0 ? positionals : Object.keys(WORLDS);
const methodNames = (world) => Object.keys({ ...world.methods, ...world.controls });
const methods = given.methods?.split(',');
for (const method of methods ?? [])
  if (!worlds.some((name) => methodNames(WORLDS[name]).includes(method)))
    fail(
      `--methods: expected methods of ${worlds.join(', ')}, got ${method}. Known: ${methodNames(WORLDS[worlds[0]]).join(', ')}`,
    );
if (given.algorithm && !existsSync(given.algorithm))
  fail(`--algorithm: expected the path of a module, such as ./mine.js, got ${given.algorithm}`);
const SEEDS = seedsOf('11..20');
/** The store of the sweep engine, and results that are not committed. */
const WORK = join('build', 'benchmark');
const flags = {
  ...{ set: [], store: join(WORK, 'store'), retry: true, quiet: false },
  ...{ executor: 'local', slurm: [], redis: 'redis://localhost:6379' },
  ...(given.jobs && { jobs: Number(given.jobs) }),
};

if (given.algorithm) await addGuest(resolve(given.algorithm));
else if (given.plan) for (const name of worlds) console.log(`${name}: ${await stateOf(name)}`);
else {
  for (const name of given.check ? [] : worlds) {
    if (methods) await computeMethods(name, methods);
    else await compute(placeOf(name), WORLDS[name]);
  }
  await conclude();
}

/** Where the files of a world are: before and after its tuning, all trials, and the results. */
function placeOf(name) {
  const folder = join('scenarios', 'benchmark');
  const results = join('results', 'benchmark', name);
  return {
    name,
    results,
    untuned: join(folder, 'tuning', `${name}.yaml`),
    tuned: join(folder, `${name}.yaml`),
    tuning: join(results, 'tuning.csv'),
    work: WORK,
  };
}

/** What there is of a world, in words. */
async function stateOf(name) {
  if (given.again) return 'all of it is computed again';
  const place = placeOf(name);
  const problem = await tuningProblem(place, worldScenario(name, WORLDS[name]));
  if (problem !== undefined) return `to be tuned and run: ${problem}`;
  const missing = missingRuns(place).length;
  return missing > 0 ? `${missing} runs are missing` : COMPLETE;
}

/** Runs of the tuned scenario without a committed row. */
function missingRuns({ tuned, results }) {
  const file = join(results, 'runs.csv');
  const rows = existsSync(file) ? readCsv(file) : [];
  const isOf = (run) => (row) =>
    row.variant === run.variant && Number(row.seed) === run.seed && row.scenario === run.key;
  return runsOfFile(tuned, SEEDS).filter((run) => !rows.some(isOf(run)));
}

/** Tunes a world and runs it, as far as that is missing, and writes its results. */
async function compute(place, world, { again = given.again } = {}) {
  const { name, untuned, tuned, tuning, results, work } = place;
  for (const file of [untuned, tuned, tuning]) mkdirSync(dirname(file), { recursive: true });
  const text = worldScenario(name, world);
  if (again || (await tuningProblem(place, text)) !== undefined) {
    writeFileSync(untuned, text);
    const written = untuned.replace(/\.yaml$/, '.tuned.yaml');
    const out = join(work, 'tuning');
    exitUnless(await tuneCommand(untuned, { ...flags, out, write: written }));
    renameSync(written, tuned);
    if (place.results === placeOf(name).results)
      writeFileSync(tuned, withSchema(readFileSync(tuned, 'utf8')));
    copyFileSync(join(scenarioPath({ root: out, scenario: untuned }), 'tuning.csv'), tuning);
  }
  if (!again && missingRuns(place).length === 0) return;
  exitUnless(await sweepCommand([tuned], { ...flags, seed: SEEDS, out: work }));
  const runs = runsOfFile(tuned, SEEDS).map((run) => {
    const variant = run.variant === 'run' ? undefined : run.variant;
    return { ...run, folder: resultPath({ root: work, scenario: tuned, seed: run.seed, variant }) };
  });
  const curves = runs.flatMap((run) => curveRows(run, world.metric ?? 'accuracy'));
  // The table of runs comes last: a world that has it is complete.
  write(join(results, 'curves.csv'), CURVE_COLUMNS, curves);
  write(join(results, 'runs.csv'), RUN_COLUMNS, runs.map(runRow));
}

/** Tunes and runs some methods of a world anew, and puts their rows in place of the committed ones. */
async function computeMethods(name, methods) {
  const place = placeOf(name);
  if (isWaiting(name)) return;
  const world = WORLDS[name];
  // One method alone would be a scenario without variants.
  const wanted = methods.length > 1 ? methods : ['local-only', ...methods];
  const work = join(WORK, 'methods');
  const own = {
    ...{
      name,
      work,
      results: join(work, 'results', name),
      tuning: join(work, 'results', name, 'tuning.csv'),
    },
    ...{ untuned: join(work, 'untuned', `${name}.yaml`), tuned: join(work, `${name}.yaml`) },
  };
  await compute(own, { ...world, only: wanted }, { again: true });
  const text = worldScenario(name, world);
  writeFileSync(place.untuned, text);
  merge(join(place.results, 'tuning.csv'), own.tuning);
  writeFileSync(place.tuned, withSchema(await tunedText(place)));
  const keys = new Map(
    runsOfFile(place.tuned, SEEDS).map(({ variant, seed, key }) => [`${variant} ${seed}`, key]),
  );
  merge(join(place.results, 'runs.csv'), join(own.results, 'runs.csv'), (row) => ({
    ...row,
    // Sections that all methods have in common are written otherwise in the file of some methods.
    scenario: keys.get(`${row.variant} ${row.seed}`),
  }));
  merge(join(place.results, 'curves.csv'), join(own.results, 'curves.csv'));
}

/** Replaces the rows of a table by those of another with the same variant, where these begin. */
function merge(file, from, changed = (row) => row) {
  const [old, rows] = [readCsv(file), readCsv(from)];
  const columns = [...new Set([...Object.keys(old[0]), ...Object.keys(rows[0])])];
  const of = (table, variant) => table.filter((row) => row.variant === variant);
  const merged = [...new Set(old.map(({ variant }) => variant))].flatMap((variant) => {
    const fresh = of(rows, variant);
    return fresh.length > 0 ? fresh.map(changed) : of(old, variant);
  });
  write(file, columns, merged);
}

function write(file, columns, rows) {
  writeFileSync(file, formatCsv([columns, ...rows.map((row) => columns.map((column) => row[column]))]));
}

/** Whether a world has no results yet. */
function isWaiting(name) {
  return !existsSync(join(placeOf(name).results, 'runs.csv'));
}

/** Writes the tables, or with --check compares them; prints what does not fit. */
async function conclude() {
  const problems = [];
  for (const name of worlds) {
    // Of a world that waits for its results nothing can be wrong.
    if (given.check && isWaiting(name)) continue;
    const state = await stateOf(name);
    if (state !== COMPLETE) problems.push(`${name}: ${state}`);
  }
  const all = readWorlds(WORLDS);
  const tables = tablesOf(all);
  for (const document of [join('docs', 'studies.md'), 'README.md']) {
    const text = readFileSync(document, 'utf8');
    const current = withTables(text, tables);
    if (given.check && current !== text)
      problems.push(`${document}: its tables are not those of the results`);
    if (!given.check) writeFileSync(document, current);
  }
  problems.push(...falseConclusions(all));
  for (const problem of problems) console.error(problem);
  const count = all.reduce((sum, { results }) => sum + results.runs.length, 0);
  console.log(
    problems.length > 0
      ? `${problems.length} problems`
      : `${count} runs, tables and conclusions fit together`,
  );
  process.exitCode = problems.length > 0 ? 1 : 0;
}

/** Tunes and runs a method of the user’s, and prints the tables with its row. */
async function addGuest(path) {
  const { id, method } = await guestMethod(path);
  const work = join(WORK, 'guests', id);
  for (const name of worlds) {
    if (isWaiting(name)) continue;
    const world = { ...WORLDS[name], methods: { [id]: method }, controls: {} };
    const results = join(work, 'results', name);
    await compute(
      {
        ...{ name, work, results, tuning: join(results, 'tuning.csv') },
        ...{ untuned: join(work, 'untuned', `${name}.yaml`), tuned: join(work, `${name}.yaml`) },
      },
      world,
      { again: true },
    );
    const both = new WorldResults(placeOf(name).results, { folder: results, variant: id });
    console.log(`\n${world.title}\n\n${worldTable(both, world.target).join('\n')}`);
  }
}

function exitUnless(code) {
  if (code !== 0) process.exit(code);
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
