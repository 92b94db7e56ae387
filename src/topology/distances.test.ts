import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diameter } from './distances.js';
import type { Neighbors } from './neighbors.js';

/** The topology with these receivers of each node. */
function to(...out: number[][]): Neighbors {
  const incoming = out.map((_, node) => out.flatMap((list, from) => (list.includes(node) ? [from] : [])));
  return {
    nodes: out.length,
    out: out.map((list) => Int32Array.from(list)),
    in: incoming.map((list) => Int32Array.from(list)),
  };
}

test('the diameter is the longest shortest path along the links', () => {
  assert.deepEqual(diameter(to([])), { links: 0, isExact: true });
  assert.deepEqual(diameter(to([1], [0, 2], [1, 3], [2])), { links: 3, isExact: true });
  assert.deepEqual(diameter(to([1], [2], [3], [4], [0])), { links: 4, isExact: true });
  assert.equal(diameter(to([1, 4], [0, 2], [1, 3], [2, 4], [3, 0])).links, 2);
});

test('where a node cannot be reached the diameter is infinite', () => {
  assert.equal(diameter(to([1], [0], [3], [2])).links, Number.POSITIVE_INFINITY);
  assert.equal(diameter(to([1], [])).links, Number.POSITIVE_INFINITY);
});

test('of a topology with very many links the diameter is a lower bound', () => {
  const ring = to(...Array.from({ length: 20 }, (_, node) => [(node + 1) % 20]));
  const nodes = 20_000;
  const out = Array.from({ length: nodes }, (_, node) => Int32Array.of((node + 1) % nodes));
  assert.deepEqual(diameter({ nodes, out, in: out }), { links: nodes - 1, isExact: false });
  assert.deepEqual(diameter(ring), { links: 19, isExact: true });
});
