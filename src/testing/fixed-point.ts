/** The fixed point of gossip with full gradient steps on quadratics, and whether an algorithm that says so comes to it. */
import { Matrix, solve } from 'ml-matrix';
import { lengthOf } from '../data/dataset.js';
import type { AnyAlgorithm, FixedPoint } from '../learning/algorithm.js';
import { valuesOf } from '../learning/params.js';
import type { Plan } from '../simulation/plan.js';
import type { World } from '../simulation/world.js';
import { planOf } from './plans.js';
import { readAtEnd } from './run.js';

/** Curvatures lie between 1 and this. */
const CURVATURE_MAX = 2;

/** How far from the fixed point params may be, relative to the largest of them: they are float32, rounded in every round. */
const TOLERANCE = 1e-5;

/**
 * What is wrong with where the algorithm of a plan ends on quadratics of its own, over the plan's topology and with its mixing
 * rule; undefined where nothing is, or where the algorithm says nothing of that.
 */
export async function faultOfFixedPoint(plan: Plan): Promise<string | undefined> {
  const { fixedPoints = [] } = plan.algorithm.entry as AnyAlgorithm;
  if (plan.topology === undefined) return undefined;
  for (const claim of fixedPoints) {
    const fault = await faultOf(plan, claim);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

async function faultOf(plan: Plan, claim: FixedPoint): Promise<string | undefined> {
  const { nodes, topology, seed } = plan;
  const entry = plan.algorithm.entry as AnyAlgorithm;
  // With a weight of at least 1/nodes for itself, a node takes 1/(2·nodes) at least off its distance in every round.
  const learningRate = 1 / (CURVATURE_MAX * nodes);
  const rounds = Math.ceil(Math.log(TOLERANCE / 100) / Math.log(1 - learningRate));
  const tiny = planOf({
    nodes,
    seed,
    data: { use: 'quadratic', dimension: 3, curvature: [1, CURVATURE_MAX], split: 'by-node' },
    model: { use: 'quadratic', initBound: 1, init: entry.commonInit ? 'common' : 'per-node' },
    algorithm: { use: entry, ...claim.options, learningRate },
    measure: { every: '1000000 rounds', probes: [] },
    stop: { after: `${rounds} rounds` },
  });
  const rule = entry.mixing?.(plan.algorithm.options);
  const own = tiny.algorithm.options as Readonly<Record<string, unknown>>;
  const options = rule !== undefined && typeof rule !== 'string' ? { ...own, mixing: rule } : own;
  const algorithm = { ...tiny.algorithm, options };
  const { order } = claim;
  // A topology may come from a file.
  const data = { ...tiny.data, directory: plan.data.directory };
  return readAtEnd({ ...tiny, data, topology, algorithm }, (world) => {
    // Where links differ from round to round there is no such point.
    if (world.topology.changes) return undefined;
    const weights = weightsOf(world, nodes);
    if (weights.diagonal().some((weight) => weight < 1 / nodes - TOLERANCE)) return undefined;
    const expected = fixedPoint(weights, objectivesOf(world, nodes), { order, learningRate });
    const distance = distanceTo(world, expected);
    if (distance === undefined) return undefined;
    return `after ${rounds} rounds on quadratics with ${order} and a step size of ${learningRate}, ${distance}`;
  });
}

/** A param that is too far from what is expected; undefined if none is. */
function distanceTo(world: World, expected: Matrix): string | undefined {
  const largest = Math.max(...expected.to1DArray().map(Math.abs));
  for (let node = 0; node < expected.rows; node++) {
    const { mixed, adapted } = world.evaluate(node);
    const params = valuesOf((mixed ?? adapted)!.params);
    for (const [k, wanted] of expected.getRow(node).entries())
      if (!(Math.abs(params[k]! - wanted) <= TOLERANCE * largest))
        return `param ${k} of node ${node} is ${params[k]}, expected ${wanted}`;
  }
  return undefined;
}

/** W [nodes × nodes]. */
function weightsOf(world: World, nodes: number): Matrix {
  const weights = Matrix.zeros(nodes, nodes);
  for (let node = 0; node < nodes; node++) {
    const { self, neighbors } = world.topology.mixing(node);
    weights.set(node, node, self);
    for (const [k, from] of world.topology.of(node).in.entries()) weights.set(node, from, neighbors[k]!);
  }
  return weights;
}

/** Objectives a_i/2 ‖x − b_i‖²: A, diagonal [nodes × nodes], and b [nodes × dimension]. */
interface Objectives {
  readonly curvatures: Matrix;
  readonly targets: Matrix;
}

function objectivesOf({ constants: { dataset } }: World, nodes: number): Objectives {
  const width = lengthOf(dataset.shape);
  const rows = Array.from({ length: nodes }, (_, node) => [
    ...dataset.features.subarray(node * width, (node + 1) * width),
  ]);
  return {
    curvatures: Matrix.diag(rows.map(([curvature]) => curvature!)),
    targets: new Matrix(rows.map(([, ...target]) => target)),
  };
}

/** x with x = W(x − ηA(x − b)), or with x = Wx − ηA(x − b): [nodes × dimension]. */
function fixedPoint(
  weights: Matrix,
  { curvatures, targets }: Objectives,
  { order, learningRate }: Pick<FixedPoint, 'order'> & { readonly learningRate: number },
): Matrix {
  const identity = Matrix.eye(weights.rows);
  const step = Matrix.mul(curvatures, learningRate);
  if (order === 'combine-then-adapt')
    return solve(Matrix.sub(identity, weights).add(step), step.mmul(targets));
  const shrunk = weights.mmul(Matrix.sub(identity, step));
  return solve(Matrix.sub(identity, shrunk), weights.mmul(step).mmul(targets));
}
