import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Random } from '../../random.js';
import { embeddingLoss, mostConfident, pickedTargets, softCrossEntropy } from './distillation.js';

const CLASSES = 3;
const ROWS = 4;
const LAW = { seed: 1, numRuns: 100 };

/** Probabilities of some rows, from the seed of a law. */
function draw(random: Random, rows = ROWS): Float32Array {
  const result = new Float32Array(rows * CLASSES);
  for (let row = 0; row < rows; row++) {
    const weights = Array.from({ length: CLASSES }, () => random.uniform() + 1e-3);
    const total = weights.reduce((a, b) => a + b);
    for (const [c, weight] of weights.entries()) result[row * CLASSES + c] = weight / total;
  }
  return result;
}

const normals = (random: Random, length: number) => Float32Array.from({ length }, () => random.normal());
const greatest = (values: Float32Array, row: number) =>
  Math.max(...values.subarray(row * CLASSES, (row + 1) * CLASSES));
const withRandom = (check: (random: Random) => void) =>
  fc.assert(
    fc.property(fc.string(), (seed) => check(new Random(seed))),
    LAW,
  );

test('the target of each row is the prediction of the most confident candidate, and of equals of the first', () => {
  const own = Float32Array.of(0.5, 0.25, 0.25, 0.125, 0.75, 0.125, 0.25, 0.5, 0.25);
  const other = Float32Array.of(0.125, 0.125, 0.75, 0.25, 0.5, 0.25, 0.5, 0.25, 0.25);
  assert.deepEqual(
    [...mostConfident([own, other], CLASSES)],
    [0.125, 0.125, 0.75, 0.125, 0.75, 0.125, 0.25, 0.5, 0.25],
  );
  assert.deepEqual(
    [...pickedTargets([own, other], CLASSES, Uint8Array.of(0, 1, 1))],
    [0.5, 0.25, 0.25, 0.25, 0.5, 0.25, 0.5, 0.25, 0.25],
  );
});

test('a target is a prediction of one candidate, as confident as the most confident of them', () => {
  withRandom((random) => {
    const candidates = Array.from({ length: 1 + random.integer(4) }, () => draw(random));
    const targets = mostConfident(candidates, CLASSES);
    for (let row = 0; row < ROWS; row++) {
      const of = (values: Float32Array) => [...values.subarray(row * CLASSES, (row + 1) * CLASSES)];
      assert.ok(candidates.some((candidate) => of(candidate).join() === of(targets).join()));
      assert.equal(greatest(targets, row), Math.max(...candidates.map((values) => greatest(values, row))));
      assert.ok(Math.abs(of(targets).reduce((a, b) => a + b) - 1) < 1e-6);
    }
  });
});

test('with one candidate the targets are its predictions', () => {
  withRandom((random) => {
    const own = draw(random);
    assert.deepEqual(mostConfident([own], CLASSES), own);
  });
});

test('neither the order of the candidates nor a second copy of one changes the targets', () => {
  withRandom((random) => {
    const candidates = Array.from({ length: 4 }, () => draw(random));
    const targets = mostConfident(candidates, CLASSES);
    const order = random.shuffle([0, 1, 2, 3, random.integer(4)]);
    assert.deepEqual(
      mostConfident(
        order.map((c) => candidates[c]!),
        CLASSES,
      ),
      targets,
    );
  });
});

test('a prediction equal to the target has no gradient, and its loss is the entropy of the target', () => {
  withRandom((random) => {
    const predicted = draw(random);
    const { loss, gradient } = softCrossEntropy(predicted, predicted, { rows: ROWS, weight: 2 });
    assert.ok(gradient.every((value) => value === 0));
    const entropy = -predicted.reduce((sum, p) => sum + p * Math.log(p), 0) / ROWS;
    assert.ok(Math.abs(loss - entropy) < 1e-12);
  });
});

test('the loss of another prediction is larger by its divergence, which is not negative', () => {
  withRandom((random) => {
    const [predicted, target] = [draw(random), draw(random)];
    const size = { rows: ROWS, weight: 1 };
    const entropy = softCrossEntropy(target, target, size).loss;
    assert.ok(softCrossEntropy(predicted, target, size).loss > entropy - 1e-6);
  });
});

