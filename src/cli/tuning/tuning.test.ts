/** What a search tries, for how long, and what it writes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import type { Candidates } from '../../scenario/tune.js';
import { halving } from './rungs.js';
import { drawSettings, edges, gridSettings } from './settings.js';
import { tunedScenario } from './tuned-scenario.js';

const log: Candidates = { from: 0.001, to: 1, scale: 'log', whole: false };
const whole: Candidates = { from: 1, to: 5, scale: 'linear', whole: true };

test('settings lie within their ranges, the first is the scenario’s own, and further options change no draw before them', () => {
  const few = drawSettings(new Map([['a', log]]), 200, 7);
  const more = drawSettings(
    new Map<string, Candidates>([
      ['a', log],
      ['b', ['x', 'y', 'z']],
      ['c', whole],
    ]),
    200,
    7,
  );
  assert.deepEqual([few[0]!.size, more[0]!.size], [0, 0]);
  assert.deepEqual(
    few.map((setting) => setting.get('a')),
    more.map((setting) => setting.get('a')),
  );
  const values = few.slice(1).map((setting) => setting.get('a') as number);
  assert.ok(values.every((value) => value >= 0.001 && value <= 1));
  // One in each of 199 parts of the log scale; rounding may move one that lies next to an end of its part.
  const part = (value: number) => Math.log10(value / 0.001) * (199 / 3);
  const sorted = values.toSorted((a, b) => a - b);
  for (const [k, value] of sorted.entries())
    assert.ok(part(value) > k - 0.4 && part(value) < k + 1.4, `${value} in part ${k}`);
  assert.notDeepEqual(values, sorted);
  const counts = ['x', 'y', 'z'].map((b) => more.filter((setting) => setting.get('b') === b).length);
  assert.ok(
    counts.every((count) => count >= 65 && count <= 68),
    String(counts),
  );
  assert.deepEqual(new Set(more.slice(1).map((setting) => setting.get('c'))), new Set([1, 2, 3, 4, 5]));
  assert.notDeepEqual(drawSettings(new Map([['a', log]]), 200, 8), few);
});

test('of two options that are tried together, no high values of one stand with the high ones of the other alone', () => {
  const both = new Map([
    ['a', log],
    ['b', log],
  ]);
  fc.assert(
    fc.property(fc.nat(1000), (seed) => {
      const drawn = drawSettings(both, 8, seed).slice(1);
      const ranks = ['a', 'b'].map((path) => {
        const values = drawn.map((setting) => setting.get(path) as number);
        const sorted = values.toSorted((x, y) => x - y);
        return values.map((value) => sorted.indexOf(value) - 3);
      });
      // Seven ranks from -3 to 3: 28 is a correlation of 1.
      const correlation = ranks[0]!.reduce((sum, rank, k) => sum + rank * ranks[1]![k]!, 0) / 28;
      assert.ok(Math.abs(correlation) < 0.15, `${correlation} with seed ${seed}`);
    }),
  );
});

test('a value next to an end of its range is told, and one inside is not', () => {
  const candidates = new Map<string, Candidates>([
    ['a', log],
    ['b', ['x']],
  ]);
  const told = (a: number) => edges(candidates, new Map<string, unknown>(Object.entries({ a, b: 'x' })));
  assert.deepEqual(told(0.0011), ['a 0.0011 is next to the lower end of its range']);
  assert.deepEqual(told(0.9), ['a 0.9 is next to the upper end of its range']);
  assert.deepEqual(told(0.03), []);
  const listed = (values: unknown[], value: unknown) =>
    edges(new Map([['a', values]]), new Map([['a', value]]));
  assert.deepEqual(listed([1, 2, 3, 4], 4), ['a 4 is the greatest of its values']);
  assert.deepEqual(listed([1, 2, 3, 4], 2), []);
  assert.deepEqual(listed([1, 2, 3], 3), []);
});

test('a grid is every combination once, and nothing else', () => {
  const values = fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(values, { minLength: 1, maxLength: 3 }), (lists) => {
      const candidates = new Map(lists.map((list, k) => [`p${k}`, list]));
      const settings = gridSettings(candidates, 'file');
      const texts = settings.map((setting) => JSON.stringify([...setting]));
      assert.equal(
        new Set(texts).size,
        lists.reduce((product, list) => product * list.length, 1),
      );
      assert.equal(texts.length, new Set(texts).size);
      for (const setting of settings)
        for (const [k, list] of lists.entries()) assert.ok(list.includes(setting.get(`p${k}`) as number));
    }),
  );
  const many = Array.from({ length: 101 }, (_, k) => k);
  assert.throws(
    () =>
      gridSettings(
        new Map([
          ['a', many],
          ['b', many],
        ]),
        'file',
      ),
    /expected at most 10000 combinations/,
  );
});

test('a third goes on for three times as many rounds, and the last stage has all of them', () => {
  assert.deepEqual(halving(27, 90), [
    { trials: 27, rounds: 3 },
    { trials: 9, rounds: 10 },
    { trials: 3, rounds: 30 },
    { trials: 1, rounds: 90 },
  ]);
  assert.deepEqual(halving(2, 10), [{ trials: 2, rounds: 10 }]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 500 }), (trials, rounds) => {
      const rungs = halving(trials, rounds);
      assert.deepEqual([rungs[0]!.trials, rungs.at(-1)!.rounds], [trials, rounds]);
      for (const [k, rung] of rungs.entries()) {
        assert.ok(rung.trials >= 1 && rung.rounds >= 1);
        if (k > 0) assert.ok(rung.trials < rungs[k - 1]!.trials && rung.rounds >= rungs[k - 1]!.rounds);
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

test('the scenario that is written has what methods share once, and the rest of each under its name', () => {
  const common = { title: 't', seed: 1, nodes: 4 };
  const text = tunedScenario(
    [
      { name: 'a', scenario: { ...common, topology: { use: 'ring' }, algorithm: { use: 'a', rate: 0.1 } } },
      { name: 'b', scenario: { ...common, algorithm: { use: 'b', rate: 0.3 } } },
    ],
    ['By: a command'],
  );
  assert.match(text, /^# By: a command\n/);
  assert.deepEqual(parse(text), {
    ...common,
    compare: {
      scenario: [
        { name: 'a', topology: { use: 'ring' }, algorithm: { use: 'a', rate: 0.1 } },
        { name: 'b', topology: null, algorithm: { use: 'b', rate: 0.3 } },
      ],
    },
  });
  assert.deepEqual(parse(tunedScenario([{ name: undefined, scenario: common }], [])), common);
});
