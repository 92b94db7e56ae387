import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type NotFinite, refuseCollisions, withNotFinite } from './scrutiny.js';

const at = { round: 3, time: 50 };

test('two numbers of the same metric and node are refused, and both probes are named', () => {
  const collide = (...probes: string[]) =>
    refuseCollisions(
      probes.map((probe) => ({
        probe,
        measured: [
          { metric: 'x', node: 2, value: 1 },
          { metric: 'x', value: 1 },
        ],
      })),
    );
  assert.doesNotThrow(() => collide('a'));
  assert.throws(() => collide('a', 'b'), {
    name: 'UsageError',
    code: 'same-metric',
    path: 'measure.probes.1',
    message:
      'expected each metric to be written once, got "x" of node 2 twice: probes "a" and "b" write it; remove one of them, or give its metric another name',
  });
  const whole = { metric: 'x', value: 1 };
  assert.throws(() => refuseCollisions([{ probe: 'a', measured: [whole, whole] }]), {
    message: /got "x" for the whole run twice: probe "a" writes it twice;/,
  });
});

test('the same metric of several nodes, or of a node and of the whole run, is no collision', () => {
  const measured = [
    { metric: 'x', node: 0, value: 1 },
    { metric: 'x', node: 1, value: 1 },
    { metric: 'x', value: 1 },
    { metric: 'y', node: 0, value: 1 },
  ];
  assert.doesNotThrow(() => refuseCollisions([{ probe: 'a', measured }]));
});

test('numbers that are not finite are counted per probe, and the first of each probe is kept', () => {
  const first = withNotFinite(
    [],
    [
      { probe: 'good', measured: [{ metric: 'g', value: 0 }] },
      {
        probe: 'bad',
        measured: [
          { metric: 'b', node: 0, value: 1 },
          { metric: 'b', node: 1, value: Number.NaN },
          { metric: 'b-mean', value: Number.NaN },
        ],
      },
    ],
    at,
  );
  const expected: NotFinite[] = [
    { probe: 'bad', metric: 'b', node: 1, round: 3, time: 50, value: Number.NaN, count: 2 },
  ];
  assert.deepEqual(first, expected);
  const later = [
    { probe: 'good', measured: [{ metric: 'g', value: Number.POSITIVE_INFINITY }] },
    { probe: 'bad', measured: [{ metric: 'b', node: 0, value: Number.NEGATIVE_INFINITY }] },
  ];
  assert.deepEqual(withNotFinite(first, later, { round: 4, time: 60 }), [
    { ...expected[0], count: 3 },
    {
      ...{ probe: 'good', metric: 'g', node: undefined, round: 4, time: 60 },
      value: Number.POSITIVE_INFINITY,
      count: 1,
    },
  ]);
});
