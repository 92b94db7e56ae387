import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { split } from '../../test/support/splits.js';
import { UsageError } from '../errors.js';
import type { Shard } from './index.js';

/** The shards of a file over 2 nodes: 10 training rows and 4 test rows. */
function dealt(name: string, text: string): Shard[] {
  const directory = mkdtempSync(join(tmpdir(), 'mycel-split-'));
  try {
    writeFileSync(join(directory, name), text);
    return split('file', { file: join(directory, name) }, { nodes: 2, train: 10, test: 4 });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const rowsOf = (shards: readonly Shard[]) =>
  shards.map(({ train, test: tested }) => [[...train], [...tested]]);

test('a CSV file says which rows each node has; rows are numbered within their part', () => {
  const text = 'row,node,part\n7,0,train\n2,0,train\n3,1,train\n0,0,test\n3,1,test\n0,1,test\n';
  assert.deepEqual(rowsOf(dealt('a.csv', text)), [
    [[2, 7], [10]],
    [[3], [10, 13]],
  ]);
});

test('a JSON file says the same', () => {
  assert.deepEqual(
    rowsOf(dealt('a.json', '[{ "train": [7, 2], "test": [0] }, { "train": [3], "test": [3, 0] }]')),
    [
      [[2, 7], [10]],
      [[3], [10, 13]],
    ],
  );
});

test('without test rows in the file every node is tested on all of them', () => {
  const all = [10, 11, 12, 13];
  assert.deepEqual(rowsOf(dealt('a.json', '[{ "train": [1] }, { "train": [0] }]')), [
    [[1], all],
    [[0], all],
  ]);
});

const refused = (name: string, text: string, message: RegExp) =>
  assert.throws(
    () => dealt(name, text),
    (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.path, 'data.split.file');
      assert.match(error.message, message);
      return true;
    },
  );

test('mistakes in a file are refused with their place', () => {
  const head = 'node,part,row\n0,train,0\n1,train,1\n';
  refused(
    'a.csv',
    `${head}1,train,0\n`,
    /a\.csv:4: expected each training row once, got row 0 again, which node 0 has/,
  );
  refused(
    'a.csv',
    `${head}1,test,0\n1,test,0\n`,
    /a\.csv:5: expected each test row once for a node, got row 0 again/,
  );
  refused('a.csv', `${head}2,train,5\n`, /a\.csv:4: expected a node from 0 to 1, got 2/);
  refused('a.csv', `${head}0,train,10\n`, /a\.csv:4: expected a row of the train part, from 0 to 9, got 10/);
  refused('a.csv', `${head}0,test,4\n`, /a row of the test part, from 0 to 3, got 4/);
  refused('a.csv', `${head}0,valid,1\n`, /expected train or test as part, got "valid"/);
  refused('a.csv', `${head}0,train,1.5\n`, /expected a whole number as row, got "1\.5"/);
  refused('a.csv', 'node,part,row\n0,train,0\n', /a training row for each node, got none for node 1/);
  refused('a.csv', 'node,row\n0,0\n', /unknown column of .*a\.csv "part"/);
  refused(
    'a.json',
    '[{ "train": [0] }, { "train": [0.5] }]',
    /1\.train\.0: expected a row of the train part/,
  );
  refused('a.json', '{ "train": [0] }', /a list of \{ train: \[rows\], test: \[rows\] \}/);
  refused('a.json', '[{ "tarin": [0] }]', /at 0/);
  refused('a.json', '[', /expected a JSON file/);
  refused('a.txt', '', /whose name ends in \.csv or \.json, got "\.txt"/);
});
