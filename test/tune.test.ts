/** `mycel tune`: the chosen options are the best of the trials, all methods have the same budget, and test rows decide nothing. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { readCsv } from '../src/report/read-table.js';
import { mycel } from './support/cli.js';
import { scenarioText } from './support/scenario-base.js';
import { workIn } from './support/work-in.js';

workIn('mycel-tune-');

const compare = `compare:
  scenario:
    - { name: gossip, algorithm: { use: d-psgd, localSteps: 1, batch: 8 } }
    - { name: alone, algorithm: { use: local-only, localSteps: 1, batch: 8 } }`;
const section = (lines: string, rates = '{ from: 0.0001, to: 1, scale: log }') => `tune:
  options: { algorithm.learningRate: ${rates} }
  seeds: 101..102
  rows: 30%
${lines}`;
const files = { compare, stop: 'stop: { after: 4 rounds }' };
writeFileSync('two.yaml', scenarioText({ ...files, tune: section('  trials: 4') }));
const tune = (...args: string[]) => mycel('tune', ...args, '--jobs', '1', '--workers', '0');

test('the best of the trials is chosen for each method, and the file that is written runs with it', async () => {
  const { code, out, err } = await tune('two.yaml', '--write', 'tuned.yaml');
  assert.equal(code, 0, err);
  assert.match(err, /16 runs, 0 of them finished before, 1 at a time/);
  const rows = readCsv('tuning/two/tuning.csv');
  assert.equal(rows.length, 8);
  for (const name of ['gossip', 'alone']) {
    const own = rows.filter(({ variant }) => variant === name);
    assert.deepEqual(
      own.map(({ trial, seeds, rounds }) => [trial, seeds, rounds]),
      ['0', '1', '2', '3'].map((trial) => [trial, '2', '4']),
    );
    const best = own.reduce((a, b) => (Number(b.mean) > Number(a.mean) ? b : a));
    assert.deepEqual(
      own.filter(({ is_best }) => is_best === '1'),
      [best],
    );
    const scenario = parse(readFileSync('tuned.yaml', 'utf8')) as {
      compare: { scenario: { name: string; algorithm: { learningRate: number } }[] };
    };
    const { algorithm } = scenario.compare.scenario.find((one) => one.name === name)!;
    assert.equal(algorithm.learningRate, Number(best['algorithm.learningRate']));
    assert.match(out, new RegExp(`\\n${name} .*${Number(best.mean).toPrecision(4)} ± `));
  }
  // The draws are the same for both methods.
  const rates = (name: string) =>
    rows.filter(({ variant }) => variant === name).map((row) => row['algorithm.learningRate']);
  assert.deepEqual(rates('gossip'), rates('alone'));
  const run = await mycel('run', 'tuned.yaml', '--workers', '0', '--quiet');
  assert.equal(run.code, 0, run.err);
  assert.ok(existsSync('results/tuned/gossip/1/summary.json'));
  const again = await tune('two.yaml');
  assert.match(again.err, /16 runs, 16 of them finished before/);
  assert.equal(again.out.split('\n')[2], out.split('\n')[2]);
});

test('of several metrics, a method is judged by the best one that it has', async () => {
  const measure = 'measure: { every: 4 rounds, at: [adapted, mixed], probes: [accuracy, loss] }';
  const judged = async (metric: string) => {
    const lines = `  trials: 2\n  metric: ${metric}`;
    writeFileSync('points.yaml', scenarioText({ ...files, measure, tune: section(lines) }));
    const { code, err } = await tune('points.yaml');
    assert.equal(code, 0, err);
    return readCsv('tuning/points/tuning.csv').map(({ variant, metric, mean }) => ({
      variant,
      metric,
      mean,
    }));
  };
  const both = await judged('[accuracy-mean, "accuracy:mixed-mean"]');
  const adapted = await judged('accuracy-mean');
  const mixed = await judged('["accuracy:mixed-mean", accuracy-mean]');
  assert.equal(both.length, 4);
  for (const [k, row] of both.entries()) {
    // Training alone has no averages.
    if (row.variant === 'alone') assert.equal(row.metric, 'accuracy-mean');
    assert.ok(Number(row.mean) >= Number(adapted[k]!.mean));
    assert.equal(row.mean, mixed[k]!.mean);
  }
  assert.ok(both.some(({ metric }) => metric === 'accuracy:mixed-mean'));
});

test('halving goes on with the best third of each method and with the scenario as it stands', async () => {
  writeFileSync('halved.yaml', scenarioText({ ...files, tune: section('  trials: 3\n  search: halving') }));
  const { code, err } = await tune('halved.yaml');
  assert.equal(code, 0, err);
  assert.match(err, /stage 1 of 2: all settings of each method, 2 seeds, 1 rounds\n/);
  assert.match(err, /stage 2 of 2: the best 1 of each method, 2 seeds, 4 rounds\n/);
  const rows = readCsv('tuning/halved/tuning.csv').filter(({ variant }) => variant === 'gossip');
  const first = rows.filter(({ rounds }) => rounds === '1');
  const best = first.reduce((a, b) => (Number(b.mean) > Number(a.mean) ? b : a));
  assert.equal(first.length, 3);
  assert.deepEqual(
    rows.filter(({ rounds }) => rounds === '4').map(({ trial }) => trial),
    [...new Set(['0', best.trial!])],
  );
});

test('a grid has all combinations, and the best of them are judged with further seeds as well', async () => {
  const lines =
    '  search: grid\n  methods: { gossip: { algorithm.order: [adapt-then-combine, combine-then-adapt] } }\n  finals: { trials: 2, seeds: 103..105 }';
  writeFileSync('grid.yaml', scenarioText({ ...files, tune: section(lines, '[0.001, 0.01, 0.1, 1]') }));
  const { code, out, err } = await tune('grid.yaml', '--write', 'grid-tuned.yaml');
  assert.equal(code, 0, err);
  // 8 + 4 settings with two seeds; of each method two with three seeds more.
  assert.match(err, /24 runs, 0 of them finished before/);
  assert.match(
    err,
    /stage 2 of 2: the best 2 of each method, 5 seeds\n[\s\S]*20 runs, 8 of them finished before/,
  );
  const rows = readCsv('tuning/grid/tuning.csv');
  const byMean = (own: typeof rows) =>
    own.toSorted((a, b) => Number(b.mean) - Number(a.mean) || Number(a.trial) - Number(b.trial));
  for (const [name, settings] of [
    ['gossip', 8],
    ['alone', 4],
  ] as const) {
    const own = rows.filter(({ variant }) => variant === name);
    const tried = own.filter(({ seeds }) => seeds === '2');
    assert.equal(
      new Set(tried.map((row) => `${row['algorithm.learningRate']} ${row['algorithm.order']}`)).size,
      settings,
    );
    const finals = own.filter(({ seeds }) => seeds === '5');
    assert.deepEqual(
      new Set(finals.map(({ trial }) => trial)),
      new Set(
        byMean(tried)
          .slice(0, 2)
          .map(({ trial }) => trial),
      ),
    );
    assert.deepEqual(
      own.filter(({ is_best }) => is_best === '1'),
      byMean(finals).slice(0, 1),
    );
  }
  assert.match(
    out,
    /Each method had 4 to 8 trials, judged on 30% of the training rows with 2 seeds, the best 2 with 3 more \(grid\)/,
  );
  assert.match(
    readFileSync('grid-tuned.yaml', 'utf8'),
    /# 4 to 8 trials of each method, on training rows held out\./,
  );
});

test('what is measured are training rows that are held out, also by probes of all data', async () => {
  const data = (tuning: string) =>
    `data: { use: blobs, features: 8, classes: 2, train: 80, test: 20, ${tuning} split: { use: iid } }`;
  const probes = 'measure: { probes: [accuracy, global-accuracy] }';
  writeFileSync('held.yaml', scenarioText({ data: data('tuning: 25%,'), measure: probes }));
  writeFileSync('plain.yaml', scenarioText({ data: data(''), measure: probes }));
  for (const file of ['held', 'plain'])
    assert.equal((await mycel('run', `${file}.yaml`, '--workers', '0', '--quiet')).code, 0);
  // Of 80 training rows, 20 on 4 nodes: shares of five rows each, and of twenty on all nodes.
  const values = (file: string, metric: string) =>
    readCsv(`results/${file}/1/metrics.csv`)
      .filter((row) => row.metric === metric && row.node !== '')
      .map(({ value }) => Number(value));
  const isShare = (value: number, of: number) => Math.abs(value * of - Math.round(value * of)) < 1e-9;
  const own = values('held', 'accuracy');
  assert.ok(own.length > 0 && own.every((value) => isShare(value, 5)));
  const all = values('held', 'global-accuracy');
  assert.ok(all.every((value) => isShare(value, 20)));
  const summary = JSON.parse(readFileSync('results/plain/1/summary.json', 'utf8'));
  assert.ok(!Object.hasOwn(summary.scenario.data, 'tuning'));
  const steps = (file: string) =>
    JSON.parse(readFileSync(`results/${file}/1/summary.json`, 'utf8')).work.passes as number;
  assert.ok(Math.abs(steps('held') / steps('plain') - 20 / 15) < 1e-9);
});

test('mistakes of the section have their places and say what to do', async () => {
  const refused = async (tune: string, message: RegExp) => {
    writeFileSync('wrong.yaml', scenarioText({ ...files, tune }));
    const { code, err } = await mycel('tune', 'wrong.yaml', '--jobs', '1', '--workers', '0');
    assert.deepEqual([code, message.test(err)], [2, true], err);
  };
  await refused('', /wrong\.yaml: expected a section tune, such as/);
  await refused(section('  seeds: 1'), /expected every key once/);
  await refused(
    'tune: { options: { nodes: [4] }, seeds: 1 }',
    /tune: expected seeds other than the scenario's, 1/,
  );
  const grid = (rest: string) => `tune: { options: { nodes: [4, 6] }, search: grid, ${rest} }`;
  await refused(grid('trials: 2'), /tune\.trials: expected no trials with search: grid/);
  await refused(
    grid('finals: { seeds: 10002 }'),
    /tune\.finals\.seeds: expected seeds other than tune\.seeds/,
  );
  await refused(grid('finals: { seeds: 1 }'), /tune: expected seeds other than the scenario's, 1/);
  await refused(
    'tune: { options: { nodes: [4] }, search: halving, finals: { seeds: 7 } }',
    /tune\.finals: expected search: random or grid/,
  );
  await refused(
    grid('methods: { alone: { algorithm.batch: { from: 1, to: 9, whole: true } } }'),
    /wrong\.yaml tune: expected a list of values for algorithm\.batch/,
  );
  await refused('tune: { options: {} }', /tune: expected options with candidates for gossip, got none/);
  await refused(
    'tune: { options: { nodes: [4] }, methods: { x: { nodes: [5] } } }',
    /tune\.methods: expected names of variants \(gossip, alone\), got "x"/,
  );
  await refused(
    'tune: { options: { algorithm.speed: [4] } }',
    /wrong\.yaml tune: algorithm\.speed=4 .*unknown option/,
  );
  await refused(
    'tune: { options: { algorithm.batch: { from: 9, to: 1 } } }',
    /wrong\.yaml:\d+:\d+ tune\.options\.\S+ .*expected from below to|expected from below to/,
  );
  await refused(
    'tune: { options: { nodes: [4] }, metric: loss-mean }',
    /tune\.goal: expected the goal, highest or lowest/,
  );
  await refused(
    'tune: { options: { nodes: [4, 6] }, trials: 2, metric: speed, goal: lowest }',
    /tune\.metric: expected a metric of these runs, such as accuracy-mean/,
  );
  writeFileSync('right.yaml', scenarioText({ tune: 'tune: { options: { nodes: [4] } }' }));
  const { err } = await mycel('tune', 'right.yaml', '--write', '/elsewhere/x.yaml');
  assert.match(err, /--write: expected another file in the folder of right\.yaml/);
});
