/** Weights that are chosen for the spectral gap of the whole graph. */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { count } from '../../options/index.js';
import { components } from '../components.js';
import type { Edge } from '../edges.js';
import { isSymmetric } from '../neighbor-lists.js';
import type { Neighbors } from '../neighbors.js';
import { type MixingEntry, type MixingRow, rowOf } from './entry.js';
import { metropolisHastings } from './metropolis-hastings.js';

/** All eigenvalues are computed. */
const NODES_MAX = 400;
/** Where the steps begin, as a share of the norm of the weights. */
const FIRST_STEP = 0.1;

const REFERENCE =
  'Xiao and Boyd, Fast linear iterations for distributed averaging, Systems & Control Letters 2004';

/**
 * W = I − αL with α = 2 / (λ₂ + λₙ), L the Laplacian with its least eigenvalue above 0 and its greatest: of all weights that are
 * the same for all links, the one with the largest spectral gap. Where degrees differ much, that of a node itself may be
 * negative.
 */
export const bestConstant: MixingEntry<Record<string, never>> = {
  id: 'best-constant',
  description:
    'the one weight for all links that has the largest spectral gap: doubly stochastic; needs an undirected topology',
  reference: REFERENCE,
  options: z.strictObject({}),
  doublyStochastic: true,
  rows(neighbors) {
    const graph = graphOf(neighbors, 'best-constant');
    return rowsOf(neighbors, graph.edges, equalWeights(graph));
  },
};

/**
 * Weights of the links, each the same in both directions, with a large spectral gap: subgradient steps on ‖W − 11ᵀ/n‖, from
 * the better of `metropolis-hastings` and `best-constant`; the best of all steps. Weights may be negative.
 */
export const fastest: MixingEntry<{ readonly steps: number }> = {
  id: 'fastest',
  description:
    'a weight for each link, optimised for the spectral gap: doubly stochastic; needs an undirected topology',
  reference: REFERENCE,
  options: z.strictObject({
    steps: count()
      .default(300)
      .describe('steps of the optimisation, each of which takes time of the order of nodes³'),
  }),
  doublyStochastic: true,
  rows(neighbors, { steps }) {
    const graph = graphOf(neighbors, 'fastest');
    const known = metropolisHastings.rows(neighbors, {});
    const starts = [
      equalWeights(graph),
      Float64Array.from(graph.edges, ([a, b]) => known[b]!.neighbors[neighbors.in[b]!.indexOf(a)]!),
    ].map((weights) => ({ weights, ...slowest(graph, weights) }));
    const best = starts.reduce((one, other) => (other.modulus < one.modulus ? other : one));
    return rowsOf(neighbors, graph.edges, descended(graph, best.weights, steps));
  },
};

/** What both rules look at. */
interface UndirectedEdges {
  readonly nodes: number;
  readonly edges: readonly Edge[];
  /** Σ 11ᵀ/n over the components: full agreement in each. */
  readonly agreement: Matrix;
}

function graphOf(neighbors: Neighbors, rule: string): UndirectedEdges {
  const { nodes } = neighbors;
  const refuse = (code: string, expected: string, remedy: string) =>
    new UsageError(code, `expected ${expected} for ${rule} mixing: ${remedy}`, 'topology');
  if (!isSymmetric(neighbors)) {
    const expected = 'an undirected topology, and not links in one direction only,';
    throw refuse('asymmetric-topology', expected, 'use an undirected topology, or mixing: uniform');
  }
  if (nodes > NODES_MAX)
    throw refuse(
      'topology-too-large',
      `at most ${NODES_MAX} nodes, and not ${nodes},`,
      'use metropolis-hastings',
    );
  const agreement = Matrix.zeros(nodes, nodes);
  for (const members of components(neighbors)) {
    for (const a of members) for (const b of members) agreement.set(a, b, 1 / members.length);
  }
  const edges = neighbors.out.flatMap((list, a) =>
    Array.from(list).flatMap((b): Edge[] => (a < b ? [[a, b]] : [])),
  );
  return { nodes, edges, agreement };
}

/** α for every edge; 0 where there is none. */
function equalWeights({ nodes, edges, agreement }: UndirectedEdges): Float64Array {
  const ones = new Float64Array(edges.length).fill(1);
  const laplacian = Matrix.sub(Matrix.eye(nodes), mixing(nodes, edges, ones));
  // The modes of agreement have the eigenvalue 0; lifted by 2n, which no other reaches, they stand apart.
  const lifted = Matrix.add(laplacian, Matrix.mul(agreement, 2 * nodes));
  const values = new EigenvalueDecomposition(lifted, { assumeSymmetric: true }).realEigenvalues.filter(
    (value) => value < 1.5 * nodes,
  );
  const [least, greatest] = [
    values.reduce((a, b) => Math.min(a, b), nodes),
    values.reduce((a, b) => Math.max(a, b), 0),
  ];
  return ones.fill(2 / (least + greatest));
}

/** The weights with the largest gap on the way of so many steps. */
function descended(graph: UndirectedEdges, start: Float64Array, steps: number): Float64Array {
  const scale = FIRST_STEP * Math.hypot(...start);
  let weights = start;
  let best = { modulus: Number.POSITIVE_INFINITY, weights };
  for (let step = 1; step <= steps; step++) {
    const { value, modulus, vector } = slowest(graph, weights);
    if (modulus < best.modulus) best = { modulus, weights };
    // The derivative of vᵀWv by the weight of the edge a – b.
    const slope = graph.edges.map(([a, b]) => -Math.sign(value) * (vector[a]! - vector[b]!) ** 2);
    const norm = Math.hypot(...slope);
    if (norm === 0) break;
    const length = scale / Math.sqrt(step) / norm;
    weights = weights.map((weight, k) => weight - length * slope[k]!);
  }
  return best.weights;
}

/** The mode that takes longest to die out: the eigenvalue of W of the greatest modulus beside agreement, and its vector. */
function slowest({ nodes, edges, agreement }: UndirectedEdges, weights: Float64Array) {
  const found = new EigenvalueDecomposition(mixing(nodes, edges, weights).sub(agreement), {
    assumeSymmetric: true,
  });
  const values = found.realEigenvalues;
  const place = values.reduce((most, value, k) => (Math.abs(value) > Math.abs(values[most]!) ? k : most), 0);
  const value = values[place]!;
  return { value, modulus: Math.abs(value), vector: found.eigenvectorMatrix.getColumn(place) };
}

/** I − Σ weights[k] · (e_a − e_b)(e_a − e_b)ᵀ over the edges a – b. */
function mixing(nodes: number, edges: readonly Edge[], weights: Float64Array): Matrix {
  const matrix = Matrix.eye(nodes);
  for (const [k, [a, b]] of edges.entries()) {
    const weight = weights[k]!;
    matrix.set(a, a, matrix.get(a, a) - weight);
    matrix.set(b, b, matrix.get(b, b) - weight);
    matrix.set(a, b, weight);
    matrix.set(b, a, weight);
  }
  return matrix;
}

function rowsOf(neighbors: Neighbors, edges: readonly Edge[], weights: Float64Array): MixingRow[] {
  const { nodes } = neighbors;
  const byEdge = new Map(edges.map(([a, b], k) => [a * nodes + b, weights[k]!]));
  return neighbors.in.map((incoming, to) =>
    rowOf(
      Float64Array.from(incoming, (from) => byEdge.get(Math.min(from, to) * nodes + Math.max(from, to))!),
    ),
  );
}
