/** A metric of one node against the mean of all. */
import * as Plot from '@observablehq/plot';
import { axisOf, metricAxis } from '../charts/axis.js';
import { base, type Chart } from '../charts/chart.js';
import { meanAt, type NodeSeries } from '../network/series.js';

/** The chart of a node, called `name`. */
export function storyChart(series: NodeSeries, node: number, name: string): Chart {
  const x = axisOf('time', series.times.at(-1) ?? 0);
  const y = metricAxis(series.metric);
  const rows = [...series.times].map((time_ns, k) => ({
    time_ns,
    node: series.values[k * series.nodes + node]!,
    mean: meanAt(series, k),
  }));
  const line = (who: 'node' | 'mean') =>
    rows
      .map((row) => ({ x: row.time_ns / x.size, y: row[who] / y.size }))
      .filter((point) => Number.isFinite(point.y));
  return {
    description: `${series.metric} of ${name} (line), and the mean over all nodes (dashed)`,
    rows: rows.map(({ time_ns, ...values }) => ({ metric: series.metric, time_ns, ...values })),
    draw: (drawing) => ({
      ...base(drawing),
      x: { label: x.label, labelArrow: 'none', ticks: drawing.width / 90 },
      y: { label: y.label, grid: true, labelArrow: 'none' },
      marks: [
        Plot.lineY(line('mean'), { x: 'x', y: 'y', stroke: drawing.colors.faint, strokeDasharray: '5 4' }),
        Plot.lineY(line('node'), { x: 'x', y: 'y', stroke: drawing.colors.groups[0]!, strokeWidth: 2.5 }),
      ],
    }),
  };
}
