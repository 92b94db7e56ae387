import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatJson, formatSummary, NdjsonWriter } from './json.js';
import { OutputFile } from './output-file.js';

const folder = mkdtempSync(join(tmpdir(), 'mycel-json-'));
test.after(() => rmSync(folder, { recursive: true }));

test('a summary keeps the order of its keys, is indented by two and ends in a newline', () => {
  assert.equal(
    formatSummary({ seed: 1, backend: 'wasm', absent: undefined, totals: { b: 1, a: [2] } }),
    '{\n  "seed": 1,\n  "backend": "wasm",\n  "totals": {\n    "b": 1,\n    "a": [\n      2\n    ]\n  }\n}\n',
  );
});

test('numbers that JSON does not have are strings, and typed arrays are lists', () => {
  assert.equal(formatJson([Number.NaN, Infinity, -Infinity, null]), '["NaN","Infinity","-Infinity",null]');
  assert.equal(
    formatJson({ x: new Float32Array([1, Number.NaN]), y: new Int32Array(0) }),
    '{"x":[1,"NaN"],"y":[]}',
  );
  assert.equal(formatJson(Object.assign(Object.create(null), { a: 1 })), '{"a":1}');
});

test('a value that is not plain data is refused instead of being left out', () => {
  for (const bad of [new Map(), 1n, () => 1, new Set(), Symbol('s')]) {
    assert.throws(() => formatJson({ field: bad }), { name: 'AssertionError', message: /field "field"/ });
  }
});

test('a trace has one value per line', () => {
  const file = new OutputFile(join(folder, 'trace.ndjson'));
  const trace = new NdjsonWriter(file);
  trace.write({ time: 1, kind: 'a\nb' });
  trace.write([2]);
  file.close();
  assert.equal(readFileSync(file.path, 'utf8'), '{"time":1,"kind":"a\\nb"}\n[2]\n');
});
