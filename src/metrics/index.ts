/** The list of probes. */

import { z } from 'zod';
import { UsageError } from '../errors.js';
import type { List } from '../options/index.js';
import { maskOverlap, unitsRemaining } from './kernels.js';
import type {
  AnyProbe,
  EvaluationRequest,
  EvaluationResult,
  Measured,
  Probe,
  ProbeNode,
  ProbeView,
} from './probe.js';
import { representationDistance } from './representation.js';

export type { AnyProbe, Probe } from './probe.js';

type None = Record<string, never>;

const accuracy: Probe<None> = {
  id: 'accuracy',
  description: "share of right answers on test rows of each node's own distribution; mean and worst node",
  options: z.strictObject({}),
  requests: (view) => everyModel(view, 'own', (node) => node.shard.test),
  measure: (_view, evaluations) => perNode('accuracy', evaluations, (result) => result.accuracy, 'lowest'),
};

const globalAccuracy: Probe<None> = {
  id: 'global-accuracy',
  description: 'share of right answers on the whole test set; mean and worst node',
  options: z.strictObject({}),
  requests: (view) => everyModel(view, 'global', () => testRows(view)),
  measure: (_view, evaluations) =>
    perNode('global-accuracy', evaluations, (result) => result.accuracy, 'lowest'),
};

const loss: Probe<None> = {
  id: 'loss',
  description: "mean loss on test rows of each node's own distribution; mean and worst node",
  options: z.strictObject({}),
  requests: (view) => everyModel(view, 'own', (node) => node.shard.test),
  measure: (_view, evaluations) => perNode('loss', evaluations, (result) => result.loss, 'highest'),
};

const globalLoss: Probe<None> = {
  id: 'global-loss',
  description: 'mean loss on the whole test set; mean and worst node',
  options: z.strictObject({}),
  requests: (view) => everyModel(view, 'global', () => testRows(view)),
  measure: (_view, evaluations) => perNode('global-loss', evaluations, (result) => result.loss, 'highest'),
};

const consensusDistance: Probe<None> = {
  id: 'consensus-distance',
  description: 'root mean square distance of the nodes’ params from their mean: √(Σ_i ‖x_i − x̄‖² / N)',
  options: z.strictObject({}),
  measure(view) {
    const vectors = view.nodes.flatMap((node) => Object.values(node.evaluated).slice(0, 1));
    if (vectors.length === 0) return [];
    return [
      { metric: 'consensus-distance', value: rootMeanSquareSpread(vectors.map(({ params }) => params)) },
    ];
  },
};

const traffic: Probe<None> = {
  id: 'bytes',
  description: 'bytes sent so far, in all and by part (values, index, header, framing), and bytes delivered',
  options: z.strictObject({}),
  measure: ({ traffic: { sent, delivered, values, index, header, framing } }) => [
    { metric: 'sent-bytes', value: sent },
    { metric: 'delivered-bytes', value: delivered },
    { metric: 'values-bytes', value: values },
    { metric: 'index-bytes', value: index },
    { metric: 'header-bytes', value: header },
    { metric: 'framing-bytes', value: framing },
  ],
};

const utilisation: Probe<None> = {
  id: 'utilisation',
  description:
    'share of the virtual time so far that processors, uplinks and downlinks were busy; mean over nodes',
  options: z.strictObject({}),
  measure({ nodes, time }) {
    if (time === 0) return [];
    return (['compute', 'uplink', 'downlink'] as const).flatMap((part) => {
      const metric = `${part}-utilisation`;
      const values = nodes.map(({ id, busy }) => ({ metric, node: id, value: busy[part] / time }));
      return [...values, { metric, value: mean(values.map(({ value }) => value)) }];
    });
  },
};

const roundCounts: Probe<None> = {
  id: 'rounds',
  description: 'rounds that each node has finished; the least and the most',
  options: z.strictObject({}),
  measure({ nodes }) {
    const values = nodes.map(({ id, round }) => ({ metric: 'rounds', node: id, value: round }));
    return [
      ...values,
      { metric: 'rounds-least', value: Math.min(...values.map(({ value }) => value)) },
      { metric: 'rounds-most', value: Math.max(...values.map(({ value }) => value)) },
    ];
  },
};

const series: Probe<None> = {
  id: 'series',
  description: "the algorithm's own series (d-psgd: train-loss), by node and as mean",
  options: z.strictObject({}),
  measure({ nodes }) {
    const rows = nodes.flatMap(({ id, measures }) =>
      Object.entries(measures).map(([metric, value]) => ({ metric, node: id, value })),
    );
    const names = [...new Set(rows.map(({ metric }) => metric))];
    const means = names.map((metric) => ({
      metric,
      value: mean(rows.filter((row) => row.metric === metric).map(({ value }) => value)),
    }));
    return [...rows, ...means];
  },
};

export const probes: readonly AnyProbe[] = [
  accuracy,
  globalAccuracy,
  loss,
  globalLoss,
  consensusDistance,
  traffic,
  utilisation,
  roundCounts,
  series,
  maskOverlap,
  unitsRemaining,
  representationDistance,
];

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

function testRows({ dataset }: ProbeView): Uint32Array {
  return Uint32Array.from({ length: dataset.test }, (_, i) => dataset.train + i);
}

/**
 * One row a node, then mean and worst. The first label of an algorithm has the plain name; another label `head 2`
 * gives `accuracy:head 2`.
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

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function rootMeanSquareSpread(vectors: readonly Float32Array[]): number {
  const length = vectors[0]!.length;
  const centre = new Float64Array(length);
  for (const vector of vectors) {
    if (vector.length !== length) {
      throw new UsageError(
        'unequal-models',
        `probe "consensus-distance": expected params of one length on all nodes, got ${length} and ${vector.length}: ` +
          'name other probes (measure.probes: [accuracy]), or use one model',
        'measure.probes',
      );
    }
    for (let i = 0; i < length; i++) centre[i]! += vector[i]! / vectors.length;
  }
  let sum = 0;
  for (const vector of vectors) {
    for (let i = 0; i < length; i++) {
      const difference = vector[i]! - centre[i]!;
      sum += difference * difference;
    }
  }
  return Math.sqrt(sum / vectors.length);
}

/** {@link probes} as a list to choose from. */
export const probeList: List<AnyProbe> = { what: 'probe', entries: probes, functions: ['measure'] };
