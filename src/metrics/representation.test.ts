import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../errors.js';
import type { ModelSpec } from '../models/model.js';
import type { Measured, ProbeView } from './probe.js';
import { representationDistance } from './representation.js';

/** Body [3 × rank], head [rank]. */
const linear = (rank: number): ModelSpec => ({
  use: 'linear-representation',
  options: { rank },
  input: [3],
  classes: 0,
});

/** Nodes with these bodies, row-major; the truth of the plane of the first two axes, unless another is given. */
function viewOf(
  rank: number,
  bodies: readonly (readonly number[])[],
  truth: readonly number[] | undefined = [1, 0, 0, 1, 0, 0],
): ProbeView {
  const nodes = bodies.map((body, id) => ({
    id,
    evaluated: { personal: { params: Float32Array.from([...body, ...Array(rank).fill(7)]) } },
  }));
  return {
    model: linear(rank),
    nodes,
    dataset: {
      ...{ id: 'data', classes: 0, train: 1, test: 1 },
      truth: { representation: Float32Array.from(truth) },
    },
  } as unknown as ProbeView;
}

function distance(...given: Parameters<typeof viewOf>): number {
  const [{ metric, value }] = representationDistance.measure(viewOf(...given), [], {}) as [
    { metric: string; value: number },
  ];
  assert.equal(metric, 'representation-distance');
  return value;
}

const close = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);

test('a representation within the true one has distance 0, whatever its basis and scale', () => {
  close(distance(2, [[3, 1, 2, -5, 0, 0]]), 0);
  close(distance(1, [[3, 4, 0]]), 0);
});

test('a direction that is orthogonal to the true ones makes the distance 1', () => {
  close(distance(1, [[0, 0, 2]]), 1);
  close(distance(2, [[1, 0, 0, 0, 0, 1]]), 1);
});

test('the distance of a line to a plane is the squared sine of their angle', () => {
  // (3, 0, 4)/5 has 4/5 outside of the plane.
  close(distance(1, [[3, 0, 4]]), 16 / 25);
  // Columns e1 and (0, 1, 1): the second is 45 degrees above the plane.
  close(distance(2, [[1, 0, 0, 1, 0, 1]]), 1 / 2);
});

test('the distance is that of the mean representation over the nodes', () => {
  // Neither lies in the plane, their mean (3, 0, 0) does.
  const bodies = [
    [1, 0, 9],
    [5, 0, -9],
  ];
  close(distance(1, bodies), 0);
  assert.ok(distance(1, bodies.slice(0, 1)) > 0.9);
});

test('params that are not finite give NaN', () => {
  assert.equal(distance(1, [[1, Number.NaN, 0]]), Number.NaN);
});

test('data without a true representation, and models without a representation, are refused', () => {
  const view = viewOf(1, [[1, 0, 0]]);
  const refusal = (change: Partial<ProbeView>) => {
    try {
      representationDistance.measure({ ...view, ...change }, [], {});
    } catch (error) {
      assert.ok(error instanceof UsageError);
      assert.equal(error.path, 'measure.probes');
      return error.message;
    }
    return assert.fail('it was accepted');
  };
  assert.match(
    refusal({ dataset: { id: 'mnist', classes: 10, train: 1, test: 1 } }),
    /expected data that know their true representation, such as "linear-representation", got "mnist"$/,
  );
  const softmax = { use: 'softmax', options: {}, input: [3], classes: 2 };
  assert.match(refusal({ model: softmax }), /expected a model whose body has a matrix .* got none$/);
  const narrow = { ...linear(1), input: [4] };
  assert.match(refusal({ model: narrow }), /\(6 numbers\).* got representation \[4 × 1\]$/);
});

test('of several vectors of a node, the first counts', () => {
  const view = viewOf(1, [[3, 0, 4]]);
  Object.assign(view.nodes[0]!.evaluated, { other: { params: Float32Array.of(9, 9, 9, 7) } });
  const [{ value }] = representationDistance.measure(view, [], {}) as [Measured];
  close(value, 16 / 25);
});
