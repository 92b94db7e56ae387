/** Spectral clustering of nodes by similarities that may be negative, and the mixing matrix of the clusters. */
import { kmeans } from 'ml-kmeans';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { byNumber, sum } from '../../numbers.js';
import type { Random } from '../../random.js';

/** How similarities become a graph: their signs, or cosines. */
type Adjacency = 'sign' | 'normalized';

/** Settings of {@link spectralClusters}. */
export interface ClusterSettings {
  /** Similarities of at most `threshold` × the largest absolute one are no edge. */
  readonly threshold: number;
  readonly adjacency: Adjacency;
}

const RESTARTS = 10;
const MAX_ITERATIONS = 100;
/** There are as many clusters as eigenvalues below 1, by at least this much, so that an exact 1 does not count. */
const SLACK = 1e-9;

/**
 * Clusters of the nodes, as labels 0 … k − 1 in the order of the clusters' least nodes; undefined if all similarities
 * are 0 or not finite, since no clusters follow from them.
 *
 * `sign`: L = D − A is the Laplacian of the graph whose edges, of weight 1, are the similarities above the threshold.
 * (Signed similarities would make L indefinite, and small ones would leave every eigenvalue below 1.) `normalized`: A has
 * the cosines above the threshold, and L = I − D^(−1/2) A D^(−1/2), which does not depend on their scale. There are as
 * many clusters as eigenvalues below 1: the connected components if that is their number, else clusters by k-means on the
 * first eigenvectors.
 * @param similarities [nodes][nodes]; only the symmetric part counts
 * @param random used by k-means alone
 */
export function spectralClusters(
  similarities: readonly Float64Array[],
  settings: ClusterSettings,
  random: Random,
): number[] | undefined {
  const graph = adjacency(similarities, settings);
  if (graph === undefined) return undefined;
  const laplacian = laplacianOf(graph, settings.adjacency);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(laplacian, {
    assumeSymmetric: true,
  });
  const order = realEigenvalues
    .map((value, index) => ({ value, index }))
    .sort((a, b) => byNumber(a.value, b.value) || byNumber(a.index, b.index));
  const count = Math.max(1, order.filter(({ value }) => value < 1 - SLACK).length);
  const components = connectedComponents(graph);
  if (new Set(components).size === count) return components;
  const points = graph.map((_, i) =>
    order.slice(0, count).map(({ index }) => eigenvectorMatrix.get(i, index)),
  );
  return bestOfRestarts(points, count, random);
}

/** W_ij = 1/|C| for i and j in one cluster C, else 0: symmetric, doubly stochastic, W² = W. */
export function blockMixing(labels: readonly number[]): Float64Array[] {
  const sizes = new Map<number, number>();
  for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  return labels.map((label) =>
    Float64Array.from(labels, (other) => (other === label ? 1 / sizes.get(label)! : 0)),
  );
}

function adjacency(similarities: readonly Float64Array[], settings: ClusterSettings): number[][] | undefined {
  const nodes = similarities.length;
  const at = (i: number, j: number) => {
    const value = (similarities[i]![j]! + similarities[j]![i]!) / 2;
    return Number.isFinite(value) ? value : 0;
  };
  // A node whose own similarity is not above 0 has no direction to compare.
  const length = (i: number) => Math.sqrt(Math.max(0, at(i, i)));
  const edge = (i: number, j: number): number => {
    if (i === j) return 0;
    if (settings.adjacency === 'sign') return at(i, j);
    const cosine = at(i, j) / length(i) / length(j);
    return Number.isFinite(cosine) ? cosine : 0;
  };
  const edges = Array.from({ length: nodes }, (_, i) => Array.from({ length: nodes }, (_, j) => edge(i, j)));
  const largest = edges.flat().reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest === 0) return undefined;
  const isEdge = (value: number) => value > settings.threshold * largest;
  return edges.map((row) =>
    row.map((value) => (isEdge(value) ? (settings.adjacency === 'sign' ? 1 : value / largest) : 0)),
  );
}

/** Nodes without edges have a row of zeros in both forms, and so are clusters of their own. */
function laplacianOf(graph: readonly (readonly number[])[], form: Adjacency): Matrix {
  const degrees = graph.map((row) => sum(row));
  const laplacian = Matrix.zeros(graph.length, graph.length);
  for (const [i, row] of graph.entries()) {
    for (const [j, weight] of row.entries()) {
      const scale = form === 'sign' || weight === 0 ? 1 : Math.sqrt(degrees[i]! * degrees[j]!);
      const diagonal = form === 'sign' ? degrees[i]! : Math.sign(degrees[i]!);
      laplacian.set(i, j, (i === j ? diagonal : 0) - weight / scale);
    }
  }
  return laplacian;
}

function connectedComponents(graph: readonly (readonly number[])[]): number[] {
  const labels = graph.map(() => -1);
  let next = 0;
  for (let start = 0; start < graph.length; start++) {
    if (labels[start] !== -1) continue;
    const members = [start];
    labels[start] = next;
    for (let m = 0; m < members.length; m++) {
      for (const [other, weight] of graph[members[m]!]!.entries()) {
        if (weight === 0 || labels[other] !== -1) continue;
        labels[other] = next;
        members.push(other);
      }
    }
    next++;
  }
  return labels;
}

/**
 * k-means with initial centroids drawn from the stream; the restart with the lowest inertia wins, then the one with
 * the smallest labels.
 */
export function bestOfRestarts(points: number[][], count: number, random: Random): number[] {
  let best: { labels: number[]; inertia: number } | undefined;
  for (let restart = 0; restart < RESTARTS; restart++) {
    const initialization = spreadCentroids(points, count, random);
    const result = kmeans(points, count, { initialization, maxIterations: MAX_ITERATIONS });
    const labels = relabel(result.clusters);
    const inertia = sum(
      points.map((point, i) => squareDistance(point, result.centroids[result.clusters[i]!]!)),
    );
    if (!best || inertia < best.inertia || (inertia === best.inertia && isSmaller(labels, best.labels))) {
      best = { labels, inertia };
    }
  }
  return best!.labels;
}

/** k-means++: each further centroid is drawn with probability ∝ its squared distance from the nearest so far. */
function spreadCentroids(points: readonly number[][], count: number, random: Random): number[][] {
  const centroids = [points[random.integer(points.length)]!];
  while (centroids.length < count) {
    const distances = points.map((point) =>
      centroids.reduce((least, centroid) => Math.min(least, squareDistance(point, centroid)), Infinity),
    );
    let left = random.uniform() * sum(distances);
    let chosen = distances.findIndex((distance) => {
      left -= distance;
      return left < 0;
    });
    if (chosen < 0) chosen = points.length - 1;
    centroids.push(points[chosen]!);
  }
  return centroids.map((centroid) => [...centroid]);
}

function squareDistance(a: readonly number[], b: readonly number[]): number {
  return sum(a.map((value, i) => (value - b[i]!) * (value - b[i]!)));
}

/** Labels in the order of the clusters' least members. */
function relabel(clusters: readonly number[]): number[] {
  const names = new Map<number, number>();
  return clusters.map((cluster) => {
    if (!names.has(cluster)) names.set(cluster, names.size);
    return names.get(cluster)!;
  });
}

function isSmaller(a: readonly number[], b: readonly number[]): boolean {
  const first = a.findIndex((label, i) => label !== b[i]);
  return first >= 0 && a[first]! < b[first]!;
}
