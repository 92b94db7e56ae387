// Runs the scenarios of papers and studies with several seeds, writes their results to results/papers and results/studies,
// and prints for each claim whether it holds: `npm run reproduce [method, scenario or study …] [-- --seeds 1..5 | --again |
// --plan | --check]`. A run that is committed or finished is not computed again, unless --again is given; --plan only says
// what would be computed. With --check nothing is run, and the claims are checked on the existing results. The tables of
// docs/reproduction.md and docs/studies.md are updated.
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatSeconds } from '../dist/src/cli/progress.js';
import { formatCsv } from '../dist/src/report/csv.js';
import { verdictOf } from '../dist/test/reproduction/claim.js';
import { claims } from '../dist/test/reproduction/claims.js';
import {
  CURVE_COLUMNS,
  MIXING_COLUMNS,
  pointsOf,
  RUN_COLUMNS,
  readCsv,
  readCurves,
  runRowsOf,
  weightsOf,
} from '../dist/test/reproduction/curves.js';
import { studies, studyTables } from '../dist/test/reproduction/studies.js';
import { verdictTable, withTables } from '../dist/test/reproduction/table.js';
import {
  codeDigest,
  committedOf,
  DURATION_COLUMNS,
  DURATIONS,
  durations,
  isLater,
  isOf,
  isStudy,
  pathOf,
  runsOf,
  stampOf,
  stateOf,
} from './reproduce/runs.mjs';

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string' },
    check: { type: 'boolean' },
    plan: { type: 'boolean' },
    again: { type: 'boolean' },
  },
});
const isWanted = (...names) => positionals.length === 0 || names.some((name) => positionals.includes(name));
const wanted = claims.filter(({ method, scenario }) => isWanted(method, scenario));
const compared = studies.filter(({ name }) => isWanted(name));
if (wanted.length + compared.length === 0) {
  const names = claims.flatMap(({ method, scenario }) => [method, scenario]);
  const known = [...new Set([...names, ...studies.map(({ name }) => name)])].sort();
  console.error(
    `expected a method, scenario or study, got ${positionals.join(' ')}. Known: ${known.join(', ')}`,
  );
  process.exit(2);
}
const scenarios = [...new Set(wanted.map(({ scenario }) => scenario)), ...compared.map(({ name }) => name)];
// Runs that use results of others come after them.
const [later, first] = [true, false].map((is) => scenarios.filter((scenario) => isLater(scenario) === is));
if (!given.check) for (const some of [first, later]) await runAll(some);
if (!given.plan) check();

/** Prints what holds, and writes the tables. */
function check() {
  let failed = 0;
  let checked = 0;
  const notRun = scenarios.filter((scenario) => !existsSync(join('results', pathOf(scenario))));
  const tables = new Map();
  for (const scenario of scenarios) {
    if (notRun.includes(scenario)) continue;
    const folder = join('results', pathOf(scenario));
    const study = studies.find(({ name }) => name === scenario);
    if (study) {
      tables.set(scenario, studyTables(study));
      console.log(`\n${tables.get(scenario)}`);
      continue;
    }
    const curves = readCurves(folder);
    tables.set(scenario, verdictTable(scenario, curves));
    console.log(`\n${scenario} (seeds ${curves.seeds.join(', ')})`);
    for (const claim of wanted.filter((one) => one.scenario === scenario)) {
      const { holds, figure } = verdictOf(claim, curves);
      checked++;
      if (!holds) failed++;
      console.log(`  ${holds ? 'holds        ' : 'does NOT hold'}  ${claim.says}`);
      console.log(`                 expected ${claim.expected}; got ${figure}`);
    }
  }
  for (const document of [join('docs', 'reproduction.md'), join('docs', 'studies.md')]) {
    if (existsSync(document)) writeFileSync(document, withTables(readFileSync(document, 'utf8'), tables));
  }
  for (const scenario of notRun) console.log(`\nnot run yet: npm run reproduce ${scenario}`);
  console.log(`\n${checked - failed} claims hold, ${failed} do not`);
  if (notRun.length === scenarios.length) process.exitCode = 1;
}

