/** Where the nodes of a network are drawn: ForceAtlas2 from a circle, so the same network always has the same picture. */
import { UndirectedGraph } from 'graphology';
import library from 'graphology-layout-forceatlas2';

// The package's types say `default`, where its CommonJS module is the function itself.
const forceAtlas2 = library as unknown as typeof library.default;

/** A link or an edge; the nodes of a heavier one lie nearer to each other. */
interface WeightedEdge {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}

/** Nodes up to which all pairs are computed in each step. */
const ALL_PAIRS = 300;
/** Edges that the layout looks at; of more, the heaviest. */
const EDGES_MAX = 60_000;

/** Coordinates of each node, within [−1, 1]. Nothing is drawn at random: nodes start in their order on a circle. */
export function layout(
  nodes: number,
  edges: readonly WeightedEdge[],
): { readonly x: Float64Array; readonly y: Float64Array } {
  const graph = new UndirectedGraph<{ x: number; y: number }, { weight: number }>();
  for (let node = 0; node < nodes; node++) {
    const angle = (2 * Math.PI * node) / nodes;
    graph.addNode(node, { x: 100 * Math.sin(angle), y: -100 * Math.cos(angle) });
  }
  const heaviest =
    edges.length > EDGES_MAX ? [...edges].sort((a, b) => b.weight - a.weight).slice(0, EDGES_MAX) : edges;
  for (const { from, to, weight } of heaviest)
    if (from !== to) graph.updateEdge(from, to, ({ weight: other = 0 }) => ({ weight: other + weight }));
  if (nodes > 1) {
    const settings = { ...forceAtlas2.inferSettings(nodes), barnesHutOptimize: nodes > ALL_PAIRS };
    forceAtlas2.assign(graph, { iterations: iterationsFor(nodes), settings });
  }
  return scaled(
    Float64Array.from({ length: nodes }, (_, node) => graph.getNodeAttribute(node, 'x')),
    Float64Array.from({ length: nodes }, (_, node) => graph.getNodeAttribute(node, 'y')),
  );
}

/** As many as take some seconds. */
function iterationsFor(nodes: number): number {
  return Math.max(60, Math.min(600, Math.round(400_000 / nodes)));
}

/** The same picture in the middle of the square [−1, 1]². */
function scaled(x: Float64Array, y: Float64Array) {
  const range = (values: Float64Array) => {
    const [low, high] = [
      values.reduce((a, b) => Math.min(a, b), Infinity),
      values.reduce((a, b) => Math.max(a, b), -Infinity),
    ];
    return { middle: (low + high) / 2, half: (high - low) / 2 };
  };
  const [ofX, ofY] = [range(x), range(y)];
  const half = Math.max(ofX.half, ofY.half) || 1;
  // Rounded, so that the last bits of a machine's sine are not in the page.
  const place = (value: number, middle: number) => Math.round(((value - middle) / half) * 1e4) / 1e4;
  return { x: x.map((value) => place(value, ofX.middle)), y: y.map((value) => place(value, ofY.middle)) };
}
