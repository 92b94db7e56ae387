/**
 * my-probe: how far the nodes are apart in accuracy, and how many of them reach a level.
 *
 * A probe measures and cannot change the run: it has no random numbers, sends nothing, and gets copies.
 */
import { z } from 'mycel/plugin';

const options = z.strictObject({
  level: z.number().min(0).max(1).default(0.8).describe('accuracy that counts as good, from 0 to 1'),
});

const probe = {
  id: 'my-probe',
  description: 'best minus worst accuracy over the nodes, and the share of nodes that reach a level',
  options,
  // What is to be evaluated: here what each node learned last, on the test rows of its own distribution. Requests that
  // another probe makes too are computed once. Leave `requests` out if you need no evaluation.
  requests: ({ nodes }) =>
    nodes.flatMap((node) =>
      Object.entries(node.evaluated)
        .slice(0, 1)
        .map(([label, evaluated]) => ({
          node: node.id,
          label,
          set: 'own',
          evaluated,
          rows: node.shard.test,
          view: node.shard.view,
        })),
    ),
  // Turns the results into numbers. With `node` a number is of that node, without it is one of the whole run.
  measure(_view, evaluations, { level }) {
    const accuracies = evaluations.filter(({ rows }) => rows.length > 0).map(({ accuracy }) => accuracy);
    if (accuracies.length === 0) return [];
    const good = accuracies.filter((accuracy) => accuracy >= level).length;
    return [
      { metric: 'my-probe-gap', value: Math.max(...accuracies) - Math.min(...accuracies) },
      { metric: 'my-probe-good', value: good / accuracies.length },
    ];
  },
};

export default probe;