/** Computes what is missing, as many runs at a time as there are processors, the longest first; then writes the results. */
async function runAll(scenarios) {
  const code = codeDigest();
  const runs = scenarios.flatMap((scenario) => runsOf(scenario, given.seeds));
  const committed = new Map(scenarios.map((scenario) => [scenario, committedOf(scenario)]));
  const stateNow = (run) => (given.again ? 'missing' : stateOf(run, code, committed.get(run.scenario)));
  const states = new Map(runs.map((run) => [run, stateNow(run)]));
  const missing = runs.filter((run) => states.get(run) === 'missing');
  const { known, of } = durations();
  announce(scenarios, runs, states, of);
  if (given.plan) return;
  const left = [...missing].sort((a, b) => (of(b) ?? Infinity) - (of(a) ?? Infinity));
  let finished = 0;
  const worker = async () => {
    for (let run = left.shift(); run; run = left.shift()) {
      const start = performance.now();
      await compute(run);
      writeFileSync(join(run.folder, 'stamp'), stampOf(run, code));
      states.set(run, 'finished');
      known.set(`${run.scenario} ${run.variant}`, (performance.now() - start) / 1000);
      console.error(`${describe(run)} (${++finished} of ${missing.length} runs)`);
      // A scenario is written as soon as it is complete, so that an interruption costs no more than the runs under way.
      const own = runs.filter(({ scenario }) => scenario === run.scenario);
      if (own.every((one) => states.get(one) !== 'missing')) keep(run.scenario, own, states, known);
    }
  };
  // Complete already, by runs that were finished before.
  for (const scenario of scenarios) {
    const own = runs.filter((run) => run.scenario === scenario);
    const isComplete = own.every((run) => states.get(run) !== 'missing');
    if (isComplete && own.some((run) => states.get(run) === 'finished')) keep(scenario, own, states, known);
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

/** Says what will be computed, and how long it takes by what it took before. */
function announce(scenarios, runs, states, of) {
  if (runs.length === 0) return;
  const count = (state) => runs.filter((run) => states.get(run) === state).length;
  console.error(
    `${runs.length} runs: ${count('committed')} committed, ${count('finished')} finished, ${count('missing')} to be computed`,
  );
  for (const scenario of scenarios) {
    const missing = runs.filter((run) => run.scenario === scenario && states.get(run) === 'missing');
    if (missing.length === 0) continue;
    const variants = [...new Set(missing.map(({ variant }) => variant))];
    console.error(
      `  ${scenario}: ${missing.length} runs of ${variants.length > 12 ? `${variants.length} variants` : variants.join(', ')}; ${time(missing, of)}`,
    );
  }
  const all = runs.filter((run) => states.get(run) === 'missing');
  if (all.length > 0) console.error(`  in all ${time(all, of)}, with ${availableParallelism()} at a time`);
}

/** The time of these runs one after the other, divided by the processors. */
function time(runs, of) {
  const seconds = runs.reduce((sum, run) => sum + (of(run) ?? 0), 0) / availableParallelism();
  const unknown = runs.filter((run) => of(run) === undefined).length;
  if (unknown === runs.length) return 'time not known yet';
  return `about ${formatSeconds(seconds)}${unknown > 0 ? ` and ${unknown} runs whose time is not known yet` : ''}`;
}

function describe({ scenario, variant, seed }) {
  return `${scenario}, ${variant}, seed ${seed}`;
}

function compute({ scenario, variant, seed, folder }) {
  rmSync(folder, { recursive: true, force: true });
  const file = join('scenarios', `${pathOf(scenario)}.yaml`);
  const child = spawn(process.execPath, ['scripts/reproduce/run.mjs', file, variant, String(seed), folder], {
    stdio: 'inherit',
  });
  return new Promise((resolve) => {
    child.on('exit', (exit) => (exit === 0 ? resolve() : process.exit(exit ?? 1)));
  });
}

/**
 * Writes the files that are committed: the curves, a table with one row per run, and the mixing weights that change. What is
 * committed already stays as it is.
 */
function keep(scenario, runs, states, known) {
  const target = join('results', pathOf(scenario));
  mkdirSync(target, { recursive: true });
  const write = (name, columns, made) => {
    const file = join(target, name);
    const old = existsSync(file) ? readCsv(file) : [];
    const others = given.seeds ? old.filter((row) => !runs.some((run) => isOf(run)(row))) : [];
    const mine = runs.flatMap((run) => (states.get(run) === 'finished' ? made(run) : old.filter(isOf(run))));
    const rows = [...mine, ...others];
    if (rows.length === 0) return rmSync(file, { force: true });
    writeFileSync(file, formatCsv([columns, ...rows.map((row) => columns.map((column) => row[column]))]));
  };
  write('curves.csv', CURVE_COLUMNS, pointsOf);
  write('runs.csv', RUN_COLUMNS, runRowsOf);
  if (!isStudy(scenario)) write('mixing.csv', MIXING_COLUMNS, weightsOf);
  // The encoder that meta-l2c-transfer-small.yaml uses on other nodes.
  const first = runs.find(({ variant, seed }) => variant === 'meta-l2c' && seed === 1);
  const encoder = first && join(first.folder, 'artifacts.json');
  if (encoder && existsSync(encoder)) copyFileSync(encoder, join(target, 'artifacts.json'));
  const seconds = [...known].map(([name, value]) => [...name.split(' '), value.toFixed(1)]);
  writeFileSync(
    DURATIONS,
    formatCsv([DURATION_COLUMNS, ...seconds.sort((a, b) => (`${a}` < `${b}` ? -1 : 1))]),
  );
}
