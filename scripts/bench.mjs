// Runs the benchmarks: `node scripts/bench.mjs [name …] [--runs 5] [--rounds 10]`; --rounds limits the rounds of training.
// A name selects the benchmarks that begin with it (`K` → K-1k and K-100k). Runs of scenarios have processes of their own.
// Compare only figures of one call: those of another time or machine differ for many reasons.
import { readdirSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { fail, wholeNumber } from './bench/support/options.mjs';
import { figure, median, table } from './bench/support/table.mjs';

const folder = new URL('./bench/', import.meta.url);

/** All benchmarks, in the order of their files; `file` is the number of the file. */
async function load() {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.mjs'))
    .sort();
  const modules = await Promise.all(files.map((name) => import(new URL(name, folder).href)));
  return modules.flatMap(({ default: own }, file) => own.map((benchmark) => ({ file, ...benchmark })));
}

/** What a run of a scenario tells beside its speed: how the figure of several runs is written. */
const DETAILS = {
  'set-up s': ({ setUpSeconds }) =>
    setUpSeconds === undefined ? undefined : median(setUpSeconds).toFixed(1),
  'peak MB': ({ peakBytes }) => (peakBytes === undefined ? undefined : figure(median(peakBytes) / 1e6)),
  accuracy: ({ accuracy }) => (accuracy === undefined ? undefined : percent(same(accuracy))),
  params: ({ params }) => (params === undefined ? undefined : same(params)),
};

const COLUMNS = ['name', 'workload', 'median', 'min', 'max', 'unit', 'better', ...Object.keys(DETAILS)];

const percent = (share) => `${(100 * share).toFixed(2)} %`;

/** What all runs agree in: they are deterministic. */
function same(values) {
  if (values.some((value) => value !== values[0]))
    throw new Error(`expected runs that agree, got ${values.join(', ')}`);
  return values[0];
}

function rowOf({ name, title, unit, higherIsBetter }, results) {
  const of = (key) => (results[0][key] === undefined ? undefined : results.map((result) => result[key]));
  const keys = ['setUpSeconds', 'peakBytes', 'accuracy', 'params'];
  const details = Object.fromEntries(keys.map((key) => [key, of(key)]));
  const values = of('value');
  const figures = [median(values), Math.min(...values), Math.max(...values)].map(figure);
  const cells = Object.values(DETAILS).map((write) => write(details) ?? '');
  return [name, title, ...figures, unit, higherIsBetter ? 'higher' : 'lower', ...cells];
}

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '5' }, rounds: { type: 'string', default: '50' } },
});
const [runs, rounds] = ['runs', 'rounds'].map((name) => wholeNumber(options, name));

const all = await load();
const unknown = names.find((name) => !all.some((benchmark) => benchmark.name.startsWith(name)));
if (unknown !== undefined) {
  fail(
    `expected the beginning of a benchmark's name, got "${unknown}". Known: ${all.map(({ name }) => name).join(', ')}`,
  );
}
const benchmarks = all.filter(
  ({ name }) => names.length === 0 || names.some((beginning) => name.startsWith(beginning)),
);

const load1 = () => loadavg()[0].toFixed(1);
console.log(
  `Node ${process.version}, ${cpus()[0].model.trim()}, ${cpus().length} cores, load ${load1()}; ${runs} runs`,
);
const results = benchmarks.map(() => []);
// All benchmarks once, then all again: what slows the machine for a while then slows all of them alike.
for (let run = 0; run < runs; run++) {
  for (const [i, benchmark] of benchmarks.entries()) {
    const result = await benchmark.run({ rounds });
    results[i].push(typeof result === 'number' ? { value: result } : result);
    // For those who wait: not part of the tables.
    const latest = figure(results[i].at(-1).value);
    console.error(`  run ${run + 1} of ${runs}: ${benchmark.name}: ${latest} ${benchmark.unit}`);
  }
}
for (const file of new Set(benchmarks.map((benchmark) => benchmark.file))) {
  const rows = benchmarks.flatMap((benchmark, i) =>
    benchmark.file === file ? [rowOf(benchmark, results[i])] : [],
  );
  console.log(`\n${table(COLUMNS, rows)}`);
}
console.log(`\nload at the end ${load1()}`);
