/** Laws of learned mixing, against closed forms and finite differences. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../errors.js';
import { startCursor } from '../../learning/batches.js';
import { dot } from '../../learning/vectors.js';
import { Random } from '../../random.js';
import {
  applyMixing,
  difference,
  logitGradient,
  type MixingForm,
  mixtureOf,
  requireValidationRows,
  softmaxWeights,
  validationRows,
} from './learned-mixing.js';
import { strongest } from './pruning.js';

const SETTINGS = { seed: 7, numRuns: 60 };
const number = fc.double({ min: -3, max: 3, noNaN: true });
const form = fc.constantFrom<MixingForm>('update', 'model');
const vector = fc.array(number, { minLength: 3, maxLength: 3 }).map((list) => Float32Array.from(list));

/** Vectors of nodes 0 …, logits, params before, and the minimum of the loss ½‖θ − target‖². */
const situation = fc.integer({ min: 1, max: 6 }).chain((size) =>
  fc.record({
    vectors: fc.array(vector, { minLength: size, maxLength: size }),
    logits: fc.array(number, { minLength: size, maxLength: size }),
    start: vector,
    target: vector,
  }),
);

const members = (vectors: readonly Float32Array[]) => ({ members: [...vectors.keys()], vectors });
const near = (a: number, b: number, tolerance: number) => Math.abs(a - b) <= tolerance;

test('weights are at least 0, sum to 1, and do not change when all logits shift', () => {
  fc.assert(
    fc.property(fc.array(number, { minLength: 1, maxLength: 20 }), number, (logits, shift) => {
      const weights = softmaxWeights(logits);
      const shifted = softmaxWeights(logits.map((logit) => logit + shift));
      assert.ok(weights.every((weight, k) => weight >= 0 && near(weight, shifted[k]!, 1e-12)));
      assert.ok(
        near(
          weights.reduce((sum, weight) => sum + weight, 0),
          1,
          1e-12,
        ),
      );
    }),
    SETTINGS,
  );
});

test('equal logits give uniform weights, however large they are', () => {
  for (const logit of [0, -800, 1e4])
    assert.deepEqual([...softmaxWeights([logit, logit, logit, logit])], Array(4).fill(0.25));
});

test('the gradient of the logits is that of finite differences, and sums to 0', () => {
  fc.assert(
    fc.property(situation, form, ({ vectors, logits, start, target }, how) => {
      const mixture = members(vectors);
      // In float64: rounding to float32 would drown the differences.
      const loss = (a: readonly number[]) => {
        const weights = softmaxWeights(a);
        let total = 0;
        for (let i = 0; i < start.length; i++) {
          let theta = how === 'update' ? start[i]! : 0;
          for (const [k, v] of vectors.entries()) theta += (how === 'update' ? -1 : 1) * weights[k]! * v[i]!;
          total += 0.5 * (theta - target[i]!) * (theta - target[i]!);
        }
        return total;
      };
      const weights = softmaxWeights(logits);
      const gradient = logitGradient(
        how,
        difference(applyMixing(how, start, mixture, weights), target),
        mixture,
        weights,
      );
      const step = 1e-5;
      for (const k of logits.keys()) {
        const moved = (by: number) => logits.map((logit, m) => (m === k ? logit + by : logit));
        const expected = (loss(moved(step)) - loss(moved(-step))) / (2 * step);
        assert.ok(
          near(gradient[k]!, expected, 1e-3 * Math.abs(expected) + 1e-5),
          `${gradient[k]} and ${expected}`,
        );
      }
      assert.ok(
        near(
          gradient.reduce((sum, value) => sum + value, 0),
          0,
          1e-10,
        ),
      );
    }),
    SETTINGS,
  );
});

test('where all vectors are equal, the mixed params do not depend on the logits, whose gradient is 0', () => {
  fc.assert(
    fc.property(situation, form, ({ vectors, logits, start, target }, how) => {
      const same = members(vectors.map(() => vectors[0]!));
      const [mix, plain] = [softmaxWeights(logits), softmaxWeights(logits.map(() => 0))].map((w) =>
        applyMixing(how, start, same, w),
      );
      for (const [i, value] of mix!.entries()) assert.ok(near(value, plain![i]!, 1e-6));
      for (const value of logitGradient(how, target, same, softmaxWeights(logits)))
        assert.ok(near(value, 0, 1e-12));
    }),
    SETTINGS,
  );
});

test('with all weight on its own vector a node gets the result of its own local steps', () => {
  const [start, stepped] = [Float32Array.of(1, 2), Float32Array.of(0.5, 4)];
  const own = { id: 1, vector: difference(start, stepped) };
  const mixture = mixtureOf(own, [{ from: 0, vector: Float32Array.of(9, 9) }]);
  assert.deepEqual(mixture.members, [0, 1]);
  assert.deepEqual(applyMixing('update', start, mixture, Float64Array.of(0, 1)), stepped);
  const models = mixtureOf({ id: 1, vector: stepped }, [{ from: 0, vector: Float32Array.of(9, 9) }]);
  assert.deepEqual(applyMixing('model', start, models, Float64Array.of(0, 1)), stepped);
});

