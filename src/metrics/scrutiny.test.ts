import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EvaluationRequest } from './probe.js';
import { checkMeasured, checkRequests, type NotFinite, refuseCollisions, withNotFinite } from './scrutiny.js';

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

const nodes = new Set([0, 2]);
const place = () => 'probe "x"';

test('what is measured is numbers under names, of existing nodes or of the whole run', () => {
  const check = (one: unknown) => checkMeasured([{ metric: 'y', value: 0 }, one], nodes, place);
  assert.doesNotThrow(() => check({ metric: 'x', value: Number.NaN }));
  assert.doesNotThrow(() => check({ metric: 'x', value: 1, node: 2 }));
  const wrong: [unknown, string][] = [
    [{ metric: '', value: 1 }, '{ metric: , value: 1 }'],
    [{ metric: 3, value: 1 }, '{ metric: 3, value: 1 }'],
    [{ metric: 'x', value: '1', node: 0 }, '{ metric: x, value: 1, node: 0 }'],
    [{ metric: 'x', value: 1, node: 1 }, '{ metric: x, value: 1, node: 1 }'],
    [null, 'null'],
    [7, '7'],
  ];
  for (const [one, got] of wrong)
    assert.throws(() => check(one), {
      name: 'PluginError',
      isPlaced: true,
      message: `probe "x": expected { metric, value, node? } with a name, a number and an existing node, got ${got}`,
    });
  assert.throws(() => checkMeasured({}, nodes, place), /expected measure to return an array, got \[object/);
});

test('what is asked for is models of existing nodes on rows of the data set', () => {
  const good = { node: 2, label: 'l', set: 's', evaluated: {}, rows: Uint32Array.of(0, 9) };
  const check = (...requests: object[]) =>
    checkRequests(requests as EvaluationRequest[], { nodes, rows: 10 }, place);
  assert.doesNotThrow(() => check(good, good));
  const wrong = [{ node: 1 }, { label: undefined }, { set: 5 }, { evaluated: undefined }];
  for (const one of wrong) assert.throws(() => check(good, { ...good, ...one }), /expected requests \{ node/);
  assert.throws(() => check(good, { ...good, rows: Uint32Array.of(10, 11) }), /rows from 0 to 9 .*, got 10$/);
  assert.throws(() => check({ ...good, rows: [1] }), /as a Uint32Array, got 1$/);
  assert.throws(() => checkRequests('x' as never, { nodes, rows: 10 }, place), /to return an array, got x/);
});
