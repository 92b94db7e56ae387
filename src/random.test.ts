import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Random, Streams } from './random.js';

const draw = <Value>(count: number, next: () => Value) => Array.from({ length: count }, next);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: readonly number[]) => {
  const center = mean(values);
  return mean(values.map((value) => (value - center) ** 2));
};
const isNear = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) < tolerance, `${actual} is not within ${tolerance} of ${expected}`);

test('the first numbers of a stream never change', () => {
  const stream = (name: string) => new Streams(1).stream(name);
  const uniform = stream('golden uniform');
  assert.deepEqual(
    draw(3, () => uniform.uniform()),
    [0.9209532625852422, 0.18816772866083198, 0.1275092451739822],
  );
  const integer = stream('golden integer');
  assert.deepEqual(
    draw(8, () => integer.integer(100)),
    [19, 92, 54, 27, 90, 75, 45, 50],
  );
  const normal = stream('golden normal');
  assert.deepEqual(
    draw(3, () => normal.normal()),
    [-0.7396264343842673, 0.3487616768227224, -2.1652970108628784],
  );
  const exponential = stream('golden exponential');
  assert.deepEqual(
    draw(3, () => exponential.exponential(10)),
    [8.343145696691895, 0.04971350715862814, 0.2177766052220313],
  );
  const gamma = stream('golden gamma');
  assert.deepEqual(
    draw(4, () => gamma.gamma(gamma.uniform() * 2)),
    [0.81285249211669, 0.4230522141449075, 0.12781756434527414, 1.8641752179692224],
  );
  assert.deepEqual(
    [...stream('golden shuffle').shuffle(Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9))],
    [6, 0, 5, 9, 8, 7, 2, 4, 1, 3],
  );
});

test('a stream depends on the seed and its name alone', () => {
  const first = (seed: number | string, name: string) => new Streams(seed).stream(name).uniform();
  assert.equal(first(1, 'a'), first(1, 'a'));
  assert.equal(first(1, 'a'), first('1', 'a'));
  const firsts = [first(1, 'a'), first(2, 'a'), first(1, 'b'), first(12, 'a'), first(1, '2/a')];
  assert.equal(new Set(firsts).size, firsts.length);
});

