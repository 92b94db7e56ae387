import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatCsv, MetricsWriter, writeTable } from './csv.js';
import { PartialFile } from './partial-file.js';
import type { Cell } from './tables.js';

const folder = mkdtempSync(join(tmpdir(), 'mycel-csv-'));
test.after(() => rmSync(folder, { recursive: true }));

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

test('metrics.csv has one header line, and empty fields where round or node do not apply', () => {
  const file = new PartialFile(join(folder, 'metrics.csv'));
  const writer = new MetricsWriter(file);
  writer.write({ time: 0, round: 0, node: 0, metric: 'accuracy', value: 0.1 });
  writer.write({ time: 12_000_000_000_000, metric: 'sent, in all', value: 1e21 });
  writer.flush();
  file.commit();
  assert.equal(
    readFileSync(file.path, 'utf8'),
    'time_ns,round,node,metric,value\r\n0,0,0,accuracy,0.1\r\n12000000000000,,,"sent, in all",1e+21\r\n',
  );
});

test('a table has its header line even without rows, and its columns in the order given', () => {
  const path = join(folder, 'traffic.csv');
  writeTable(path, ['to', 'from'], []);
  assert.equal(readFileSync(path, 'utf8'), 'to,from\r\n');
  writeTable(path, ['to', 'from'], [{ from: 1, to: 2 }, { from: 3 }]);
  assert.equal(readFileSync(path, 'utf8'), 'to,from\r\n2,1\r\n,3\r\n');
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
  const path = join(folder, 'long.csv');
  const rows = Array.from({ length: 5000 }, (_, i) => ({ i, text: 'x'.repeat(i % 40) }));
  writeTable(path, ['i', 'text'], rows);
  const read = parseCsv(readFileSync(path, 'utf8'));
  assert.equal(read.length, 5001);
  assert.deepEqual(read[4999], ['4998', 'x'.repeat(38)]);
});

test('equal rows give byte-identical files', () => {
  const rows = Array.from({ length: 3000 }, (_, i) => ({ i, value: Math.sqrt(i) }));
  writeTable(join(folder, 'one.csv'), ['i', 'value'], rows);
  writeTable(join(folder, 'two.csv'), ['i', 'value'], rows.values());
  assert.deepEqual(readFileSync(join(folder, 'one.csv')), readFileSync(join(folder, 'two.csv')));
});

test('a row with a column that the header lacks fails an assertion, and leaves no file', () => {
  const path = join(folder, 'bad.csv');
  const wide = [{ a: 1, b: 2 }];
  const rows: { a: number }[] = wide;
  assert.throws(() => writeTable(path, ['a'], rows), /bad.csv: expected rows with the columns a, got "b"/);
  assert.equal(existsSync(path), false);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.partial')),
    [],
  );
});
