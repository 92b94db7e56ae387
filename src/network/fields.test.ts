import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NODES_MAX, nodeSet, positiveDuration, refuseUnknownNodes } from './fields.js';

const nodes = (value: unknown) => nodeSet().safeParse(value).data;

test('nodes are numbers and ranges, ascending and each once', () => {
  assert.deepEqual(nodes([5, 3, 5, 0]), [0, 3, 5]);
  assert.deepEqual(nodes('7, 0-3,2'), [0, 1, 2, 3, 7]);
  assert.deepEqual([nodes('4'), nodes(' 4 - 4 ')], [[4], [4]]);
  assert.deepEqual([nodes([0]), nodes('10, 9')], [[0], [9, 10]]);
});

test('what names no nodes, or more than a run can have, is refused', () => {
  for (const wrong of [[], [-1], [0.5], '', '3-2', '1,', 'x', '1-2-3', '12345678', 4]) {
    assert.equal(nodes(wrong), undefined, JSON.stringify(wrong));
  }
  const [issue] = nodeSet().safeParse('3-2').error!.issues;
  assert.equal(issue!.message, 'expected nodes such as [3, 5] or "0-3, 7", got "3-2"');
  assert.equal(nodes(`0-${NODES_MAX - 1}`)!.length, NODES_MAX);
  assert.deepEqual([nodes(`0-${NODES_MAX}`), nodes(`${NODES_MAX}`)], [undefined, undefined]);
  assert.deepEqual(nodes(`${NODES_MAX - 1}`), [NODES_MAX - 1]);
  assert.equal(nodes(`0-${NODES_MAX - 1},0-5`), undefined);
});

test('a positive duration is above zero', () => {
  assert.equal(positiveDuration('pause').parse('1ns'), 1);
  const [issue] = positiveDuration('pause').safeParse('0s').error!.issues;
  assert.equal(issue!.message, 'expected a pause above zero');
});

test('the first node that a run does not have is refused', () => {
  assert.doesNotThrow(() => refuseUnknownNodes([0, 3], 4, 'p'));
  assert.throws(() => refuseUnknownNodes([0, 4, 9], 4, 'p'), {
    code: 'unknown-node',
    path: 'p',
    message: 'expected nodes from 0 to 3, got 4',
  });
});
