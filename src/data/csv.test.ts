import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { UsageError } from '../errors.js';
import { Random } from '../random.js';
import { testSource } from '../testing/data.js';
import type { Dataset } from './dataset.js';
import { csv } from './sources/csv.js';

async function withFiles<Result>(
  content: Readonly<Record<string, string | Uint8Array>>,
  body: (directory: string) => Promise<Result>,
): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'mycel-csv-'));
  try {
    for (const [name, text] of Object.entries(content)) await writeFile(join(directory, name), text);
    return await body(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Loads `a.csv`, whose samples are all for training, and any `b.csv` for tests. */
function load(text: string | Uint8Array, options: object, tests?: string): Promise<Dataset> {
  return withFiles({ 'a.csv': text, ...(tests !== undefined && { 'b.csv': tests }) }, (directory) => {
    const rest = tests === undefined ? { test: '0%' } : { testFile: 'b.csv' };
    return csv.load(csv.options.parse({ file: 'a.csv', target: 'y', ...rest, ...options }), {
      ...{ directory, nodes: 1, random: new Random('csv') },
    });
  });
}

const TABLE = 'x,color,y\n1,red,b\n3,"light, blue",a\n5,red,b\n';

test('a table is numbers, ones at the places of categories, and classes in the order of their names', async () => {
  const data = await load(TABLE, { categorical: ['color'], standardize: false });
  assert.deepEqual([data.shape, data.train, data.test, data.classes], [[3], 3, 0, 2]);
  assert.deepEqual([...data.features], [1, 0, 1, 3, 1, 0, 5, 0, 1]);
  assert.deepEqual([...data.labels], [1, 0, 1]);
});

test('numbers are standardized by the training samples alone, and categories stay 0 and 1', async () => {
  const data = await load(TABLE, { categorical: ['color'] }, 'y,color,x\na,red,7\n');
  // Mean 3, variance 8/3; the columns of the file of tests are found by their names.
  const one = 2 / Math.sqrt(8 / 3);
  assert.deepEqual([...data.features], [-one, 0, 1, 0, 1, 0, one, 0, 1, 2 * one, 0, 1].map(Math.fround));
  assert.deepEqual([data.train, data.test, data.labels[3]], [3, 1, 0]);
});

test('classes and categories that are numbers are in the order of their values', async () => {
  const data = await load('y,k,x\n10,2,0\n9,10,0\n100,2,0\n', { categorical: ['k'] });
  assert.deepEqual([...data.labels], [1, 0, 2]);
  assert.deepEqual([...data.features], [1, 0, 0, 0, 1, 0, 1, 0, 0]);
});

test('a regression has targets, which can be standardized', async () => {
  const text = 'x;y\n1;10\n2;20\n3;30\n';
  const options = { kind: 'regression', delimiter: ';' };
  const plain = await load(text, options);
  assert.deepEqual([[...plain.targets!], plain.classes], [[10, 20, 30], 0]);
  const scaled = await load(text, { ...options, standardizeTarget: true });
  const one = Math.fround(10 / Math.sqrt(200 / 3));
  assert.deepEqual([...scaled.targets!], [-one, 0, one]);
  await assert.rejects(
    load(TABLE, { categorical: ['color'], standardizeTarget: true }),
    /expected kind: regression/,
  );
});

test('columns can be left out, and one can say whose sample it is', async () => {
  const data = await load('id,who,x,y\n7,ann,1,a\n8,bob,2,b\n9,ann,3,a\n', { omit: ['id'], user: 'who' });
  assert.deepEqual(data.shape, [1]);
  assert.deepEqual([...data.users!], [0, 1, 0]);
});

test('a share of the samples is for tests, a random choice that public samples do not change', async () => {
  const rows = Array.from({ length: 40 }, (_, k) => `${k},${k % 2}`).join('\n');
  await withFiles({ 'a.csv': `x,y\n${rows}\n` }, async (directory) => {
    const options = { file: 'a.csv', target: 'y', standardize: false };
    const all = await testSource(csv, { options, directory });
    assert.deepEqual([all.train, all.test], [30, 10]);
    assert.deepEqual(
      [...all.features].sort((a, b) => a - b),
      Array.from({ length: 40 }, (_, k) => k),
    );
    const some = await testSource(csv, { options: { ...options, train: 12, publicRows: 5 }, directory });
    assert.deepEqual([some.train, some.test, some.publicRows], [12, 10, 5]);
    assert.deepEqual(some.features.slice(12, 22), all.features.slice(30));
  });
});

const refused = (text: string | Uint8Array, message: RegExp, options: object = {}, tests?: string) =>
  assert.rejects(load(text, options, tests), (error) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, message);
    return true;
  });

test('mistakes in a file are refused with the file and the line', async () => {
  await refused(
    'x,y\n1,a\n\n"2,\n3",b\n',
    /a\.csv:5: expected a number in column "x" \(name it in categorical.*got "2,/,
  );
  await refused('x,y\n1,a\n,b\n', /a\.csv:3: expected a number in column "x".*got an empty cell/);
  await refused('x,y\n1,a\n1e99,b\n', /a\.csv:3: expected a number.*got "1e99"/);
  await refused('x,y\n1,a\n2,\n', /a\.csv:3: expected a value in column "y", got an empty cell/);
  await refused('x,y\n1,a\n2\n', /a\.csv:3: expected 2 cells, one for each column, got 1/);
  await refused('x,x,y\n1,1,a\n', /a\.csv:1: expected a different name for each column, got "x" as column 2/);
  await refused('x,y\n1,"a\n', /a\.csv.*expected comma-separated values/);
  await refused('x,y\n', /expected a line with the names of the columns and at least one more, got 1/);
  await refused(Buffer.of(0x78, 0x2c, 0xff), /a\.csv: expected text in UTF-8/);
  await refused('x,y\n1,a\n2,a\n', /at least 2 classes in column "y", got 1/);
});

test('mistakes in the options are refused', async () => {
  await refused(TABLE, /unknown column of .*a\.csv "label".*Known: color, x, y/, { target: 'label' });
  await refused(TABLE, /unknown column of .*"colour".*Did you mean "color"/, { categorical: ['colour'] });
  await refused(TABLE, /got "y", which is the target/, { categorical: ['color', 'y'] });
  await refused(TABLE, /expected a column of features besides the target, got none/, {
    omit: ['x', 'color'],
  });
  await refused(TABLE, /unknown column of .*b\.csv "x"/, { categorical: ['color'] }, 'y,color\na,red\n');
  await refused(TABLE, /b\.csv:1: expected the columns of .*got "z" besides/, {}, 'y,color,x,z\na,red,1,1\n');
  await refused(TABLE, /expected a CSV file .*none\.csv, got: no such file/, { file: 'none.csv' });
});
