/** What charts compute of their own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { axisOf } from '../src/page/charts/axis.js';
import { nearestTo, nodeSeries } from '../src/page/charts/node-series.js';
import { COLORS, groupStyles } from '../src/page/charts/palette.js';
import { paretoPoints } from '../src/page/charts/pareto.js';
import { spreadOut } from '../src/page/charts/spread.js';
import { pack, unpack } from '../src/page/packed.js';
import { textColumn } from '../src/report/page/columns.js';
import { encoded } from '../src/report/page/encode.js';
import { contrast, distance } from './support/vision.js';

test('tables come out of a page as they went in', () => {
  const number = fc.double();
  const row = fc.tuple(
    fc.string({ unit: 'grapheme' }),
    number,
    fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  );
  fc.assert(
    fc.property(fc.array(row), fc.string(), (rows, name) => {
      const columns = {
        small: Uint8Array.from(rows, ([, , whole]) => whole & 255),
        [`text ${name}`]: textColumn(rows.map(([text]) => text)),
        value: Float64Array.from(rows, ([, value]) => value),
        whole: Int32Array.from(rows, ([, , whole]) => whole),
      };
      const table = { length: rows.length, columns };
      const bytes = inflateRawSync(Buffer.from(encoded(pack(table)), 'base64'));
      assert.deepEqual(unpack(new Uint8Array(bytes)), table);
    }),
    { seed: 1, numRuns: 200 },
  );
});

for (const theme of ['light', 'dark'] as const) {
  const { groups, ink, faint, paper } = COLORS[theme];
  test(`on ${theme} paper, lines have a contrast of 3 and text one of 4.5`, () => {
    for (const color of groups) assert.ok(contrast(color, paper) >= 3, `${color}: ${contrast(color, paper)}`);
    for (const color of [ink, faint]) assert.ok(contrast(color, paper) >= 4.5, color);
  });

  test(`on ${theme} paper, no two lines look alike to any kind of colour vision`, () => {
    // The least distance within the palette of Okabe and Ito.
    const least = 0.075;
    for (const [k, one] of groups.entries())
      for (const other of groups.slice(k + 1))
        assert.ok(distance(one, other) >= least, `${one} and ${other}: ${distance(one, other)}`);
  });
}

test('thirty groups have thirty styles, which do not change with those that are hidden', () => {
  const names = Array.from({ length: 30 }, (_, k) => `group ${k}`);
  const styles = groupStyles(names, COLORS.light);
  assert.equal(new Set([...styles.values()].map(({ color, dash }) => color + dash)).size, 30);
});

test('labels that fit are apart, in order and inside, and those that do not touch stay', () => {
  const places = fc.array(fc.double({ min: 0, max: 500, noNaN: true }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(places, (wanted) => {
      const placed = spreadOut(wanted, { gap: 15, low: 0, high: 500 });
      const order = wanted.map((_, k) => k).sort((a, b) => placed[a]! - placed[b]!);
      for (const [i, k] of order.entries()) {
        assert.ok(placed[k]! >= -1e-6 && placed[k]! <= 500 + 1e-6, `${placed[k]}`);
        if (i > 0) assert.ok(placed[k]! - placed[order[i - 1]!]! >= 15 - 1e-6);
        if (i > 0) assert.ok(wanted[k]! >= wanted[order[i - 1]!]!);
      }
    }),
    { seed: 1, numRuns: 500 },
  );
  assert.deepEqual(spreadOut([300, 100, 102], { gap: 15, low: 0, high: 500 }), [300, 93.5, 108.5]);
});

test('on the front is what no other beats in both', () => {
  const ends: Record<string, [bytes: number, accuracy: number]> = {
    cheap: [10, 0.5],
    middle: [20, 0.7],
    beaten: [30, 0.7],
    best: [40, 0.9],
    worse: [50, 0.1],
  };
  const rows = Object.entries(ends).flatMap(([group, [bytes, accuracy]]) => {
    const none = { seeds: 1, margin: Number.NaN, difference: 0, difference_margin: 0, agree: 0, pairs: 0 };
    return [
      { group, figure: 'sent_bytes', mean: bytes, ...none },
      { group, figure: 'accuracy-mean', mean: accuracy, ...none },
      { group, figure: 'consensus-distance', mean: accuracy, ...none },
    ];
  });
  const front = (metric: string) =>
    paretoPoints(rows, metric, 'bytes').flatMap(({ group, isFront }) => (isFront ? [group] : []));
  assert.deepEqual(front('accuracy-mean'), ['cheap', 'middle', 'best']);
  // Of a distance, less is better.
  assert.deepEqual(front('consensus-distance'), ['cheap', 'worse']);
});

test('an axis has the unit that its end would be printed with', () => {
  const labels = (['bytes', 'time', 'rounds'] as const).map((against) => axisOf(against, 5.4e12).label);
  assert.deepEqual(labels, ['bytes sent (GB)', 'virtual time (min)', 'round']);
  assert.deepEqual(axisOf('bytes', 999), { label: 'bytes sent (B)', size: 1 });
});

test('curves of nodes keep gaps, rank the worst first, and find the one under the pointer', () => {
  const rows = [
    [0, 0, 0.1],
    [0, 1, 0.2],
    [0, 2, 0.3],
    [5, 0, 0.9],
    [5, 2, 0.4],
  ] as const;
  const table = {
    length: rows.length + 1,
    columns: {
      time_ns: Float64Array.from([...rows.map(([time]) => time), 5]),
      round: Int32Array.from([...rows.map(([time]) => time / 5), 1]),
      node: Int32Array.from([...rows.map(([, node]) => node), -1]),
      metric: textColumn([...rows.map(() => 'accuracy'), 'accuracy-mean']),
      value: Float64Array.from([...rows.map(([, , value]) => value), 0.65]),
    },
  };
  const series = nodeSeries(table, 'accuracy');
  assert.deepEqual(series.values, [
    [0.1, 0.9],
    [0.2, null],
    [0.3, 0.4],
  ]);
  assert.deepEqual(series.ranking, [1, 2, 0]);
  assert.equal(nearestTo(0.5, series.values, 1), 2);
  assert.equal(nearestTo(0.12, series.values, 0), 0);
  assert.equal(nearestTo(0.5, [[null]], 0), undefined);
});