test('a class of probability 0 costs a finite loss, and none where the target is 0 too', () => {
  const certain = Float32Array.of(1, 0, 0);
  const size = { rows: 1, weight: 1 };
  assert.ok(Number.isFinite(softCrossEntropy(certain, Float32Array.of(0, 1, 0), size).loss));
  assert.equal(softCrossEntropy(certain, certain, size).loss, 0);
});

test('the gradient of distillation is weight × that of the loss by the logits', () => {
  withRandom((random) => {
    const logits = Array.from({ length: CLASSES }, () => random.normal());
    const target = draw(random, 1);
    const lossAt = (at: readonly number[]) => {
      const total = Math.log(at.reduce((sum, logit) => sum + Math.exp(logit), 0));
      return target.reduce((sum, t, c) => sum + t * (total - at[c]!), 0);
    };
    const exponentials = logits.map(Math.exp);
    const predicted = Float32Array.from(
      exponentials,
      (value) => value / exponentials.reduce((a, b) => a + b),
    );
    const { gradient } = softCrossEntropy(predicted, target, { rows: 1, weight: 3 });
    assertGradient(gradient, logits, (at) => 3 * lossAt(at));
  });
});

test('embeddings that point the same way have no loss and no gradient, however long they are', () => {
  withRandom((random) => {
    const own = normals(random, 2 * 5);
    const { loss, gradient } = embeddingLoss(own, [own.map((value) => 8 * value)], { width: 5, weight: 1 });
    assert.ok(loss < 1e-12);
    assert.ok(gradient.every((value) => Math.abs(value) < 1e-6));
  });
});

test('the loss of embeddings ignores their lengths and the order of teachers, and is at most 4 per teacher', () => {
  withRandom((random) => {
    const [own, ...teachers] = Array.from({ length: 4 }, () => normals(random, 3 * 5));
    const of = (student: Float32Array, others: readonly Float32Array[]) =>
      embeddingLoss(student, others, { width: 5, weight: 1 }).loss;
    const loss = of(own!, teachers);
    assert.ok(loss >= 0 && loss <= 4 * 3);
    const near = (value: number) => assert.ok(Math.abs(value - loss) < 1e-9, `${value} is not ${loss}`);
    near(
      of(
        own!.map((value) => 4 * value),
        teachers,
      ),
    );
    near(
      of(
        own!,
        teachers.map((teacher) => teacher.map((value) => value / 2)),
      ),
    );
    near(of(own!, [...teachers].reverse()));
    const opposite = own!.map((value) => -value);
    assert.ok(Math.abs(of(own!, [opposite]) - 4) < 1e-9);
  });
});

test('the gradient of embeddings is weight × that of the loss', () => {
  withRandom((random) => {
    const own = normals(random, 3);
    const teachers = [normals(random, 3), normals(random, 3)];
    const lossAt = (at: readonly number[]) => {
      const unit = (x: readonly number[]) => x.map((v) => v / Math.hypot(...x));
      return teachers.reduce(
        (sum, t) => sum + Math.hypot(...unit(at).map((v, e) => v - unit([...t])[e]!)) ** 2,
        0,
      );
    };
    const { loss, gradient } = embeddingLoss(own, teachers, { width: 3, weight: 0.5 });
    assert.ok(Math.abs(loss - lossAt([...own])) < 1e-9);
    if (Math.hypot(...own) > 0.1) assertGradient(gradient, [...own], (at) => 0.5 * lossAt(at));
  });
});

test('an embedding of zeros has no gradient', () => {
  const { loss, gradient } = embeddingLoss(new Float32Array(2), [Float32Array.of(3, 4)], {
    width: 2,
    weight: 1,
  });
  assert.ok(Math.abs(loss - 1) < 1e-12);
  assert.deepEqual([...gradient], [0, 0]);
});

function assertGradient(gradient: Float32Array, at: readonly number[], loss: (at: number[]) => number): void {
  for (const [i, value] of gradient.entries()) {
    const shifted = (step: number) => loss(at.map((x, k) => (k === i ? x + step : x)));
    const difference = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
    assert.ok(
      Math.abs(value - difference) < 1e-4 * (1 + Math.abs(difference)),
      `${i}: ${value}, ${difference}`,
    );
  }
}