test('a new stream changes no other, whenever it is created and however much is drawn from it', () => {
  const names = fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(names, fc.nat(), fc.array(fc.nat(4)), ([name, ...others], seed, noise) => {
      const streams = new Streams(seed);
      const quiet = new Streams(seed);
      for (const choice of noise) {
        const other = others[choice];
        if (other !== undefined) streams.stream(other).normal();
        assert.equal(streams.stream(name!).uniform(), quiet.stream(name!).uniform());
      }
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('the same name gives the same stream', () => {
  const streams = new Streams(1);
  assert.equal(streams.stream('a'), streams.stream('a'));
  assert.notEqual(streams.stream('a'), streams.stream('b'));
});

/** Draws one number of a kind; normals leave a spare behind, which a state must keep. */
function drawAny(random: Random, kind: number): number {
  if (kind === 0) return random.uniform();
  if (kind === 1) return random.normal();
  if (kind === 2) return random.gamma(0.5);
  return random.integer(1000);
}

test('a stream continues exactly from its saved state', () => {
  const kinds = fc.array(fc.nat(3), { maxLength: 30 });
  fc.assert(
    fc.property(fc.string(), kinds, kinds, (seed, before, after) => {
      const random = new Random(seed);
      for (const kind of before) drawAny(random, kind);
      const state = structuredClone(random.state());
      const expected = after.map((kind) => drawAny(random, kind));
      const copy = new Random('', state);
      assert.deepEqual(
        after.map((kind) => drawAny(copy, kind)),
        expected,
      );
      const other = new Random('other');
      other.normal();
      other.load(state);
      assert.deepEqual(
        after.map((kind) => drawAny(other, kind)),
        expected,
      );
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('a saved state stays the same while its stream goes on', () => {
  const random = new Random('a');
  const state = random.state();
  const copy = structuredClone(state);
  random.normal();
  assert.deepEqual(state, copy);
});

test('all streams continue from a save, also those that components keep', () => {
  const streams = new Streams(5);
  const held = streams.stream('held');
  held.normal();
  const saved = structuredClone(streams.save());
  const expected = [held.normal(), held.uniform()];
  const late = streams.stream('late');
  const first = late.uniform();
  streams.load(saved);
  assert.equal(streams.stream('held'), held);
  assert.deepEqual([held.normal(), held.uniform()], expected);
  assert.equal(late.uniform(), first, 'a stream that was not in use at the save starts anew');
  const elsewhere = new Streams(5);
  elsewhere.load(saved);
  assert.deepEqual(elsewhere.save(), saved);
});

test('uniform numbers lie in [0, 1) and are spread evenly', () => {
  const random = new Random('uniform');
  const values = draw(20_000, () => random.uniform());
  assert.ok(values.every((value) => value >= 0 && value < 1));
  isNear(mean(values), 0.5, 0.01);
  isNear(variance(values), 1 / 12, 0.003);
});

test('whole numbers are below their bound and equally likely', () => {
  const random = new Random('integer');
  const counts = new Array<number>(7).fill(0);
  for (let i = 0; i < 21_000; i++) counts[random.integer(7)]!++;
  for (const count of counts) isNear(count, 3000, 250);
  assert.equal(random.integer(1), 0);
  assert.ok(random.integer(2 ** 53 - 1) > 2 ** 32);
  for (const below of [0, -1, 1.5, Number.NaN, 2 ** 53])
    assert.throws(() => random.integer(below), /above 0/);
});

test('normal numbers have mean 0, variance 1 and the right tails', () => {
  const random = new Random('normal');
  const values = draw(20_000, () => random.normal());
  isNear(mean(values), 0, 0.03);
  isNear(variance(values), 1, 0.04);
  isNear(mean(values.map((value) => value ** 4)), 3, 0.3);
  isNear(values.filter((value) => Math.abs(value) > 1.959964).length / values.length, 0.05, 0.006);
});

test('exponential numbers have the requested mean, and its square as variance', () => {
  const random = new Random('exponential');
  const values = draw(20_000, () => random.exponential(5));
  assert.ok(values.every((value) => value >= 0 && Number.isFinite(value)));
  isNear(mean(values), 5, 0.2);
  isNear(variance(values), 25, 2);
});

test('gamma numbers have mean and variance equal to their shape', () => {
  for (const shape of [0.1, 0.5, 1, 2.5, 40]) {
    const random = new Random(`gamma ${shape}`);
    const values = draw(20_000, () => random.gamma(shape));
    assert.ok(values.every((value) => value >= 0 && Number.isFinite(value)));
    isNear(mean(values) / shape, 1, 0.1);
    isNear(variance(values) / shape, 1, 0.15);
  }
});

test('a gamma shape that is not a finite number above zero is refused', () => {
  const random = new Random('a');
  for (const shape of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => random.gamma(shape), /finite number above 0/);
  }
});

test('a shuffle keeps all elements, works in place and prefers no order', () => {
  const random = new Random('shuffle');
  const list = [1, 2, 3];
  const counts = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    list.splice(0, 3, 1, 2, 3);
    assert.equal(random.shuffle(list), list);
    const key = list.join('');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  for (const count of counts.values()) isNear(count, 1000, 150);
  assert.deepEqual(random.shuffle([]), []);
});

test('pick takes the first 48 bits of each uniform number, and leaves the stream where these numbers would', () => {
  const table = Float64Array.from({ length: 2 ** 16 }, (_, k) => k);
  fc.assert(
    fc.property(fc.string(), fc.array(fc.nat(200), { maxLength: 5 }), (seed, lengths) => {
      const picking = new Random(seed);
      const drawing = new Random(seed);
      assert.equal(picking.normal(), drawing.normal());
      for (const triples of lengths) {
        const picked = new Float64Array(3 * triples);
        picking.pick(table, picked);
        const expected = draw(triples, () => {
          const bits = drawing.uniform() * 2 ** 48;
          return [
            Math.floor(bits / 2 ** 32),
            Math.floor(bits / 2 ** 16) % 2 ** 16,
            Math.floor(bits) % 2 ** 16,
          ];
        });
        assert.deepEqual([...picked], expected.flat());
        assert.deepEqual(picking.state(), drawing.state());
      }
    }),
    { seed: 1 },
  );
});
