/**
 * my-topology: a ring on which every `skip`-th node also has a link to the node opposite.
 *
 * The same options, number of nodes and random stream must give the same graph. The first node is 0.
 */
import { UsageError, undirectedGraph, z } from 'mycel/plugin';

const options = z.strictObject({
  skip: z.int().min(1).default(2).describe('every how many nodes there is a chord'),
});

const topology = {
  id: 'my-topology',
  description: 'a ring with chords to the opposite side',
  options,
  // `context.random` has the only random numbers that may be used here: random.integer(10), random.uniform() …
  build({ skip }, { nodes }) {
    // A mistake of the user: say what was expected, what was found, and what to do.
    if (nodes < 4)
      throw new UsageError(
        'few-nodes',
        `expected at least 4 nodes for my-topology, got ${nodes}: use ring`,
        'topology',
      );
    const edges = new Map();
    const join = (a, b) => edges.set(`${Math.min(a, b)} ${Math.max(a, b)}`, [a, b]);
    for (let node = 0; node < nodes; node++) join(node, (node + 1) % nodes);
    const half = Math.floor(nodes / 2);
    for (let node = 0; node < half; node += skip) join(node, node + half);
    return undirectedGraph(nodes, edges.values());
  },
};

export default topology;
