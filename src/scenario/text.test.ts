import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readText } from './text.js';

const TEXT = `# a comment
nodes: 4
data:
  use: blobs
  split: { use: iid, "odd key": [1, 20] }
faults:
  - use: node-down
    node: 3
empty:
`;

test('a value is located by line and column, a key by its own', () => {
  const { locate } = readText(TEXT);
  assert.deepEqual(locate(['nodes'], 'value'), { line: 2, column: 8 });
  assert.deepEqual(locate(['nodes'], 'key'), { line: 2, column: 1 });
  assert.deepEqual(locate(['data', 'split', 'odd key', 1], 'value'), { line: 5, column: 37 });
  assert.deepEqual(locate(['faults', 0, 'node'], 'value'), { line: 8, column: 11 });
  assert.deepEqual(locate(['faults', '0', 'node'], 'value'), { line: 8, column: 11 });
});

test('a missing value is located at the innermost value around it', () => {
  const { locate } = readText(TEXT);
  assert.deepEqual(locate(['data', 'split', 'alpha'], 'key'), { line: 5, column: 10 });
  assert.deepEqual(locate(['faults', 7, 'at'], 'value'), { line: 7, column: 3 });
  assert.deepEqual(locate(['empty'], 'value'), { line: 9, column: 1 });
  assert.deepEqual(locate(['nowhere', 'at', 'all'], 'value'), { line: 2, column: 1 });
  assert.deepEqual(readText('').locate(['seed'], 'value'), { line: 1, column: 1 });
});

test('a value behind an alias is located where it is written', () => {
  const { value, locate } = readText('a: &link { value: 5 }\nb: *link\n');
  assert.deepEqual(value, { a: { value: 5 }, b: { value: 5 } });
  assert.deepEqual(locate(['b', 'value'], 'value'), { line: 1, column: 19 });
});

test('every mistake in the text is reported with its place', () => {
  const faults = (text: string) =>
    readText(text).faults.map(({ at, message }) => `${at.line}:${at.column} ${message}`);
  assert.deepEqual(faults('a: 1\nb:\n\tc: 2\na: 3\n'), [
    '3:1 expected spaces as indentation, got a tab',
    '4:1 expected every key once, got this key a second time',
  ]);
  assert.deepEqual(faults('a: 1\n---\nb: 2\n'), ['2:1 expected one document, got a second one']);
  assert.match(faults('a: [1,')[0]!, /^1:7 expected valid YAML, got: /);
  assert.match(faults('a: !shape 3')[0]!, /^1:4 expected valid YAML, got: Unresolved tag/);
  assert.match(faults('a: *nothing')[0]!, /expected valid YAML, got: Unresolved alias/);
  assert.deepEqual(faults('a: 1\nb: &b { c: [1, *b] }\n'), [
    '2:16 expected an alias of another value, got *b, which is a part of itself',
  ]);
  assert.deepEqual(faults('a: &a [1, 2]\nb: [*a, *a]\n'), []);
});

test('a text that is too large or too deep for the parser is refused before it is parsed', () => {
  const levels = Array.from({ length: 600 }, (_, i) => `${' '.repeat(i)}a:`).join('\n');
  for (const text of ['['.repeat(1e5), '{a: '.repeat(1e5), '- '.repeat(1e5), '? '.repeat(1e5), levels])
    assert.match(readText(text).faults[0]!.message, /^expected values nested at most 500 deep$/);
  assert.match(
    readText('a'.repeat(5e6)).faults[0]!.message,
    /^expected a text of at most 4000000 characters/,
  );
  assert.deepEqual(readText(`${'['.repeat(400)}${']'.repeat(400)}`).faults, []);
});

test('any JSON is read, and every value is located where it is', () => {
  const json = fc.jsonValue({ maxDepth: 3 }).filter((value) => !JSON.stringify(value).includes('__proto__'));
  fc.assert(
    fc.property(json, (value) => {
      const read = readText(JSON.stringify({ value }));
      assert.deepEqual(read.faults, []);
      assert.equal(JSON.stringify(read.value), JSON.stringify({ value }));
      assert.deepEqual(read.locate(['value'], 'value'), { line: 1, column: 10 });
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('a key that is a map or a list is refused, at once at any depth', () => {
  const faultOf = (text: string) => readText(text).faults.map(({ at, message }) => ({ ...at, message }));
  const message = 'expected a key that is text, got a list';
  assert.deepEqual(faultOf('a: 1\n? [b, c]\n: 2\n'), [{ line: 2, column: 3, message }]);
  assert.deepEqual(faultOf('{ {b: 1}: 2 }\n'), [
    { line: 1, column: 3, message: 'expected a key that is text, got a map' },
  ]);
  // The text of such a key was once made for each of its levels, which took 4 seconds.
  const [first, ...more] = faultOf(`a:\n  ${'? '.repeat(400)}1\n`);
  assert.match(first!.message, /^expected a key that is text, got a map$/);
  assert.equal(more.length, 398);
});
