/** `mycel compare`: what stands in its tables is what the results say. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { readCsv } from '../src/report/read-table.js';
import { mycel } from './support/cli.js';
import { scenarioText } from './support/scenario-base.js';
import { workIn } from './support/work-in.js';

workIn('mycel-compare-');
const compare = 'compare: { topology: [{ use: ring }, { use: complete }] }';
writeFileSync(
  'two.yaml',
  scenarioText({ compare, measure: 'measure: { probes: [accuracy, consensus-distance] }' }),
);
const run = (...args: string[]) =>
  mycel('run', 'two.yaml', '--workers', '0', '--backend', 'cpu', '--quiet', ...args);
assert.equal((await run('--seed', '1..3')).code, 0);

const bytes = (variant: string, seed: number) => {
  const summary = JSON.parse(readFileSync(`results/two/${variant}/${seed}/summary.json`, 'utf8'));
  return summary.traffic.bytes.sent as number;
};
const distance = (variant: string, seed: number) => {
  const summary = JSON.parse(readFileSync(`results/two/${variant}/${seed}/summary.json`, 'utf8'));
  return summary.final['consensus-distance'] as number;
};

test('the CSV has means, intervals and paired differences of every metric as raw numbers', async () => {
  const { code, out } = await mycel(
    ...['compare', 'results/two', '--format', 'csv'],
    ...['--against', 'ring', '--out', 'table.csv'],
  );
  assert.deepEqual([code, out], [0, '']);
  const rows = readCsv('table.csv');
  const row = (variant: string, metric: string) => {
    const found = rows.filter((one) => one.variant === variant && one.metric === metric);
    assert.equal(found.length, 1, `${variant} ${metric}`);
    return found[0]!;
  };
  assert.equal(Number(row('complete', 'sent_bytes').mean), bytes('complete', 1));
  assert.equal(Number(row('complete', 'sent_bytes').difference), bytes('complete', 1) - bytes('ring', 1));
  assert.equal(Number(row('complete', 'sent_bytes').difference_ci95), 0);
  const differences = [1, 2, 3].map((seed) => distance('complete', seed) - distance('ring', seed));
  const mean = differences.reduce((sum, value) => sum + value, 0) / 3;
  const deviation = Math.sqrt(differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 2);
  const { seeds, against, difference, difference_ci95, seeds_compared } = row(
    'complete',
    'consensus-distance',
  );
  assert.deepEqual([seeds, against, seeds_compared], ['3', 'ring', '3']);
  assert.ok(Math.abs(Number(difference) - mean) < 1e-12);
  assert.ok(Math.abs(Number(difference_ci95) - (4.303 * deviation) / Math.sqrt(3)) < 1e-9);
  assert.equal(row('ring', 'consensus-distance').difference, '');
});

test('the table is for terminals or Markdown, against any variant, with any metric', async () => {
  const { out } = await mycel('compare', 'results/two', '--metric', 'consensus-distance');
  assert.match(
    out,
    /^variant +seeds +accuracy \(adapted\) +worst node +mixed +pp against complete +consensus-distance +against complete /,
  );
  assert.match(out, /\nring +3 /);
  const markdown = await mycel('compare', 'results/two', '--format', 'markdown', '--against', 'ring');
  assert.match(markdown.out, /^\| variant +\| seeds \|.*\| +pp against ring \|/);
});

test('seeds that one variant lacks are left out of the differences, and only of these', async () => {
  assert.equal(
    (await run('--seed', '4..5', '--set', 'compare=', '--set', 'topology={use: ring}', '--out', 'more')).code,
    0,
  );
  const { out } = await mycel('compare', 'results/two', 'more', '--format', 'csv');
  writeFileSync('both.csv', out);
  const names = new Set(readCsv('both.csv').map(({ variant }) => variant));
  assert.deepEqual([...names], ['complete', 'ring', 'two.yaml']);
});

test('results of the same name are told apart by what differs in their scenarios', async () => {
  assert.equal(
    (
      await run(
        '--seed',
        '1..2',
        '--set',
        'network.drop=1%',
        '--set',
        'algorithm={use: d-psgd, localSteps: 1, batch: 8, deadline: 1s}',
        '--out',
        'lossy',
      )
    ).code,
    0,
  );
  const { out } = await mycel('compare', 'results/two/ring', 'lossy/two/ring');
  assert.match(out, /\nring \(.*network\.drop 0%.*\) +3/);
  assert.match(out, /\nring \(.*network\.drop 1%.*\) +2/);
});

test('a metric, a variant or a folder that is not there is a mistake that names what is', async () => {
  const metric = await mycel('compare', 'results/two', '--metric', 'speed');
  assert.equal(metric.code, 2);
  assert.match(metric.err, /--metric: expected one of .*consensus-distance.*, got "speed"/);
  const variant = await mycel('compare', 'results/two', '--against', 'star');
  assert.match(variant.err, /--against: expected one of complete, ring, got "star"/);
  assert.match((await mycel('compare', 'nothing')).err, /expected a folder of results, got nothing/);
});
