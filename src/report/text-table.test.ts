import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTable } from './text-table.js';

const columns = ['topology', 'accuracy', { title: 'bytes', align: 'left' }] as const;
const rows = [
  ['ring', '91.2 %', 1234],
  ['complete | µ', '9.1 %', undefined],
];

test('columns are as wide as their widest cell, numbers are aligned right, and no line ends in spaces', () => {
  assert.equal(
    formatTable(columns, rows),
    [
      'topology      accuracy  bytes',
      '------------  --------  -----',
      'ring            91.2 %  1234',
      'complete | µ     9.1 %',
      '',
    ].join('\n'),
  );
});

test('the Markdown form marks the alignment and escapes bars', () => {
  assert.equal(
    formatTable(columns, rows, 'markdown'),
    [
      '| topology      | accuracy | bytes |',
      '| ------------- | -------: | ----- |',
      '| ring          |   91.2 % | 1234  |',
      '| complete \\| µ |    9.1 % |       |',
      '',
    ].join('\n'),
  );
});

test('a column of numbers and dashes is numeric, one with a word is not', () => {
  const table = formatTable(
    ['a', 'bb', 'c'],
    [
      [1, 'NaN', 'x1'],
      ['–', -2, 3],
      [undefined, '±0.5', 10],
    ],
  );
  assert.equal(
    table,
    ['a    bb  c', '-  ----  --', '1   NaN  x1', '–    -2  3', '   ±0.5  10', ''].join('\n'),
  );
});

test('a cell with a newline stays on one line, and a table without rows has its header', () => {
  assert.equal(formatTable(['a'], [['x\ny']]), 'a\n---\nx y\n');
  assert.equal(formatTable(['ab', 'c'], []), 'ab  c\n--  -\n');
  assert.equal(formatTable(['a'], [], 'markdown'), '| a   |\n| --- |\n');
});
