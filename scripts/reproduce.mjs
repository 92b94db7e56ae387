// Runs the scenarios of papers and studies with several seeds, writes their results to results/papers and results/studies,
// and prints for each claim whether it holds: `npm run reproduce [method, scenario or study …] [-- --seeds 1..5 | --check]`.
// With --check nothing is run, and the claims are checked on the existing results. The tables of docs/reproduction.md,
// docs/studies.md and README.md are updated.
import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatCsv } from '../dist/src/report/csv.js';
import { claims } from '../dist/test/reproduction/claims.js';
import {
  CURVE_COLUMNS,
  MIXING_COLUMNS,
  pointsOf,
  RUN_COLUMNS,
  readCurves,
  runRowsOf,
  weightsOf,
} from '../dist/test/reproduction/curves.js';
import { studies, studyTables } from '../dist/test/reproduction/studies.js';
import { verdictTable, withTables } from '../dist/test/reproduction/table.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string' }, check: { type: 'boolean' } },
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
if (!values.check) await runAll();
let failed = 0;
const tables = new Map();
for (const scenario of scenarios) {
  const folder = join('results', pathOf(scenario));
  if (!existsSync(folder)) {
    console.error(`expected results in ${folder}, got no such folder: npm run reproduce ${scenario}`);
    process.exit(1);
  }
  const study = studyOf(scenario);
  if (study) {
    tables.set(scenario, studyTables(study));
    console.log(`\n${tables.get(scenario)}`);
    continue;
  }
  const curves = readCurves(folder);
  tables.set(scenario, verdictTable(scenario, curves));
  console.log(`\n${scenario} (seeds ${curves.seeds.join(', ')})`);
  for (const claim of wanted.filter((one) => one.scenario === scenario)) {
    const { holds, figure } = claim.check(curves);
    if (!holds) failed++;
    console.log(`  ${holds ? 'holds        ' : 'does NOT hold'}  ${claim.says}`);
    console.log(`                 expected ${claim.expected}; got ${figure}`);
  }
}
for (const document of [join('docs', 'reproduction.md'), join('docs', 'studies.md'), 'README.md']) {
  if (existsSync(document)) writeFileSync(document, withTables(readFileSync(document, 'utf8'), tables));
}
console.log(`\n${wanted.length - failed} claims hold, ${failed} do not`);

/** Path of a scenario or study below scenarios/ and below results/. */
function pathOf(scenario) {
  return join(studyOf(scenario) ? 'studies' : 'papers', scenario);
}

function studyOf(scenario) {
  return studies.find(({ name }) => name === scenario);
}

/** Runs every scenario and seed in a process of its own, as many at a time as there are processors. */
async function runAll() {
  const out = mkdtempSync(join(tmpdir(), 'mycel-reproduce-'));
  const runs = scenarios.flatMap((scenario) => {
    const [first, last] = (values.seeds ?? defaultSeeds(scenario)).split('..').map(Number);
    const seeds = Array.from({ length: (last ?? first) - first + 1 }, (_, k) => first + k);
    return seeds.map((seed) => ({ scenario, seed }));
  });
  let next = 0;
  let finished = 0;
  const worker = async () => {
    while (next < runs.length) {
      const { scenario, seed } = runs[next++];
      await run(scenario, seed, out);
      console.error(`${scenario}, seed ${seed} (${++finished} of ${runs.length} runs)`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  for (const scenario of scenarios) keep(scenario, join(out, pathOf(scenario)));
  rmSync(out, { recursive: true });
}

function defaultSeeds(scenario) {
  const others = {
    'deprl-speedup-small': '1..6',
    'mce-pl-codecs-small': '1',
    'meta-l2c-transfer-small': '101..105',
  };
  return studyOf(scenario)?.seeds ?? others[scenario] ?? '1..5';
}

function run(scenario, seed, out) {
  const file = join('scenarios', `${pathOf(scenario)}.yaml`);
  const options = ['--seed', String(seed), '--workers', '0', '--quiet', '--out', out];
  const child = spawn(process.execPath, ['dist/src/cli/main.js', 'run', file, ...options], {
    stdio: 'inherit',
  });
  return new Promise((resolve) => {
    child.on('exit', (code) => (code === 0 ? resolve() : process.exit(code ?? 1)));
  });
}

/** Writes the files that are committed: the curves, a table with one row per run, and the mixing weights that change. */
function keep(scenario, folder) {
  const target = join('results', pathOf(scenario));
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const write = (name, columns, rows) => writeFileSync(join(target, name), formatCsv([columns, ...rows]));
  write('curves.csv', CURVE_COLUMNS, records(CURVE_COLUMNS, pointsOf(folder)));
  write('runs.csv', RUN_COLUMNS, runRowsOf(folder));
  // The encoder that meta-l2c-transfer-small.yaml uses on other nodes.
  const encoder = join(folder, 'meta-l2c', '1', 'artifacts.json');
  if (existsSync(encoder)) copyFileSync(encoder, join(target, 'artifacts.json'));
  const weights = studyOf(scenario) ? [] : weightsOf(folder);
  if (weights.length > 0) write('mixing.csv', MIXING_COLUMNS, records(MIXING_COLUMNS, weights));
}

function records(columns, rows) {
  return rows.map((row) => columns.map((column) => row[column]));
}
