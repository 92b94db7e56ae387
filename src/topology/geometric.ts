/** Random geometric graph: nodes lie in a square, and those that are near each other are neighbours. */
import { z } from 'zod';
import { type Edge, undirectedGraph } from './edges.js';
import type { TopologyEntry } from './entry.js';
import { drawConnected } from './redraw.js';

/** Options of `geometric`. */
interface GeometricOptions {
  readonly radius: number;
  readonly wrap: boolean;
  readonly connected: boolean;
}

/** A draw takes two numbers for each node, its place in the unit square, in the order of the nodes. */
export const geometric: TopologyEntry<GeometricOptions> = {
  id: 'geometric',
  description:
    'nodes lie at random places of a square, and those within a radius are neighbours (radio range)',
  reference:
    'Gilbert: Random Plane Networks, Journal of the Society for Industrial and Applied Mathematics 9, 1961',
  options: z.strictObject({
    radius: z
      .number()
      .positive()
      .max(Math.SQRT2)
      .describe(
        'largest distance of neighbours; the sides of the square are 1. Above √(ln n / πn) most draws are connected',
      ),
    wrap: z
      .boolean()
      .default(false)
      .describe('whether distances go round the edges of the square, as on a torus'),
    connected: z
      .boolean()
      .default(true)
      .describe('whether to draw the graph again, up to 100 times, until it is connected'),
  }),
  build({ radius, wrap, connected }, { nodes, random }) {
    const draw = () => {
      const x = new Float64Array(nodes);
      const y = new Float64Array(nodes);
      for (let node = 0; node < nodes; node++) {
        x[node] = random.uniform();
        y[node] = random.uniform();
      }
      return undirectedGraph(nodes, near(x, y, { radius, wrap }));
    };
    if (!connected) return draw();
    return drawConnected(draw, `${nodes} nodes with radius ${radius}`, 'raise topology.radius');
  },
};

/** Pairs of nodes within the radius. Looks at a node's own cell of a grid of that width and at those around it. */
function near(
  x: Float64Array,
  y: Float64Array,
  { radius, wrap }: Pick<GeometricOptions, 'radius' | 'wrap'>,
): Edge[] {
  const cells = Math.max(1, Math.min(Math.floor(1 / radius), Math.ceil(Math.sqrt(x.length))));
  const cellOf = (value: number) => Math.min(cells - 1, Math.floor(value * cells));
  const members: number[][] = Array.from({ length: cells * cells }, () => []);
  for (let node = 0; node < x.length; node++)
    members[cellOf(y[node]!) * cells + cellOf(x[node]!)]!.push(node);
  const along = (distance: number) => (wrap ? Math.min(distance, 1 - distance) : distance);
  const edges: Edge[] = [];
  for (let node = 0; node < x.length; node++) {
    for (const cell of around(cellOf(x[node]!), cellOf(y[node]!), cells)) {
      for (const other of members[cell]!) {
        if (other <= node) continue;
        const dx = along(Math.abs(x[node]! - x[other]!));
        const dy = along(Math.abs(y[node]! - y[other]!));
        if (dx * dx + dy * dy <= radius * radius) edges.push([node, other]);
      }
    }
  }
  return edges;
}

/** The cell and its neighbours, those beyond the edges of the square included, each once. */
function around(column: number, row: number, cells: number): Set<number> {
  const found = new Set<number>();
  for (const dy of [-1, 0, 1]) {
    for (const dx of [-1, 0, 1]) {
      found.add(((row + dy + cells) % cells) * cells + ((column + dx + cells) % cells));
    }
  }
  return found;
}
