// What the target cost, by uplink and topology: `node scenarios/tutorial/analyse.mjs results/tutorial/sparse/runs.csv`.
import { readFileSync } from 'node:fs';

// runs.csv has a row for each run. No cell of this one has a comma.
const [header, ...lines] = readFileSync(process.argv[2], 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split(','));
const runs = lines.map((cells) => Object.fromEntries(header.map((name, i) => [name, cells[i]])));

/** Two-sided 95 % quantiles of Student's t for 1, 2, … degrees of freedom. */
const STUDENT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

/** The mean, and half of its 95 % confidence interval. */
function interval(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, margin: STUDENT[values.length - 2] * Math.sqrt(variance / values.length) };
}

function text({ mean, margin }) {
  const digits = Math.abs(mean) < 10 ? 2 : 1;
  return `${mean.toFixed(digits)} ± ${margin.toFixed(digits)}`;
}

/** The numbers of one column, in order of the seeds. A run that missed the target has no cost: then there is no mean. */
function column(uplink, topology, name, unit) {
  const own = runs.filter((run) => run['network.uplink'] === uplink && run['topology.use'] === topology);
  const missing = own.filter((run) => run[name] === '').map(({ seed }) => seed);
  if (missing.length > 0) throw new Error(`${topology} at ${uplink}: seeds ${missing} missed the target`);
  return own.sort((a, b) => a.seed - b.seed).map((run) => Number(run[name]) / unit);
}

const table = [
  ['uplink', 'topology', 's to 75 %', 's less than complete', 'MB to 75 %', '% after 25 rounds'],
];
for (const uplink of ['1Mbps', '100Mbps']) {
  const complete = column(uplink, 'complete', 'time_to_target_ns', 1e9);
  for (const topology of ['complete', 'exponential', 'ring']) {
    const seconds = column(uplink, topology, 'time_to_target_ns', 1e9);
    // Runs of one seed have the same samples and start alike, so they are compared in pairs.
    const saved = complete.map((value, seed) => value - seconds[seed]);
    const faster = saved.filter((value) => value > 0).length;
    const against = topology === 'complete' ? '' : `${text(interval(saved))} (${faster} of ${saved.length})`;
    table.push([
      ...[uplink, topology, text(interval(seconds)), against],
      text(interval(column(uplink, topology, 'bytes_to_target', 1e6))),
      text(interval(column(uplink, topology, 'accuracy-mean', 0.01))),
    ]);
  }
}
const widths = table[0].map((_, i) => Math.max(...table.map((row) => row[i].length)));
for (const row of table) {
  const padded = row.map((cell, i) => cell.padEnd(widths[i] + 2));
  console.log(padded.join('').trimEnd());
}
