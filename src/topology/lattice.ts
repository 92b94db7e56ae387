/**
 * Lattices of any number of dimensions: a grid, and a torus, which is a grid whose opposite sides are joined. Nodes are
 * numbered row by row: in two dimensions, node r · columns + c stands in row r and column c.
 */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { count } from '../options/index.js';
import { checkEdgeCount, type Edge, undirectedGraph } from './edges.js';
import type { TopologyEntry } from './entry.js';

/** Options of `grid` and `torus`. */
interface LatticeOptions {
  readonly sides?: readonly number[] | undefined;
}

const options = z.strictObject({
  sides: z
    .array(count())
    .min(1)
    .optional()
    .describe(
      'number of nodes along each dimension, such as [4, 8] for 4 rows of 8; default: two dimensions, as square as possible',
    ),
});

/** Every node shares an edge with the next one in each dimension. */
export const grid: TopologyEntry<LatticeOptions> = {
  id: 'grid',
  description:
    'nodes stand in rows and columns, or in more dimensions, and have those beside them as neighbours',
  options,
  build: ({ sides }, { nodes }) =>
    lattice(sides ?? squareOf(nodes, 'grid'), { nodes, wraps: false, id: 'grid' }),
};

/** Every node has the same degree: 2 for each dimension of at least 3 nodes. */
export const torus: TopologyEntry<LatticeOptions> = {
  id: 'torus',
  description: 'a grid whose last row and column are neighbours of the first',
  options,
  build: ({ sides }, { nodes }) =>
    lattice(sides ?? squareOf(nodes, 'torus'), { nodes, wraps: true, id: 'torus' }),
};

/** Two sides that differ as little as possible. */
function squareOf(nodes: number, id: string): number[] {
  let rows = Math.floor(Math.sqrt(nodes));
  while (rows > 1 && nodes % rows !== 0) rows--;
  if (rows > 1) return [rows, nodes / rows];
  throw new UsageError(
    'impossible-topology',
    `expected a number of nodes that is a product of rows and columns, both at least 2, got ${nodes}: take another ` +
      `number, or state topology.sides (sides: [${nodes}] is one row)`,
    id,
  );
}

interface Lattice {
  readonly nodes: number;
  readonly wraps: boolean;
  readonly id: string;
}

function lattice(sides: readonly number[], { nodes, wraps, id }: Lattice) {
  const product = sides.reduce((all, side) => all * side, 1);
  if (product !== nodes) {
    throw new UsageError(
      'impossible-topology',
      `expected sides whose product is the number of nodes, ${nodes}, got [${sides.join(', ')}], which make ${product}`,
      'topology.sides',
    );
  }
  checkEdgeCount(nodes * sides.length, nodes, id);
  const edges: Edge[] = [];
  // From the last dimension, along which numbers are consecutive, to the first.
  for (let dimension = sides.length - 1, stride = 1; dimension >= 0; dimension--) {
    const side = sides[dimension]!;
    for (let node = 0; node < nodes; node++) {
      const place = Math.floor(node / stride) % side;
      if (place + 1 < side) edges.push([node, node + stride]);
      // Along two nodes the way round is the edge that is there already.
      else if (wraps && side > 2) edges.push([node, node - (side - 1) * stride]);
    }
    stride *= side;
  }
  return undirectedGraph(nodes, edges);
}
