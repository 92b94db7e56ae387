import assert from 'node:assert/strict';
import { test } from 'node:test';
import { neighborsOf, Random } from 'mycel/plugin';
import { testTopology } from 'mycel/testing';
import topology from './my-topology.js';

test('the topology keeps the laws of all topologies', () => {
  const { built, refused } = testTopology(topology);
  assert.deepEqual(built, [4, 7, 8, 16, 33]);
  assert.deepEqual(
    refused.map(({ nodes }) => nodes),
    [1, 2, 3],
  );
});

test('every other node has a chord to the opposite side', () => {
  const random = new Random('test');
  const { out } = neighborsOf(topology.build({ skip: 2 }, { nodes: 8, random }));
  assert.deepEqual([...(out[0] ?? [])], [1, 4, 7]);
  assert.deepEqual([...(out[1] ?? [])], [0, 2]);
});
