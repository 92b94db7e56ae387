/** All results of a scenario in one table, which nobody has to ask for, and which other programs read. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readCsv } from '../src/report/read-table.js';
import { mycel } from './support/cli.js';
import { scenarioText } from './support/scenario-base.js';
import { workIn } from './support/work-in.js';

workIn('mycel-tables-');
const root = fileURLToPath(new URL('../..', import.meta.url));
const compare = { compare: 'compare: { network.drop: [0%, 5%] }', measure: 'measure: { target: 50% }' };
const algorithm = 'algorithm: { use: d-psgd, localSteps: 1, batch: 8, deadline: 1s }';
writeFileSync('many.yaml', scenarioText({ algorithm, ...compare }));

const run = (...args: string[]) => mycel('run', 'many.yaml', '--workers', '0', '--backend', 'cpu', ...args);

test('runs add up to one table with what differs between them as columns, and their metrics to another', async () => {
  assert.equal((await run('--seed', '1..2', '--quiet')).code, 0);
  assert.equal((await run('--seed', '10', '--quiet')).code, 0);
  const runs = readCsv('results/many/runs.csv');
  assert.deepEqual(
    runs.map(({ variant, seed }) => [variant, seed]),
    ['0pct', '5pct'].flatMap((name) => ['1', '2', '10'].map((seed) => [name, seed])),
  );
  assert.deepEqual(new Set(runs.map((row) => row['network.drop'])), new Set(['0%', '5%']));
  for (const { folder, sent_bytes, params, 'accuracy-mean': accuracy, ...row } of runs) {
    const summary = JSON.parse(readFileSync(`${folder}/summary.json`, 'utf8')) as Record<string, never>;
    const { traffic, fingerprints, final, target } = summary as unknown as {
      traffic: { bytes: { sent: number } };
      fingerprints: { params: string };
      final: Record<string, number>;
      target: { sent_bytes?: number };
    };
    assert.equal(Number(sent_bytes), traffic.bytes.sent);
    assert.equal(params, fingerprints.params);
    assert.equal(Number(accuracy), final['accuracy-mean']);
    assert.equal(row.bytes_to_target, String(target.sent_bytes ?? ''));
  }
  const metrics = readCsv('results/many/metrics.csv');
  const own = readCsv(`${runs[0]!.folder}/metrics.csv`);
  assert.deepEqual(
    metrics.slice(0, own.length),
    own.map((row) => ({ variant: runs[0]!.variant, seed: '1', ...row })),
  );
  assert.equal((await mycel('table', 'results/many', '--out', 'both')).code, 0);
  assert.equal(readFileSync('both/runs.csv', 'utf8'), readFileSync('results/many/runs.csv', 'utf8'));
});

test('a result of another scenario is not replaced without --force, and one of the same is', async () => {
  const before = readFileSync('results/many/runs.csv', 'utf8');
  const { code, err } = await run('--set', 'nodes=5');
  assert.equal(code, 2);
  assert.match(
    err,
    /cannot write results.many.*another scenario \(nodes was 4 and is 5\). Expected another --out, or --force/,
  );
  assert.equal((await run('--quiet')).code, 0);
  assert.equal(readFileSync('results/many/runs.csv', 'utf8'), before);
  assert.equal((await run('--set', 'nodes=5', '--force', '--quiet')).code, 0);
  assert.match(
    readFileSync('results/many/runs.csv', 'utf8'),
    /network\.drop,nodes,seed|nodes,network\.drop,seed/,
  );
});

test('polars and DuckDB read the Parquet tables, and the file that ships draws curves of them', (context) => {
  const python = process.env.MYCEL_PYTHON ?? 'python3';
  const has = spawnSync(python, ['-c', 'import polars, duckdb']);
  if (has.status !== 0)
    return context.skip(`${python} has no polars and duckdb; MYCEL_PYTHON may name one that has`);
  const script = [
    'import sys; sys.path.insert(0, sys.argv[1])',
    'from mycel_results import curve, runs',
    'import duckdb, json',
    'table = runs("results/many")',
    'counted = duckdb.sql("select count(*), sum(sent_bytes) from \'results/many/runs.parquet\'").fetchall()[0]',
    'print(json.dumps([table.height, table["sent_bytes"].sum(), counted, curve("results/many").height]))',
  ].join('\n');
  const { stdout, stderr } = spawnSync(python, ['-c', script, `${root}/scripts`], { encoding: 'utf8' });
  const rows = readCsv('results/many/runs.csv');
  const sum = rows.reduce((total, row) => total + Number(row.sent_bytes), 0);
  assert.deepEqual(JSON.parse(stdout || '0'), [rows.length, sum, [rows.length, sum], 2 * 4], stderr);
});
