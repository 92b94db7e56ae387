import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Flow, reference } from '../../../test/support/maxmin.js';
import { MaxMin, NO_RESOURCE } from './maxmin.js';

/** Rates after adding all flows at once. */
function ratesOf(capacity: readonly number[], flows: readonly Flow[]): number[] {
  const solver = new MaxMin(Float64Array.from(capacity));
  for (const [flow, [first, second]] of flows.entries()) solver.add(flow, first, second);
  const rates = new Array<number>(flows.length).fill(0);
  solver.update((flow, rate) => {
    rates[flow] = rate;
  });
  return rates;
}

const capacities = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 50e6 }), fc.constant(9e12)),
  { minLength: 2, maxLength: 12 },
);
/** A network and a history of it: each step adds the flow, or removes it where it is there, then may fill. */
const histories = capacities.chain((capacity) => {
  const resource = fc.integer({ min: 0, max: capacity.length - 1 });
  const step = fc.record({
    flow: fc.integer({ min: 0, max: 19 }),
    first: resource,
    second: fc.oneof({ weight: 6, arbitrary: resource }, { weight: 1, arbitrary: fc.constant(NO_RESOURCE) }),
    fill: fc.boolean(),
  });
  return fc.record({ capacity: fc.constant(capacity), steps: fc.array(step, { maxLength: 40 }) });
});

test('three flows over unequal uplinks and downlinks get 4, 3 and 2 Mbps', () => {
  // Uplinks of 10 and 2 Mbps, downlinks of 6 and 3 Mbps; flows 0>2, 0>3, 1>2.
  const rates = ratesOf(
    [10e6, 2e6, 6e6, 3e6],
    [
      [0, 2],
      [0, 3],
      [1, 2],
    ],
  );
  assert.deepEqual(rates, [4e6, 3e6, 2e6]);
});

test('what cannot be divided evenly is left over, and every flow gets at least 1 bit/s', () => {
  assert.deepEqual(
    ratesOf(
      [10],
      [0, 0, 0].map((first): Flow => [first, NO_RESOURCE]),
    ),
    [3, 3, 3],
  );
  assert.deepEqual(
    ratesOf(
      [2],
      [0, 0, 0].map((first): Flow => [first, NO_RESOURCE]),
    ),
    [1, 1, 1],
  );
});

test('of two resources with the same offer the lower id is the bottleneck', () => {
  // Both offer 3. Resource 0 fixes its two flows; resource 1 is left with 8 − 3 = 5 for its other flow.
  assert.deepEqual(
    ratesOf(
      [7, 8],
      [
        [0, NO_RESOURCE],
        [0, 1],
        [1, NO_RESOURCE],
      ],
    ),
    [3, 3, 5],
  );
  assert.deepEqual(
    ratesOf(
      [8, 7],
      [
        [1, NO_RESOURCE],
        [0, 1],
        [0, NO_RESOURCE],
      ],
    ),
    [3, 3, 5],
  );
});

test('after any history the rates are bit by bit those of plain water-filling over all flows', () => {
  fc.assert(
    fc.property(histories, ({ capacity, steps }) => {
      const solver = new MaxMin(Float64Array.from(capacity));
      const flows = new Map<number, Flow>();
      const reported = new Map<number, number>();
      for (const { flow, first, second, fill } of [...steps, { flow: 20, first: 0, second: 1, fill: true }]) {
        if (flows.delete(flow)) {
          solver.remove(flow);
          reported.delete(flow);
        } else if (first !== second) {
          flows.set(flow, [first, second]);
          solver.add(flow, first, second);
        }
        if (!fill) continue;
        solver.update((changed, rate) => {
          assert.notEqual(reported.get(changed), rate, 'a rate was reported as changed, but it is the same');
          reported.set(changed, rate);
        });
        const expected = reference(capacity, flows);
        for (const [id, rate] of expected) assert.equal(reported.get(id), rate);
        assert.equal(reported.size, expected.size);
      }
    }),
    { seed: 1, numRuns: 1500 },
  );
});

test('rates are feasible and max-min within rounding: every flow has a saturated link on which none is faster', () => {
  const networks = histories.filter(({ capacity }) => capacity.every((bits) => bits >= 40));
  fc.assert(
    fc.property(networks, ({ capacity, steps }) => {
      const flows = steps.filter(({ first, second }) => first !== second);
      const rates = ratesOf(
        capacity,
        flows.map(({ first, second }): Flow => [first, second]),
      );
      const on = capacity.map((_, r) =>
        rates.filter((_, f) => [flows[f]!.first, flows[f]!.second].includes(r)),
      );
      for (const [resource, list] of on.entries()) {
        assert.ok(list.reduce((sum, rate) => sum + rate, 0) <= capacity[resource]!);
      }
      for (const [f, rate] of rates.entries()) {
        const isBottleneck = (resource: number): boolean => {
          const list = on[resource] ?? [];
          // Rounding leaves less than 1 bit/s per flow unused.
          const slack = capacity[resource]! - list.reduce((sum, other) => sum + other, 0);
          return list.length > 0 && slack < list.length && list.every((other) => other <= rate);
        };
        assert.ok(isBottleneck(flows[f]!.first) || isBottleneck(flows[f]!.second));
      }
    }),
    { seed: 1, numRuns: 1000 },
  );
});
