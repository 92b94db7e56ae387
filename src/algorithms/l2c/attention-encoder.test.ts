/** The attention encoder against a worked example, its symmetries, and finite differences. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildModel } from '../../models/index.js';
import { Random } from '../../random.js';
import {
  drawEncoder,
  encode,
  encoderFlops,
  encoderGradient,
  encoderLayout,
  score,
  scores,
} from './attention-encoder.js';

const SLICES = [
  { shape: [3, 2], offset: 0, length: 6 },
  { shape: [2], offset: 6, length: 2 },
];
const LAYOUT = encoderLayout(SLICES, { hidden: 3, output: 2 });
const SETTINGS = { seed: 11, numRuns: 30 };
const number = fc.double({ min: -2, max: 2, noNaN: true });
const vector = fc.array(number, { minLength: 8, maxLength: 8 }).map((list) => Float32Array.from(list));
const vectors = fc.array(vector, { minLength: 1, maxLength: 4 });
const near = (a: number, b: number, tolerance: number) => Math.abs(a - b) <= tolerance;

test('the encoder has inputs·k1 + k1 + k1·k2 + k2 numbers per tensor: 31,750 for the network of the paper', () => {
  assert.equal(LAYOUT.length, 3 * 3 + 3 + 3 * 2 + 2 + (1 * 3 + 3 + 3 * 2 + 2));
  const model = buildModel({ use: 'l2c-cnn', options: {}, input: [32, 32, 3], classes: 10 });
  assert.equal(encoderLayout(model.slices, { hidden: 10, output: 20 }).length, 31750);
});

test('an encoding is that of the formula, computed by hand with one hidden and one output unit', () => {
  const layout = encoderLayout([{ shape: [2, 1], offset: 0, length: 2 }], { hidden: 1, output: 1 });
  // A = (1, 2), b = 0.1, C = 3, c = −0.5; u = (3, 4)/5.
  const encoding = encode(layout, [1, 2, 0.1, 3, -0.5], Float32Array.of(3, 4));
  const hidden = Math.tanh(0.6 + 1.6 + 0.1);
  assert.ok(near(encoding.hidden[0]![0]!, hidden, 1e-9));
  assert.ok(near(encoding.output[0]![0]!, Math.tanh(3 * hidden - 0.5), 1e-9));
  assert.ok(near(score(layout, encoding, encoding), Math.tanh(3 * hidden - 0.5) ** 2, 1e-9));
});

test('rows are output units: permuting them permutes encodings, and does not change scores', () => {
  const encoder = drawEncoder(LAYOUT, new Random('rows'));
  const swapped = (v: Float32Array) => Float32Array.from([1, 0, 3, 2, 5, 4, 7, 6], (i) => v[i]!);
  fc.assert(
    fc.property(vector, vector, (a, b) => {
      const [plain, changed] = [
        scores(LAYOUT, encoder, [a, b], 0),
        scores(LAYOUT, encoder, [a, b].map(swapped), 0),
      ];
      assert.ok(near(plain[1]!, changed[1]!, 1e-9));
    }),
    SETTINGS,
  );
});

test('scores are symmetric, and do not depend on the length of an update', () => {
  const encoder = drawEncoder(LAYOUT, new Random('laws'));
  fc.assert(
    fc.property(vector, vector, fc.double({ min: 0.1, max: 10, noNaN: true }), (a, b, factor) => {
      fc.pre(a.some((x) => Math.abs(x) > 1e-3));
      const there = scores(LAYOUT, encoder, [a, b], 0)[1]!;
      assert.equal(scores(LAYOUT, encoder, [a, b], 1)[0]!, there);
      const scaled = a.map((x) => x * factor);
      assert.ok(near(scores(LAYOUT, encoder, [scaled, b], 0)[1]!, there, 1e-5));
    }),
    SETTINGS,
  );
});

test('the gradient of the encoder is that of finite differences', () => {
  fc.assert(
    fc.property(
      vectors,
      fc.nat(3),
      fc.array(number, { minLength: 4, maxLength: 4 }),
      (list, place, ofScores) => {
        const self = place % list.length;
        const encoder = Float64Array.from(drawEncoder(LAYOUT, new Random('gradient')));
        const loss = (numbers: Float64Array) =>
          scores(LAYOUT, numbers, list, self).reduce((sum, value, j) => sum + ofScores[j]! * value, 0);
        const gradient = encoderGradient(LAYOUT, encoder, list, { self, ofScores });
        const step = 1e-6;
        for (const i of encoder.keys()) {
          const moved = (by: number) => encoder.map((value, k) => (k === i ? value + by : value));
          const expected = (loss(moved(step)) - loss(moved(-step))) / (2 * step);
          assert.ok(near(gradient[i]!, expected, 1e-6), `number ${i}: ${gradient[i]} and ${expected}`);
        }
      },
    ),
    SETTINGS,
  );
});

test('very large numbers saturate, and nothing becomes infinite', () => {
  const encoder = new Float32Array(LAYOUT.length).fill(1e4);
  const huge = new Float32Array(8).fill(1e15);
  const values = [...scores(LAYOUT, encoder, [huge, huge.map((x) => -x), new Float32Array(8)], 0)];
  assert.ok(values.every(Number.isFinite));
  assert.equal(values[0], 2);
});

test('the cost grows with rows and inputs, as 2·rows·k1·(inputs + k2) and the layers’ own', () => {
  assert.equal(encoderFlops(LAYOUT), 2 * 2 * 3 * (3 + 2) + 8 * 2 * 5 + (2 * 2 * 3 * (1 + 2) + 8 * 2 * 5));
});
