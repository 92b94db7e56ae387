import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Flow, reference } from '../../../test/support/maxmin.js';
import { Random } from '../../random.js';
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

/** A solver, the flows that it was given and the rates that it reported, compared with plain water-filling. */
class Compared {
  readonly flows = new Map<number, Flow>();
  readonly #capacity: readonly number[];
  readonly #reported = new Map<number, number>();
  #solver: MaxMin;

  constructor(capacity: readonly number[]) {
    this.#capacity = capacity;
    this.#solver = new MaxMin(Float64Array.from(capacity));
  }

  /** Removes the flow where it is there, else adds it. A link to itself is no flow. */
  toggle(flow: number, [first, second]: Flow): void {
    if (this.flows.delete(flow)) {
      this.#solver.remove(flow);
      this.#reported.delete(flow);
    } else if (first !== second) {
      this.flows.set(flow, [first, second]);
      this.#solver.add(flow, first, second);
    }
  }

  /** Goes on with a new solver that knows the flows, in another order, and their rates alone. */
  restore(): void {
    const solver = new MaxMin(Float64Array.from(this.#capacity));
    for (const [flow, [first, second]] of [...this.flows].reverse()) {
      assert.equal(this.#solver.rate(flow), this.#reported.get(flow) ?? 0);
      solver.add(flow, first, second, this.#solver.rate(flow));
    }
    this.#solver = solver;
  }

  update(): void {
    this.#solver.update((flow, rate) => {
      assert.notEqual(this.#reported.get(flow), rate, 'a rate was reported as changed, but it is the same');
      this.#reported.set(flow, rate);
    });
    const expected = reference(this.#capacity, this.flows);
    for (const [flow, rate] of expected) assert.equal(this.#reported.get(flow), rate);
    assert.equal(this.#reported.size, expected.size);
  }
}

test('after any history the rates are bit by bit those of plain water-filling over all flows', () => {
  fc.assert(
    fc.property(histories, ({ capacity, steps }) => {
      const compared = new Compared(capacity);
      for (const { flow, first, second, fill } of steps) {
        compared.toggle(flow, [first, second]);
        if (fill) compared.update();
      }
      compared.update();
    }),
    { seed: 1, numRuns: 1500 },
  );
});

/** Capacities of one network: below the number of flows, all equal, of all sizes, or like real links. */
const scales = [
  fc.integer({ min: 1, max: 12 }),
  fc.constant(1000),
  fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 300 }), fc.constant(9e12)),
  fc.integer({ min: 5e6, max: 50e6 }),
];
/** Of 24 resources the first two are on most flows; up to 300 flows start or end in an update. */
const crowds = fc.constantFrom(...scales).chain((scale) => {
  const resource = fc.nat(23);
  const change = fc.record({
    flow: fc.nat(599),
    first: fc.oneof({ weight: 6, arbitrary: fc.nat(1) }, { weight: 1, arbitrary: resource }),
    second: fc.oneof({ weight: 6, arbitrary: resource }, { weight: 1, arbitrary: fc.constant(NO_RESOURCE) }),
  });
  return fc.record({
    capacity: fc.array(scale, { minLength: 24, maxLength: 24 }),
    updates: fc.array(
      fc.record({
        changes: fc.oneof(
          fc.array(change, { minLength: 1, maxLength: 2 }),
          fc.array(change, { minLength: 150, maxLength: 300 }),
        ),
        restore: fc.constantFrom('no', 'no', 'before', 'after'),
      }),
      { minLength: 1, maxLength: 20, size: 'max' },
    ),
  });
});

test('rates are those of plain water-filling where many flows start and end together, saved and restored in between', () => {
  let most = 0;
  fc.assert(
    fc.property(crowds, ({ capacity, updates }) => {
      const compared = new Compared(capacity);
      for (const { changes, restore } of updates) {
        for (const { flow, first, second } of changes) compared.toggle(flow, [first, second]);
        if (restore === 'before') compared.restore();
        compared.update();
        if (restore === 'after') compared.restore();
        const sizes = capacity.map(
          (_, r) => [...compared.flows.values()].filter((ends) => ends.includes(r)).length,
        );
        most = Math.max(most, ...sizes);
      }
    }),
    { seed: 1, numRuns: 200 },
  );
  assert.ok(most > 100, `no link was shared by more than ${most} flows`);
});

test('rates are those of plain water-filling where one link is shared by all of 600 flows', () => {
  const random = new Random('maxmin/hub');
  for (const hub of [300, 5000, 2e9]) {
    const capacity = [hub, ...Array.from({ length: 200 }, () => 1 + random.integer(1e7))];
    const compared = new Compared(capacity);
    for (let flow = 0; flow < 600; flow++) compared.toggle(flow, [0, 1 + random.integer(200)]);
    for (let update = 0; update < 20; update++) {
      compared.update();
      if (update === 10) compared.restore();
      const changes = update % 2 === 0 ? 1 : 150;
      for (let i = 0; i < changes; i++) compared.toggle(random.integer(600), [0, 1 + random.integer(200)]);
    }
  }
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
