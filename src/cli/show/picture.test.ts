import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitPicture } from './picture.js';

test('the more rows of a class a node has, the darker its cell; any row can be seen', () => {
  assert.deepEqual(
    splitPicture([
      [8, 0, 1],
      [4, 6, 0],
    ]),
    ['   node   0  1  2   rows', '      0  ██    ░░        9', '      1  ▒▒ ▓▓          10'],
  );
});

test('many nodes and classes fit into 80 columns: nodes are chosen evenly, classes joined', () => {
  const lines = splitPicture(
    Array.from({ length: 100 }, (_, node) => Array.from({ length: 200 }, (_, k) => (k === node ? 1 : 0))),
  );
  assert.equal(lines.length, 1 + 24 + 1);
  assert.ok(lines.every((line) => line.length <= 80));
  assert.match(lines[0]!, /classes 0 to 199, 4 a column/);
  assert.match(lines[1]!, /^ {6}0 {2}█ +1$/);
  assert.match(lines[24]!, /^ {5}99 {2} {24}█ +1$/);
  assert.equal(lines[25], '  (24 of 100 nodes)');
});

test('one node and one class are drawn too', () => {
  assert.deepEqual(splitPicture([[0]]), ['   node   0   rows', '      0            0']);
});
