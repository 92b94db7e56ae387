import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Dataset } from '../../data/dataset.js';
import { Random } from '../../random.js';
import { publicBatch, studentsOf, teachersOf } from './draws.js';

const dataset = { id: 'test', train: 10, test: 5, publicRows: 7 } as Dataset;
const node = (seed = '1') => ({
  constant: () => dataset,
  publicRandom: (name: string) => new Random(`${seed}/${name}`),
});

test('public batches follow each other through shuffles of all public rows', () => {
  const rows = Array.from({ length: 14 }, (_, number) => [...publicBatch(node(), number, 3)]).flat();
  for (let pass = 0; pass < 6; pass++) {
    const sorted = rows.slice(7 * pass, 7 * (pass + 1)).sort((a, b) => a - b);
    assert.deepEqual(sorted, [15, 16, 17, 18, 19, 20, 21]);
  }
  assert.notDeepEqual(rows.slice(0, 7), rows.slice(7, 14));
});

test('a batch may be longer than the public rows, and depends only on the seed and its number', () => {
  assert.equal(publicBatch(node(), 0, 20).length, 20);
  assert.deepEqual(publicBatch(node(), 5, 4), publicBatch(node(), 5, 4));
  assert.notDeepEqual(publicBatch(node('2'), 5, 7), publicBatch(node(), 5, 7));
});

test('data without public rows are refused', () => {
  const bare = { ...node(), constant: () => ({ ...dataset, publicRows: 0 }) };
  assert.throws(() => publicBatch(bare, 0, 3), { name: 'UsageError', code: 'no-public-rows' });
});

/** Contexts of all nodes of a directed graph, given by links [from, to]. */
function nodesOf(count: number, links: readonly (readonly [number, number])[], round: number) {
  const list = (of: (link: readonly [number, number]) => number | undefined) =>
    Int32Array.from(new Set(links.map(of).filter((id) => id !== undefined))).sort((a, b) => a - b);
  const neighborsOf = (id: number) => ({
    in: list(([from, to]) => (to === id ? from : undefined)),
    out: list(([from, to]) => (from === id ? to : undefined)),
  });
  const publicRandom = (name: string) => new Random(name);
  return Array.from({ length: count }, (_, id) => ({
    id,
    round,
    neighbors: neighborsOf(id),
    neighborsOf,
    publicRandom,
  }));
}

const link = fc.tuple(fc.nat(5), fc.nat(5)).filter(([from, to]) => from !== to);

test('teachers and students draw the same pairs, along links of the topology', () => {
  fc.assert(
    fc.property(fc.array(link), fc.integer({ min: 1, max: 4 }), fc.nat(9), (links, wanted, round) => {
      const nodes = nodesOf(6, links, round);
      for (const student of nodes) {
        const teachers = teachersOf(student, student.id, wanted);
        assert.equal(teachers.length, Math.min(wanted, student.neighbors.in.length));
        for (const teacher of nodes) {
          const teaches = teachers.includes(teacher.id);
          assert.equal(studentsOf(teacher, wanted).includes(student.id), teaches);
          assert.ok(!teaches || links.some(([from, to]) => from === teacher.id && to === student.id));
        }
      }
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('over many rounds all nodes teach equally often', () => {
  const links = [1, 2, 3, 4].map((from) => [from, 0] as const);
  const times = [0, 0, 0, 0, 0];
  for (let round = 0; round < 2000; round++) {
    times[teachersOf(nodesOf(1, links, round)[0]!, 0, 1)[0]!]! += 1;
  }
  // 500 each, with a standard deviation of 19.
  for (const count of times.slice(1)) assert.ok(Math.abs(count - 500) < 80, String(times));
});
