import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCsvFile } from './csv.js';

async function read(text: string, columns = { required: ['a', 'b'], optional: ['c'] }) {
  const directory = mkdtempSync(join(tmpdir(), 'mycel-csv-'));
  writeFileSync(join(directory, 'x.csv'), text);
  return readCsvFile({ directory, name: 'x.csv', path: 'file' }, columns);
}

test('columns come in any order, and blanks, empty lines, comments and a byte order mark are no cells', async () => {
  const lines = await read('\ufeff# who\nb, a\n\n "1,5" , x # remark\n');
  assert.deepEqual([lines.length, lines[0]!.text('a'), lines[0]!.text('b')], [1, 'x', '1,5']);
  assert.equal(lines[0]!.number('c'), undefined);
});

test('a mistake has the line of the file, whatever is left out above it', async () => {
  const [line] = await read('# first\n\na,b,c\n\n# fifth\n1,2,-3\n');
  assert.equal(line!.number('a'), 1);
  for (const [call, message] of [
    [() => line!.number('c'), 'x.csv:6: expected a number of at least 0 as c, got "-3"'],
    [() => line!.number('b', { least: 3, most: 4 }), 'x.csv:6: expected a number from 3 to 4 as b, got "2"'],
    [() => line!.refuse('no'), 'x.csv:6: no'],
  ] as const) {
    assert.throws(call, { name: 'UsageError', message, path: 'file' });
  }
});

test('what is no CSV file of these columns is refused', async () => {
  for (const [text, message] of [
    ['a\n1\n', /^x\.csv:1: expected the columns a, b\[, c\] in the first line, got no b$/],
    ['a,b,b\n1,2,3\n', /got also "b"$/],
    ['a,b\n1,"2\n', /^expected a CSV file, got x\.csv: Quote Not Closed/],
    ['a,b\n1,2,3\n', /^x\.csv:2: expected 2 cells, as in the first line, got 3$/],
    ['a,b\n', /^expected lines below the first one, got none: x\.csv$/],
  ] as const) {
    await assert.rejects(read(text), { name: 'UsageError', message, path: 'file' });
  }
});
