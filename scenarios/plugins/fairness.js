/**
 * fairness: how evenly the nodes are served. Jain's index of their accuracies is 1 where all have the same and 1/n where
 * only one of n has any; the worst tenth is the mean over the nodes with the lowest accuracies.
 *
 * Reference: R. Jain, D. Chiu, W. Hawe, "A Quantitative Measure of Fairness", DEC Research Report TR-301, 1984.
 */
import { z } from 'mycel/plugin';

export default {
  id: 'fairness',
  description: "Jain's index of the nodes' accuracies, and the mean of the worst tenth",
  reference: 'Jain et al., A Quantitative Measure of Fairness, DEC TR-301, 1984',
  options: z.strictObject({
    worst: z.number().gt(0).max(1).default(0.1).describe('which share of the nodes the worst are'),
  }),
  // The same requests as those of the probe `accuracy`, so nothing is computed twice.
  requests: ({ nodes }) =>
    nodes.flatMap(({ id, shard, evaluated }) =>
      Object.entries(evaluated).map(([label, own]) => ({
        node: id,
        label,
        set: 'own',
        evaluated: own,
        rows: shard.test,
        view: shard.view,
      })),
    ),
  measure(_view, evaluations, { worst }) {
    const labels = [...new Set(evaluations.map(({ label }) => label))];
    // The first label is the point at which the scenario measures; metrics of others carry its name.
    return labels.flatMap((label, l) => {
      const name = l === 0 ? 'fairness' : `fairness:${label}`;
      const values = evaluations
        .filter((result) => result.label === label && result.rows.length > 0)
        .map(({ accuracy }) => accuracy)
        .sort((a, b) => a - b);
      if (values.length === 0) return [];
      const sum = (numbers) => numbers.reduce((total, value) => total + value, 0);
      const lowest = values.slice(0, Math.ceil(worst * values.length));
      const squares = sum(values.map((value) => value * value));
      return [
        // All at 0 are served alike.
        { metric: `${name}-index`, value: squares === 0 ? 1 : sum(values) ** 2 / (values.length * squares) },
        { metric: `${name}-worst`, value: sum(lowest) / lowest.length },
      ];
    });
  },
};