test('permuting the other nodes permutes weights and gradients, and does not change the mixed params', () => {
  fc.assert(
    fc.property(situation, form, ({ vectors, logits, start, target }, how) => {
      const back = [...vectors.keys()].reverse();
      const there = members(vectors);
      const reversed = members(back.map((k) => vectors[k]!));
      const [weights, reversedWeights] = [
        softmaxWeights(logits),
        softmaxWeights(back.map((k) => logits[k]!)),
      ];
      const [a, b] = [
        applyMixing(how, start, there, weights),
        applyMixing(how, start, reversed, reversedWeights),
      ];
      for (const i of a.keys()) assert.ok(near(a[i]!, b[i]!, 1e-5));
      const gradient = logitGradient(how, target, there, weights);
      const reversedGradient = logitGradient(how, target, reversed, reversedWeights);
      for (const [place, k] of back.entries()) assert.ok(near(reversedGradient[place]!, gradient[k]!, 1e-10));
    }),
    SETTINGS,
  );
});

test('the forms `update` and `model` agree where all nodes start alike', () => {
  fc.assert(
    fc.property(situation, ({ vectors, logits, start }) => {
      const models = members(vectors);
      const updates = members(vectors.map((v) => difference(start, v)));
      const weights = softmaxWeights(logits);
      const [a, b] = [
        applyMixing('model', start, models, weights),
        applyMixing('update', start, updates, weights),
      ];
      for (const i of a.keys()) assert.ok(near(a[i]!, b[i]!, 1e-5));
    }),
    SETTINGS,
  );
});

test('a step against the gradient of the logits lowers the loss', () => {
  const start = Float32Array.of(0, 0);
  const mixture = members([Float32Array.of(-1, 0), Float32Array.of(0, -1), Float32Array.of(1, 1)]);
  const target = Float32Array.of(0, 1);
  const loss = (logits: number[]) => {
    const gap = difference(applyMixing('update', start, mixture, softmaxWeights(logits)), target);
    return dot(gap, gap) / 2;
  };
  const logits = [0, 0, 0];
  const gap = difference(applyMixing('update', start, mixture, softmaxWeights(logits)), target);
  const gradient = logitGradient('update', gap, mixture, softmaxWeights(logits));
  assert.ok(loss(logits.map((logit, k) => logit - 0.5 * gradient[k]!)) < loss(logits));
  assert.ok(gradient[1]! < gradient[0]! && gradient[0]! < gradient[2]!, 'the second vector leads there');
});

test('pruning keeps the node itself and the largest weights, ties to the lowest node, and pruning twice is pruning once', () => {
  const nodes = [0, 2, 3, 5, 8];
  assert.deepEqual(strongest(nodes, [0.3, 0.1, 0.2, 0.2, 0.2], { self: 2, keep: 2 }), [0, 2, 3]);
  assert.deepEqual(strongest(nodes, [0.3, 0.1, 0.2, 0.2, 0.2], { self: 2, keep: 0 }), [2]);
  fc.assert(
    fc.property(
      fc.array(number, { minLength: 2, maxLength: 12 }),
      fc.nat(11),
      fc.nat(14),
      (weights, id, keep) => {
        const all = [...weights.keys()];
        const self = id % weights.length;
        const kept = strongest(all, weights, { self, keep });
        assert.equal(kept.length, Math.min(weights.length, keep + 1));
        assert.ok(kept.includes(self));
        assert.deepEqual(
          kept,
          kept.toSorted((a, b) => a - b),
        );
        const left = all.filter((node) => !kept.includes(node));
        for (const node of kept)
          for (const other of left) assert.ok(node === self || weights[node]! >= weights[other]!);
        const again = kept.map((node) => weights[node]!);
        assert.deepEqual(strongest(kept, again, { self, keep }), kept);
      },
    ),
    SETTINGS,
  );
});

function nodeWith(count: number) {
  const random = new Random('validation');
  const validation = Uint32Array.from({ length: count }, (_, k) => 3 * k);
  const shard = { train: Uint32Array.of(1, 2), validation, test: new Uint32Array(0) };
  return { id: 4, shard, random: () => random };
}

test('up to 512 validation rows are all used in every round', () => {
  for (const count of [1, 512]) {
    const node = nodeWith(count);
    assert.deepEqual(validationRows(node, startCursor()), node.shard.validation);
  }
});

test('of more than 512 validation rows, batches of 100 go through all of them', () => {
  const node = nodeWith(600);
  const cursor = startCursor();
  const batches = Array.from({ length: 6 }, () => validationRows(node, cursor));
  assert.ok(batches.every(({ length }) => length === 100));
  const seen = batches.flatMap((rows) => [...rows]);
  assert.deepEqual(
    seen.sort((a, b) => a - b),
    [...node.shard.validation],
  );
});

test('a node without validation rows is refused, and the message says how many rows it has', () => {
  requireValidationRows(nodeWith(1));
  assert.throws(
    () => requireValidationRows(nodeWith(0)),
    (error) =>
      error instanceof UsageError &&
      error.code === 'no-validation-rows' &&
      /node 4, which has 2 training rows/.test(error.message),
  );
});
