/** Probes that evaluate models: accuracy and loss, on each node's own test rows or on all. */
import { z } from 'zod';
import { mean } from './mean.js';
import type { EvaluationRequest, EvaluationResult, Measured, Probe, ProbeNode, ProbeView } from './probe.js';

type None = Record<string, never>;

export const accuracy: Probe<None> = {
  id: 'accuracy',
  description: "share of right answers on test rows of each node's own distribution; mean and worst node",
  options: z.strictObject({}),
  requests: (view) => everyModel(view, 'own', (node) => node.shard.test),
  measure: (_view, evaluations) => perNode('accuracy', evaluations, (result) => result.accuracy, 'lowest'),
};

export const globalAccuracy: Probe<None> = {
  id: 'global-accuracy',
  description: 'share of right answers on the whole test set; mean and worst node',
  options: z.strictObject({}),
  requests: (view) => everyModel(view, 'global', testRows(view)),
  measure: (_view, evaluations) =>
    perNode('global-accuracy', evaluations, (result) => result.accuracy, 'lowest'),
};

export const loss: Probe<None> = {
  id: 'loss',
  description: "mean loss on test rows of each node's own distribution; mean and worst node",
  options: z.strictObject({}),
  requests: (view) => everyModel(view, 'own', (node) => node.shard.test),
  measure: (_view, evaluations) => perNode('loss', evaluations, (result) => result.loss, 'highest'),
};

export const globalLoss: Probe<None> = {
  id: 'global-loss',
  description: 'mean loss on the whole test set; mean and worst node',
  options: z.strictObject({}),
  requests: (view) => everyModel(view, 'global', testRows(view)),
  measure: (_view, evaluations) => perNode('global-loss', evaluations, (result) => result.loss, 'highest'),
};

function everyModel(
  view: ProbeView,
  set: string,
  rows: (node: ProbeNode) => Uint32Array,
): EvaluationRequest[] {
  return view.nodes.flatMap((node) =>
    Object.entries(node.evaluated).map(([label, evaluated]) => ({
      node: node.id,
      label,
      set,
      evaluated,
      rows: rows(node),
      view: node.shard.view,
    })),
  );
}

/** The whole test set (where options are tuned, the rows of all nodes for that), for every node the same array. */
function testRows({ dataset, tuningRows }: ProbeView): () => Uint32Array {
  if (tuningRows) return () => tuningRows;
  const rows = Uint32Array.from({ length: dataset.test }, (_, i) => dataset.train + i);
  return () => rows;
}

/**
 * One row per node, then the mean and the worst. The algorithm's first label gives the plain name of the metric; any
 * other label is added to it: `accuracy:head 2`.
 */
function perNode(
  metric: string,
  evaluations: readonly EvaluationResult[],
  value: (result: EvaluationResult) => number,
  worst: 'lowest' | 'highest',
): Measured[] {
  const labels = [...new Set(evaluations.map(({ label }) => label))];
  return labels.flatMap((label, l) => {
    const name = l === 0 ? metric : `${metric}:${label}`;
    const results = evaluations.filter((result) => result.label === label && result.rows.length > 0);
    const values = results.map(value);
    if (values.length === 0) return [];
    const extreme = values.reduce((a, b) => (worst === 'lowest' ? Math.min(a, b) : Math.max(a, b)));
    return [
      ...results.map((result, i) => ({ metric: name, node: result.node, value: values[i]! })),
      { metric: `${name}-mean`, value: mean(values) },
      { metric: `${name}-worst`, value: extreme },
    ];
  });
}
