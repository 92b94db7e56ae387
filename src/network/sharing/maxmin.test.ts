import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exactRates, type Flow, reference } from '../../../test/support/maxmin.js';
import { Random } from '../../random.js';
import { MaxMin } from './maxmin.js';

/** Rates after adding all flows at once. */
function ratesOf(capacity: readonly number[], flows: readonly Flow[]): number[] {
  const solver = new MaxMin(Float64Array.from(capacity));
  for (const [flow, path] of flows.entries()) solver.add(flow, path);
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
/** Up to that many different resources of a network. */
const paths = (resources: number, width: number) =>
  fc.uniqueArray(fc.nat(resources - 1), { minLength: 1, maxLength: width });
/** A network and a history of it: each step adds the flow, or removes it where it is there, then may fill. */
const histories = fc.tuple(capacities, fc.constantFrom(2, 5)).chain(([capacity, width]) => {
  const step = fc.record({
    flow: fc.integer({ min: 0, max: 19 }),
    path: paths(capacity.length, width),
    /** A capacity that is another from here on. */
    change: fc.option(
      fc.record({ resource: fc.nat(capacity.length - 1), bits: fc.integer({ min: 0, max: 5e6 }) }),
      {
        freq: 4,
      },
    ),
    fill: fc.boolean(),
  });
  return fc.record({
    capacity: fc.constant(capacity),
    width: fc.constant(width),
    steps: fc.array(step, { maxLength: 40 }),
  });
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

test('what cannot be divided evenly is left over: a whole bit where rates are great, less where they are small', () => {
  const three: Flow[] = [[0], [0], [0]];
  assert.deepEqual(ratesOf([10_000], three), [3333, 3333, 3333]);
  // From here on 1 bit/s is more than a thousandth.
  for (const capacity of [2990, 10, 2, 1]) {
    const parts = (BigInt(capacity) * 2n ** 32n) / 3n;
    const rate = Number(parts) / 2 ** 32;
    assert.deepEqual(ratesOf([capacity], three), [rate, rate, rate]);
  }
});

test('rates that are whole need no finer unit, however small they are', () => {
  const solver = new MaxMin(Float64Array.of(20));
  for (const flow of [0, 1]) solver.add(flow, [0]);
  solver.update(() => undefined);
  assert.deepEqual([solver.rate(0), solver.isFine], [10, false]);
});

test('a flow among many gets what they leave, to a thousandth, not what rounding leaves', () => {
  // 100 pairs share links of 2,001 bit/s: 1,000.5 for each. One flow of each pair crosses a link that has 1,100 bit/s more,
  // of which whole bits would make 1,150.
  const capacity = [...new Array<number>(100).fill(2001), 101_150];
  const pairs = Array.from({ length: 100 }, (_, k): Flow[] => [[k], [k, 100]]).flat();
  const rates = ratesOf(capacity, [...pairs, [100]]);
  assert.deepEqual(rates.slice(0, 2), [1000.5, 1000.5]);
  assert.equal(rates.at(-1), 1100);
});

test('a flow on no link has its limit, or all', () => {
  const solver = new MaxMin(Float64Array.of(10), { fine: true });
  const seen: (readonly [number, number])[] = [];
  const update = () => solver.update((flow, rate) => void seen.push([flow, rate]));
  solver.add(0, []);
  solver.add(1, []);
  solver.setLimit(1, 0.25);
  update();
  solver.setLimit(1, 3);
  solver.setLimit(0, 3);
  solver.remove(0);
  update();
  assert.deepEqual(seen, [
    [0, Number.POSITIVE_INFINITY],
    [1, 0.25],
    [1, 3],
  ]);
});

test('of two resources with the same offer the lower id is the bottleneck', () => {
  // Both offer 3,333. Resource 0 fixes its two flows; resource 1 is left with 6,668 − 3,333 = 3,335 for its other flow.
  const [first, second] = [6667, 6668];
  assert.deepEqual(ratesOf([first, second], [[0], [0, 1], [1]]), [3333, 3333, 3335]);
  assert.deepEqual(ratesOf([second, first], [[1], [0, 1], [0]]), [3333, 3333, 3335]);
});

test('flows over several links get what the narrowest leaves them', () => {
  // Two racks of 10 Mbps uplinks behind 12 Mbps, and a core of 15 Mbps; 0 to 3 are uplinks, 4 and 5 those of racks, 6 the core.
  const capacity = [10e6, 10e6, 10e6, 10e6, 12e6, 12e6, 15e6];
  const flows: Flow[] = [[0, 4, 6], [1, 4, 6], [2, 5, 6], [3]];
  const solver = new MaxMin(Float64Array.from(capacity), { width: 5 });
  for (const [flow, path] of flows.entries()) solver.add(flow, path);
  const rates = () => flows.map((_, flow) => solver.rate(flow) / 1e6);
  solver.update(() => undefined);
  assert.deepEqual(rates(), [5, 5, 5, 10]);
  // A wider core: the first rack is the bottleneck of its two, and the third flow has its uplink.
  solver.setCapacity(6, 100e6);
  solver.update(() => undefined);
  assert.deepEqual(rates(), [6, 6, 10, 10]);
  solver.setCapacity(4, 0);
  solver.update(() => undefined);
  assert.deepEqual(rates(), [0, 0, 10, 10]);
});

test('a flow with a limit leaves the rest to others', () => {
  const solver = new MaxMin(Float64Array.of(9e6), { fine: true });
  for (const flow of [0, 1, 2]) solver.add(flow, [0]);
  solver.setLimit(1, 1e6);
  const rates = () => [0, 1, 2].map((flow) => solver.rate(flow) / 1e6);
  solver.update(() => undefined);
  assert.deepEqual(rates(), [4, 1, 4]);
  solver.setLimit(1, 3.5e6);
  solver.update(() => undefined);
  assert.deepEqual(rates(), [3, 3, 3]);
  solver.remove(1);
  solver.add(1, [0]);
  solver.setLimit(2, 2e6);
  solver.update(() => undefined);
  assert.deepEqual(rates(), [3.5, 3.5, 2]);
});

/** A solver, the flows that it was given and the rates that it reported, compared with plain water-filling. */
class Compared {
  readonly flows = new Map<number, Flow>();
  readonly limits = new Map<number, number>();
  readonly #capacity: number[];
  readonly #width: number;
  readonly #reported = new Map<number, number>();
  #solver: MaxMin;
  isFine: boolean;

  constructor(capacity: readonly number[], { width = 2, isFine = false } = {}) {
    this.#capacity = [...capacity];
    this.#width = width;
    this.isFine = isFine;
    this.#solver = new MaxMin(Float64Array.from(capacity), { width, fine: isFine });
  }

  /** Removes the flow where it is there, else adds it. */
  toggle(flow: number, path: Flow): void {
    if (this.flows.delete(flow)) {
      this.#solver.remove(flow);
      this.#reported.delete(flow);
      this.limits.delete(flow);
    } else {
      this.flows.set(flow, path);
      this.#solver.add(flow, path);
    }
  }

  setCapacity(resource: number, bits: number): void {
    this.#capacity[resource] = bits;
    this.#solver.setCapacity(resource, bits);
  }

  setLimit(flow: number, limit: number): void {
    if (!this.flows.has(flow)) return;
    this.limits.set(flow, limit);
    this.#solver.setLimit(flow, limit);
  }

  /** Goes on with a new solver that knows the unit, and the flows, in another order, with their limits and rates alone. */
  restore(): void {
    const parts = { width: this.#width, fine: this.#solver.isFine };
    const solver = new MaxMin(Float64Array.from(this.#capacity), parts);
    for (const [flow, path] of [...this.flows].reverse()) {
      assert.equal(this.#solver.rate(flow), this.#reported.get(flow) ?? 0);
      solver.add(flow, path, this.#solver.rate(flow));
      if (this.limits.has(flow)) solver.setLimit(flow, this.limits.get(flow)!);
    }
    this.#solver = solver;
  }

  update(): void {
    const expected = reference(
      { capacity: this.#capacity, flows: this.flows, limits: this.limits },
      this.isFine,
    );
    const update = () =>
      this.#solver.update((flow, rate) => {
        assert.notEqual(
          this.#reported.get(flow) ?? 0,
          rate,
          'a rate was reported as changed, but it is the same',
        );
        this.#reported.set(flow, rate);
      });
    if (!expected.isTrusted) {
      assert.throws(update, /cannot be computed to 0.1 %/);
      throw new Untrusted();
    }
    update();
    this.isFine = expected.isFine;
    assert.equal(this.#solver.isFine, this.isFine);
    for (const [flow, rate] of expected.rates) assert.equal(this.#reported.get(flow) ?? 0, rate);
  }

  /** Of all flows the exact rate, and that of the solver. */
  *rates() {
    const exact = exactRates({ capacity: this.#capacity, flows: this.flows, limits: this.limits });
    for (const [flow, [numerator, denominator]] of exact)
      yield {
        flow,
        exact: Number((numerator * 10n ** 12n) / denominator) / 1e12,
        rate: this.#solver.rate(flow),
      };
  }
}

/** The network is refused, as it should be: there is nothing more to compare. */
class Untrusted extends Error {}

/** Runs a comparison to its end, or until its network is refused; returns whether it was. */
function isRefused(compare: () => void): boolean {
  try {
    compare();
    return false;
  } catch (error) {
    if (error instanceof Untrusted) return true;
    throw error;
  }
}

test('after any history the rates are bit by bit those of plain water-filling over all flows', () => {
  const seen = { refused: 0, fine: 0, coarse: 0 };
  fc.assert(
    fc.property(histories, ({ capacity, width, steps }) => {
      const compared = new Compared(capacity, { width });
      const refused = isRefused(() => {
        for (const { flow, path, change, fill } of steps) {
          compared.toggle(flow, path);
          if (change !== null) compared.setCapacity(change.resource, change.bits);
          if (fill) compared.update();
        }
        compared.update();
      });
      seen[refused ? 'refused' : compared.isFine ? 'fine' : 'coarse']++;
    }),
    { seed: 1, numRuns: 1500 },
  );
  assert.ok(seen.fine > 100 && seen.coarse > 100, JSON.stringify(seen));
  assert.ok(seen.refused < 100, JSON.stringify(seen));
});

test('rates with limits that change are those of water-filling in which each limit is a resource', () => {
  const limited = histories.chain((history) =>
    fc.record({
      history: fc.constant(history),
      limits: fc.array(fc.tuple(fc.nat(19), fc.double({ min: 0.5, max: 1e6, noNaN: true })), {
        minLength: 40,
        maxLength: 40,
      }),
    }),
  );
  fc.assert(
    fc.property(limited, ({ history: { capacity, width, steps }, limits }) => {
      const compared = new Compared(capacity, { width, isFine: true });
      isRefused(() => {
        for (const [i, { flow, path, fill }] of steps.entries()) {
          compared.toggle(flow, path);
          compared.setLimit(...limits[i]!);
          if (fill) compared.update();
          if (i % 7 === 6) compared.restore();
        }
        compared.update();
      });
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('rates are within a thousandth of the exact fractions, and no link carries more than its capacity', () => {
  let small = 0;
  const check = (compared: Compared, capacity: readonly number[]) => {
    const load = capacity.map(() => 0);
    for (const { flow, exact, rate } of compared.rates()) {
      if (exact < 100) small++;
      assert.ok(Math.abs(rate - exact) <= 0.001 * exact, `${rate} bit/s for a share of ${exact}`);
      for (const resource of compared.flows.get(flow)!) load[resource]! += rate;
    }
    for (const [resource, bits] of load.entries()) assert.ok(bits <= capacity[resource]!);
  };
  fc.assert(
    fc.property(histories, ({ capacity, width, steps }) => {
      const compared = new Compared(capacity, { width });
      isRefused(() => {
        for (const { flow, path } of steps) compared.toggle(flow, path);
        compared.update();
        check(compared, capacity);
      });
    }),
    { seed: 2, numRuns: 600 },
  );
  assert.ok(small > 100, `${small} shares below 100 bit/s`);
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
    second: fc.oneof({ weight: 6, arbitrary: resource }, { weight: 1, arbitrary: fc.constant(-1) }),
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
        for (const { flow, first, second } of changes)
          compared.toggle(flow, second < 0 || second === first ? [first] : [first, second]);
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

test('every flow has a link that is full and on which none is faster, within rounding', () => {
  fc.assert(
    fc.property(histories, ({ capacity, width, steps }) => {
      const solver = new MaxMin(Float64Array.from(capacity), { width });
      const flows = steps.map(({ path }) => path);
      for (const [flow, path] of flows.entries()) solver.add(flow, path);
      try {
        solver.update(() => undefined);
      } catch (error) {
        assert.match(String(error), /cannot be computed to 0.1 %/);
        return;
      }
      const rates = flows.map((_, flow) => solver.rate(flow));
      // Rounding leaves less than a unit for each flow unused.
      const unit = solver.isFine ? 0.01 : 1;
      for (const [f, path] of flows.entries()) {
        const isBottleneck = (resource: number): boolean => {
          const on = rates.filter((_, other) => flows[other]!.includes(resource));
          const slack = capacity[resource]! - on.reduce((sum, rate) => sum + rate, 0);
          return slack < unit * on.length && on.every((rate) => rate <= rates[f]! + unit);
        };
        assert.ok(path.some(isBottleneck), `flow ${f} of ${rates[f]} bit/s`);
      }
    }),
    { seed: 1, numRuns: 1000 },
  );
});
