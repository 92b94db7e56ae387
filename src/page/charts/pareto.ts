/** What accuracy costs: the end of each group, and the front of those that no other group beats in both. */
import * as Plot from '@observablehq/plot';
import { type Against, axisOf, isCost, isShare, metricAxis } from './axis.js';
import { base, type Chart, headings, heights, nameMargin, shortName } from './chart.js';
import { groupStyles } from './palette.js';
import type { EstimateRow } from './rows.js';
import { spreadOut } from './spread.js';

const FIGURE = { bytes: 'sent_bytes', time: 'time_ns' } as const;

/** The end of a group. */
interface ParetoPoint {
  readonly group: string;
  readonly cost: number;
  readonly costMargin: number;
  readonly value: number;
  readonly valueMargin: number;
  /** Whether no other group is at least as good in both, and better in one. */
  readonly isFront: boolean;
}

/** The ends of groups that have both figures. */
export function paretoPoints(
  rows: readonly EstimateRow[],
  metric: string,
  against: Exclude<Against, 'rounds'>,
): ParetoPoint[] {
  const sign = isCost(metric) ? -1 : 1;
  const ends = rows
    .filter(({ figure }) => figure === metric)
    .flatMap(({ group, mean, margin }) => {
      const cost = rows.find((row) => row.group === group && row.figure === FIGURE[against]);
      if (cost === undefined || !Number.isFinite(mean)) return [];
      return [{ group, cost: cost.mean, costMargin: cost.margin, value: mean, valueMargin: margin }];
    });
  const beats = (a: (typeof ends)[number], b: (typeof ends)[number]) =>
    a.cost <= b.cost &&
    sign * a.value >= sign * b.value &&
    (a.cost < b.cost || sign * a.value > sign * b.value);
  return ends.map((end) => ({ ...end, isFront: !ends.some((other) => beats(other, end)) }));
}

/** What a chart of costs shows. */
interface ParetoSettings {
  readonly metric: string;
  readonly against: Exclude<Against, 'rounds'>;
  readonly groups: readonly string[];
}

/** The chart. */
export function paretoChart(all: readonly EstimateRow[], { metric, against, groups }: ParetoSettings): Chart {
  const points = paretoPoints(all, metric, against);
  const x = axisOf(
    against,
    points.reduce((most, { cost }) => Math.max(most, cost), 0),
  );
  const y = metricAxis(metric);
  const ends = points.map(({ group, cost, costMargin, value, valueMargin, isFront }) => ({
    group,
    isFront,
    x: cost / x.size,
    x1: (cost - costMargin) / x.size,
    x2: (cost + costMargin) / x.size,
    y: value / y.size,
    y1: clamped((value - valueMargin) / y.size, metric),
    y2: clamped((value + valueMargin) / y.size, metric),
  }));
  const front = ends.filter(({ isFront }) => isFront).sort((a, b) => a.x - b.x);
  const hasMargins = ends.some(({ y1 }) => Number.isFinite(y1));
  return {
    description: `${metric} at the end against ${x.label}${hasMargins ? ', with 95 % intervals over seeds' : ''}. The line joins what no other beats in both`,
    rows: points.map(({ isFront, ...point }) => ({ ...point, metric, front: String(isFront) })),
    draw(drawing) {
      const styles = groupStyles(groups, drawing.colors);
      const color = ({ group }: { readonly group: string }) => styles.get(group)!.color;
      const values = ends.flatMap((end) => [end.y, end.y1, end.y2]).filter(Number.isFinite);
      const room = (Math.max(...values) - Math.min(...values)) * 0.08 || 1;
      const domain: [number, number] = [Math.min(...values) - room, Math.max(...values) + room];
      const { top, bottom } = heights(drawing);
      const pixel = (value: number) =>
        bottom - ((value - domain[0]) / (domain[1] - domain[0])) * (bottom - top);
      const places = spreadOut(
        ends.map((end) => pixel(end.y)),
        { gap: 15, low: top, high: bottom },
      );
      const right = Math.max(...ends.map((end) => end.x));
      const labels = ends.map((end, k) => ({
        ...end,
        right,
        place: domain[0] + ((bottom - places[k]!) / (bottom - top)) * (domain[1] - domain[0]),
      }));
      const error = { stroke: color, strokeOpacity: 0.7, strokeWidth: 1.5, clip: true } as const;
      return {
        ...base(drawing),
        marginRight: nameMargin(ends.map(({ group }) => shortName(group))) + 12,
        x: {
          label: x.label,
          grid: true,
          zero: true,
          insetRight: 8,
          ticks: drawing.width / 90,
          labelArrow: 'none',
        },
        y: { label: null, domain, grid: true },
        marks: [
          ...headings(drawing, y.label),
          Plot.line(front, {
            x: 'x',
            y: 'y',
            curve: 'step-after',
            stroke: drawing.colors.faint,
            strokeDasharray: '4 3',
            ariaLabel: () => 'front',
          }),
          ...(hasMargins
            ? [
                Plot.ruleX(ends, { x: 'x', y1: 'y1', y2: 'y2', ...error }),
                Plot.ruleY(ends, { y: 'y', x1: 'x1', x2: 'x2', ...error }),
              ]
            : []),
          Plot.link(labels, {
            x1: 'x',
            y1: 'y',
            x2: 'right',
            y2: 'place',
            stroke: color,
            strokeOpacity: 0.25,
          }),
          Plot.dot(ends, {
            x: 'x',
            y: 'y',
            r: 5,
            fill: (end) => (end.isFront ? color(end) : drawing.colors.paper),
            stroke: color,
            strokeWidth: 2,
          }),
          Plot.text(labels, {
            x: 'right',
            y: 'place',
            dx: 14,
            textAnchor: 'start',
            text: ({ group }: ParetoPoint) => shortName(group),
            fill: drawing.colors.ink,
          }),
        ],
      };
    },
  };
}

function clamped(value: number, metric: string): number {
  return isShare(metric) ? Math.min(100, Math.max(0, value)) : value;
}
