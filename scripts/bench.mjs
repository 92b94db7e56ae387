// Runs the benchmarks: `node scripts/bench.mjs [name …] [--runs 5] [--rounds 10]`; --rounds limits the rounds of training.
// A name selects the benchmarks that begin with it (`K` → K-1k and K-100k). Compare only figures of one call: those of
// another time or machine differ for many reasons.
import { readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

const folder = new URL('./bench/', import.meta.url);

/** All benchmarks, in the order of their files. */
async function load() {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.mjs'))
    .sort();
  const modules = await Promise.all(files.map((name) => import(new URL(name, folder).href)));
  return modules.flatMap((module) => module.default);
}

function fail(message) {
  console.error(message);
  process.exit(2);
}

const figure = (value) =>
  value >= 100 ? Math.round(value).toLocaleString('en') : Number(value.toPrecision(3)).toString();

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const columns = ['name', 'workload', 'median', 'min', 'max', 'unit', 'better'];

/** A Markdown table with aligned columns, which is easy to read in a terminal too. */
function table(rows) {
  const widths = columns.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i].length)));
  const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  return [line(columns), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '5' }, rounds: { type: 'string', default: '50' } },
});
const [runs, rounds] = ['runs', 'rounds'].map((name) => {
  const number = Number(options[name]);
  if (Number.isInteger(number) && number > 0) return number;
  return fail(`--${name}: expected a whole number above 0, got ${options[name]}`);
});

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

console.log(`Node ${process.version}, ${cpus()[0].model.trim()}, ${cpus().length} cores; ${runs} runs\n`);
const results = benchmarks.map(() => []);
// All benchmarks once, then all again: what slows the machine for a while then slows all of them alike.
for (let run = 0; run < runs; run++) {
  for (const [i, benchmark] of benchmarks.entries()) {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[Krun ${run + 1} of ${runs}: ${benchmark.name}`);
    results[i].push(await benchmark.run({ rounds }));
  }
}
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
console.log(
  table(
    benchmarks.map(({ name, title, unit, higherIsBetter }, i) => [
      name,
      title,
      figure(median(results[i])),
      figure(Math.min(...results[i])),
      figure(Math.max(...results[i])),
      unit,
      higherIsBetter ? 'higher' : 'lower',
    ]),
  ),
);
