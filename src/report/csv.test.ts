import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatCsv, TableWriter } from './csv.js';
import { OutputFile } from './output-file.js';
import type { Cell, Row } from './tables.js';

const folder = mkdtempSync(join(tmpdir(), 'mycel-csv-'));
test.after(() => rmSync(folder, { recursive: true }));

/** A new file with this table. */
function written<Column extends string>(
  name: string,
  columns: readonly Column[],
  rows: Iterable<Row<Column>>,
): string {
  const file = new OutputFile(join(folder, name));
  const table = new TableWriter(file, columns);
  for (const row of rows) table.write(row);
  table.flush();
  file.close();
  return readFileSync(file.path, 'utf8');
}

/** A reader of RFC 4180 that knows nothing of the writer. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  while (field.lastIndex < text.length) {
    const match = field.exec(text);
    assert.ok(match, 'well-formed CSV');
    rows.at(-1)!.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
    if (match[3] !== ',') rows.push([]);
  }
  rows.pop();
  return rows;
}

test('rows that need no quotes are the same, whether they are written in short or by the library', () => {
  const plain = fc.oneof(
    fc.constantFrom(undefined, true, 'model', '3>4', 'a.b-c_d'),
    fc.double(),
    fc.integer(),
  );
  const records = fc.array(fc.array(plain, { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(records, (some) => {
      // A field with a comma makes the library write all of them.
      const byLibrary = formatCsv([...some, ['needs, quotes', 1]]);
      assert.equal(formatCsv(some), byLibrary.replace('"needs, quotes",1\r\n', ''));
    }),
  );
});

test('a table that is continued has one header line', () => {
  const path = join(folder, 'continued.csv');
  const columns = ['a', 'b'] as const;
  const file = new OutputFile(path);
  const table = new TableWriter(file, columns);
  table.write({ a: 1, b: 2 });
  table.flush();
  const length = file.sync();
  table.write({ a: 3 });
  table.flush();
  file.close();
  const again = new OutputFile(path, length);
  const rest = new TableWriter(again, columns, { isContinued: true });
  rest.write({ b: 4 });
  rest.flush();
  again.close();
  assert.equal(readFileSync(path, 'utf8'), 'a,b\r\n1,2\r\n,4\r\n');
});

test('a table has its header line even without rows, and its columns in the order given', () => {
  assert.equal(written('empty.csv', ['to', 'from'], []), 'to,from\r\n');
  assert.equal(
    written('ordered.csv', ['to', 'from'], [{ from: 1, to: 2 }, { from: 3 }]),
    'to,from\r\n2,1\r\n,3\r\n',
  );
});

test('numbers have the shortest form that is read back as the same number, and non-finite ones a name', () => {
  const numbers = [0.1 + 0.2, 5e-324, 2 ** 53 - 1, Number.NaN, Infinity, -Infinity];
  assert.equal(
    formatCsv([numbers]),
    '0.30000000000000004,5e-324,9007199254740991,NaN,Infinity,-Infinity\r\n',
  );
  assert.equal(formatCsv([[true, false, undefined, '']]), 'true,false,,\r\n');
});

test('any cells are read back from the file as they were written', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom(',', '"', '\r', '\n', ' ', 'a', 'µ') }),
  );
  const cell = fc.oneof(text, fc.double(), fc.boolean(), fc.constant(undefined));
  const records = fc.array(fc.array(cell, { minLength: 2, maxLength: 3 }), { maxLength: 5 });
  fc.assert(
    fc.property(records, (list: Cell[][]) => {
      const expected = list.map((row) => row.map((value) => (value === undefined ? '' : String(value))));
      assert.deepEqual(parseCsv(formatCsv(list)), expected);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('a table longer than one flush has every row once', () => {
  const rows = Array.from({ length: 5000 }, (_, i) => ({ i, text: 'x'.repeat(i % 40) }));
  const read = parseCsv(written('long.csv', ['i', 'text'], rows));
  assert.equal(read.length, 5001);
  assert.deepEqual(read[4999], ['4998', 'x'.repeat(38)]);
});

test('equal rows give byte-identical files', () => {
  const rows = Array.from({ length: 3000 }, (_, i) => ({ i, value: Math.sqrt(i) }));
  assert.equal(written('one.csv', ['i', 'value'], rows), written('two.csv', ['i', 'value'], rows.values()));
});

test('a row with a column that the header lacks fails an assertion', () => {
  const wide = [{ a: 1, b: 2 }];
  const rows: { a: number }[] = wide;
  assert.throws(() => written('bad.csv', ['a'], rows), /bad.csv: expected rows with the columns a, got "b"/);
});
