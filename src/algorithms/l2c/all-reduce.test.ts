import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { type RoundOptions, roundOptions, rounds } from '../../learning/rounds.js';
import { type PlanSketch, planOf } from '../../testing/index.js';
import { type FinishedRun, runToEnd } from '../../testing/run.js';
import { type AllReduceState, allReducePhases } from './all-reduce.js';

interface State extends AllReduceState {
  vector: Float32Array;
}

/** What each node ends with, by node. */
let ends: Float32Array[] = [];

/** Node i starts with `length` numbers 10·i + k, and a round is an all-reduce. */
const reducing = (length: number) =>
  rounds<State, RoundOptions>({
    id: 'reducing',
    description: 'an all-reduce a round',
    reference: 'none',
    options: z.strictObject(roundOptions),
    init: ({ id }) => ({ vector: Float32Array.from({ length }, (_, k) => 10 * id + k), chunkMean: null }),
    phases: () =>
      allReducePhases({
        when: () => true,
        length: () => length,
        vector: (state) => state.vector,
        keep(state, mean) {
          state.vector = mean;
        },
      }),
    evaluate: (_state, { model }) => ({ mixed: { params: new Float32Array(model.length) } }),
    artifacts(states) {
      ends = states.map(({ vector }) => vector);
      return {};
    },
  });

function reduce(
  size: { nodes: number; length: number },
  options = {},
  more: PlanSketch = {},
): Promise<FinishedRun> {
  const algorithm = { use: reducing(size.length), ...options };
  const measure = { probes: [] };
  return runToEnd(
    planOf({
      nodes: size.nodes,
      topology: 'complete',
      algorithm,
      measure,
      stop: { after: '1 round' },
      ...more,
    }),
  );
}

test('all nodes end with the mean of all vectors, bit for bit the same, whatever the length', async () => {
  for (const size of [
    { nodes: 4, length: 8 },
    { nodes: 5, length: 7 },
    { nodes: 3, length: 1 },
    { nodes: 2, length: 5 },
    { nodes: 6, length: 4 },
  ]) {
    await reduce(size);
    const shift = (10 * (size.nodes - 1)) / 2;
    const mean = Float32Array.from({ length: size.length }, (_, k) => shift + k);
    for (const vector of ends) assert.deepEqual(vector, mean, JSON.stringify(size));
  }
});

test('equal vectors do not change', async () => {
  await reduce({ nodes: 5, length: 7 }, {}, { stop: { after: '3 rounds' } });
  assert.deepEqual([...ends[4]!], [20, 21, 22, 23, 24, 25, 26]);
});

test('a node sends 2(N−1) messages of 4·⌈L/N⌉ payload bytes, and receives as many', async () => {
  for (const [nodes, length] of [
    [4, 8],
    [5, 7],
    [6, 4],
  ] as const) {
    const { result } = await reduce({ nodes, length });
    for (let node = 0; node < nodes; node++) {
      for (const end of ['from', 'to'] as const) {
        const own = [...result.trafficRows()].filter((row) => row[end] === node);
        const sum = (of: (row: (typeof own)[number]) => number) =>
          own.reduce((total, row) => total + of(row), 0);
        assert.equal(
          sum((row) => row.sent_messages),
          2 * (nodes - 1),
        );
        assert.equal(
          sum((row) => row.values_bytes),
          2 * (nodes - 1) * 4 * Math.ceil(length / nodes),
        );
      }
    }
  }
});

test('an all-reduce takes two latencies', async () => {
  const network = { latency: { use: 'constant', value: '10ms' }, uplink: 'unlimited', downlink: 'unlimited' };
  const { result } = await reduce({ nodes: 6, length: 60 }, {}, { network });
  assert.equal(result.time, 20e6);
});

test('nodes keep their own numbers for the chunk of a missing node, and the other means leave that node out', async () => {
  const faults = [{ use: 'node-down', node: 1, at: '0s' }];
  await reduce({ nodes: 3, length: 3 }, { deadline: '1s' }, { faults });
  assert.deepEqual([...ends[0]!], [10, 1, 12]);
  assert.deepEqual([...ends[2]!], [10, 21, 12]);
});

test('a single node keeps its vector', async () => {
  const { result } = await reduce(
    { nodes: 1, length: 3 },
    {},
    { topology: { use: 'complete', allowDisconnected: true } },
  );
  assert.deepEqual([...ends[0]!], [0, 1, 2]);
  assert.equal(result.traffic.messages.sent, 0);
});

test('with a deadline a run continues in spite of drops', async () => {
  const more = { network: { drop: '40%' }, stop: { after: '6 rounds' } };
  const { result } = await reduce({ nodes: 5, length: 12 }, { deadline: '50ms' }, more);
  assert.equal(result.stopped, 'rounds');
  assert.ok(ends.every((vector) => vector.every((value) => value >= 0 && value <= 51)));
});
