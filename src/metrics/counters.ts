/** Probes of what a run has counted: bytes, busy time, rounds, and the algorithm's own series. */
import { z } from 'zod';
import { mean, meansOf } from './mean.js';
import type { Probe } from './probe.js';

type None = Record<string, never>;

export const traffic: Probe<None> = {
  id: 'bytes',
  description: 'bytes sent so far, in all and by part (values, index, header, framing), and bytes delivered',
  contentFree: true,
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

export const utilisation: Probe<None> = {
  id: 'utilisation',
  description:
    'share of the virtual time so far that processors, uplinks and downlinks were busy; mean over nodes',
  contentFree: true,
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

export const work: Probe<None> = {
  id: 'work',
  description:
    'what each node has computed so far: gradient steps, samples per training row (passes) and floating-point operations; means over nodes',
  contentFree: true,
  options: z.strictObject({}),
  measure({ nodes }) {
    const rows = nodes.flatMap(({ id, work: { steps, samples, flops }, shard }) => [
      { metric: 'gradient-steps', node: id, value: steps },
      { metric: 'sample-passes', node: id, value: samples / Math.max(1, shard.train.length) },
      { metric: 'flops', node: id, value: flops },
    ]);
    return [...rows, ...meansOf(rows)];
  },
};

export const roundCounts: Probe<None> = {
  id: 'rounds',
  description: 'rounds that each node has finished; the least and the most',
  contentFree: true,
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

export const series: Probe<None> = {
  id: 'series',
  description: 'the series that the algorithm itself records (d-psgd: train-loss), per node, and their mean',
  options: z.strictObject({}),
  measure({ nodes }) {
    const rows = nodes.flatMap(({ id, measures, work }) =>
      Object.entries(measures).flatMap(([metric, value]) =>
        // Before its first step a node has no training loss, which is nothing to warn of.
        Number.isNaN(value) && work.steps === 0 ? [] : [{ metric, node: id, value }],
      ),
    );
    return [...rows, ...meansOf(rows)];
  },
};
