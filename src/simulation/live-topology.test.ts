import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Neighbors } from '../topology/neighbors.js';
import { LiveTopology } from './live-topology.js';

/** 0 — 1 — 2. */
const path = (): Neighbors => {
  const lists = [[1], [0, 2], [1]].map((list) => Int32Array.from(list));
  return { nodes: 3, in: lists, out: lists };
};

const listsOf = (topology: LiveTopology, nodes: number) =>
  Array.from({ length: nodes }, (_, node) => {
    const { in: incoming, out } = topology.of(node);
    return { in: [...incoming], out: [...out] };
  });

test('a new link is in the lists of both its ends, in order, and in no other list', () => {
  const topology = new LiveTopology(path(), 'uniform');
  assert.equal(topology.connect(2, 0), true);
  assert.equal(topology.connect(2, 0), false);
  assert.deepEqual(listsOf(topology, 3), [
    { in: [1, 2], out: [1] },
    { in: [0, 2], out: [0, 2] },
    { in: [1], out: [0, 1] },
  ]);
  assert.equal(topology.disconnect(1, 0), true);
  assert.equal(topology.disconnect(1, 0), false);
  assert.deepEqual([...topology.of(0).in], [2]);
});

test('a list that was handed out does not change', () => {
  const topology = new LiveTopology(path(), 'uniform');
  const before = topology.of(0);
  topology.connect(0, 2);
  assert.deepEqual([...before.out], [1]);
});

test('mixing weights follow the topology', () => {
  const topology = new LiveTopology(path(), 'metropolis-hastings');
  assert.deepEqual([...topology.mixing(0).neighbors], [1 / 3]);
  topology.connect(0, 2);
  topology.connect(2, 0);
  assert.deepEqual([...topology.mixing(0).neighbors], [1 / 3, 1 / 3]);
  assert.equal(topology.weight(2, 0), 1 / 3);
  topology.disconnect(0, 2);
  topology.disconnect(2, 0);
  assert.equal(topology.weight(2, 0), undefined);
  assert.equal(topology.mixing(0).self, 1 - 1 / 3);
});

test('an algorithm without a mixing rule has no weights', () => {
  const topology = new LiveTopology(path(), undefined);
  assert.equal(topology.weight(0, 1), undefined);
  assert.throws(() => topology.mixing(0), /a function `mixing`, which names its mixing rule/);
});

test('after any changes the lists are those of a plain set of links, also for a saved topology', () => {
  const nodes = 5;
  const pair = fc.tuple(fc.nat(nodes - 1), fc.nat(nodes - 1)).filter(([from, to]) => from !== to);
  const change = fc.tuple(fc.boolean(), pair);
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), fc.nat(30), (changes, restart) => {
      const none = Array.from({ length: nodes }, () => new Int32Array(0));
      const empty: Neighbors = { nodes, in: none, out: none };
      let topology = new LiveTopology(empty, 'uniform');
      const links = new Set<string>();
      for (const [i, [add, [from, to]]] of changes.entries()) {
        const link = `${from}>${to}`;
        if (add) {
          assert.equal(topology.connect(from, to), !links.has(link));
          links.add(link);
        } else {
          assert.equal(topology.disconnect(from, to), links.delete(link));
        }
        if (i === restart) {
          const saved = structuredClone(topology.save());
          topology = new LiveTopology(empty, 'uniform');
          topology.load(saved);
        }
      }
      const all = [...Array(nodes).keys()];
      assert.deepEqual(
        listsOf(topology, nodes),
        all.map((node) => ({
          in: all.filter((other) => links.has(`${other}>${node}`)),
          out: all.filter((other) => links.has(`${node}>${other}`)),
        })),
      );
    }),
    { seed: 1, numRuns: 200 },
  );
});
