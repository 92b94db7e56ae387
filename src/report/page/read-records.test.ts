import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { formatCsv } from '../csv.js';
import { readRecords } from './read-records.js';

const folder = mkdtempSync(join(tmpdir(), 'mycel-records-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'table.csv');

test('records are read as they were written, whatever stands in their cells', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', 'é', '–', ' ', '1') });
  const rows = fc.array(fc.tuple(cell, cell, cell), { minLength: 1 });
  fc.assert(
    fc.property(rows, (cells) => {
      writeFileSync(path, formatCsv([['one', 'two', 'three'], ...cells]));
      const expected = cells.map(([one, , three]) => [three, one]);
      assert.deepEqual([...readRecords(path, ['three', 'one'])], expected);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test('a file that is longer than what is read at once keeps its rows and its characters', () => {
  const rows = Array.from({ length: 200_000 }, (_, k) => ['Zürich–Genève', k]);
  writeFileSync(path, formatCsv([['name', 'number'], ...rows]));
  let k = 0;
  for (const [name, number] of readRecords(path, ['name', 'number'])) {
    assert.ok(name === 'Zürich–Genève' && Number(number) === k, `row ${k}: ${name}, ${number}`);
    k++;
  }
  assert.equal(k, rows.length);
});

test('a file that is missing, lacks a column or ends within quotes is refused', () => {
  const read = (text: string) => {
    writeFileSync(path, text);
    return [...readRecords(path, ['a'])];
  };
  assert.throws(() => read('b,c\r\n1,2\r\n'), { code: 'unreadable-result', message: /no column a/ });
  assert.throws(() => read('a,c\r\n"1,2\r\n'), { code: 'unreadable-result', message: /quote/ });
  assert.throws(() => [...readRecords(join(folder, 'none.csv'), ['a'])], { code: 'unreadable-result' });
});
