/** Made-up results: intervals against scipy 1.15, `stats.t.interval(0.95, n - 1, mean, sem)`. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { writeMadeResults } from '../../../test/support/made-results.js';
import { workIn } from '../../../test/support/work-in.js';
import { rowsOf } from '../../page/charts/rows.js';
import type { PageResult } from './group.js';
import { pageData } from './index.js';

workIn('mycel-over-seeds-');
const flat = { roundBytes: 1000, roundTime: 2e9 };
const runs = [
  {
    ...flat,
    variant: 'ring',
    seed: 1,
    accuracy: [
      [0.1, 0.1],
      [0.3, 0.5],
      [0.8, 0.6],
    ],
  },
  {
    ...flat,
    variant: 'ring',
    seed: 2,
    accuracy: [
      [0.1, 0.1],
      [0.5, 0.5],
      [0.8, 0.8],
    ],
    roundTime: 4e9,
  },
  // Ends a round earlier.
  {
    ...flat,
    variant: 'star',
    seed: 2,
    accuracy: [
      [0.1, 0.1],
      [0.9, 0.9],
    ],
    roundBytes: 5000,
  },
  {
    ...flat,
    variant: 'star',
    seed: 3,
    accuracy: [
      [0.1, 0.1],
      [0.9, 0.7],
      [1, 1],
    ],
    roundBytes: 5000,
  },
] as const;
const results = writeMadeResults('results', runs).map((folder): PageResult => {
  return { folder, commands: {}, summary: JSON.parse(readFileSync(`${folder}/summary.json`, 'utf8')) };
});
const { tables } = await pageData(results);
const near = (got: unknown, expected: number) =>
  assert.ok(
    Math.abs(Number(got) - expected) <= 1e-3 * Math.abs(expected),
    `expected ${expected}, got ${got}`,
  );

test('curves have means and 95 % intervals over seeds, at the bytes of the rounds before', () => {
  const rows = rowsOf(tables.curves!).filter(
    ({ group, metric }) => group === 'ring' && metric === 'accuracy-mean',
  );
  assert.deepEqual(
    rows.map(({ round }) => round),
    [0, 1, 2],
  );
  assert.deepEqual(
    rows.map(({ sent_bytes }) => sent_bytes),
    [0, 1000, 2000],
  );
  assert.deepEqual(
    rows.map(({ time_ns }) => time_ns),
    [0, 3e9, 6e9],
  );
  near(rows[1]!.mean, 0.45);
  near(rows[1]!.margin, 0.6353);
});

test('a measurement that a seed lacks is on no curve', () => {
  const rounds = rowsOf(tables.curves!)
    .filter(({ group, metric }) => group === 'star' && metric === 'accuracy-mean')
    .map(({ round }) => round);
  assert.deepEqual(rounds, [0, 1]);
});

test('groups are compared over the seeds that both have', () => {
  const rows = rowsOf(tables.estimates!);
  const [ring, star] = ['ring', 'star'].map((group) =>
    rows.find((row) => row.group === group && row.figure === 'accuracy-mean'),
  );
  near(ring!.mean, 0.75);
  near(ring!.margin, 0.6353);
  near(star!.mean, 0.95);
  assert.equal(star!.pairs, 1);
  near(star!.difference, 0.1);
  assert.ok(Number.isNaN(star!.difference_margin));
  assert.equal(ring!.pairs, 0);
  const sent = rows.find((row) => row.group === 'star' && row.figure === 'sent_bytes');
  near(sent!.mean, 7500);
});

test('bytes add up by part and by type to what was sent', () => {
  const rows = rowsOf(tables.bytes!).filter(({ group }) => group === 'star');
  const sum = (by: string) =>
    rows.reduce((total, row) => (row.by === by ? total + Number(row.bytes) : total), 0);
  assert.equal(sum('part'), 7500);
  assert.equal(sum('type'), 7500);
  assert.deepEqual(
    new Set(rows.map(({ kind }) => kind)),
    new Set(['values', 'index', 'header', 'model', 'mask']),
  );
});
