/** A metric against bytes, time or rounds: means over seeds, with bands of 95 % intervals. */
import * as Plot from '@observablehq/plot';
import { type Against, axisOf, isShare, metricAxis } from './axis.js';
import { base, type Chart, type Drawing, headings, heights, nameMargin, shortName } from './chart.js';
import { groupStyles } from './palette.js';
import type { CurveRow } from './rows.js';
import { spreadOut } from './spread.js';

/** What a chart of curves shows. */
interface CurveSettings {
  readonly metric: string;
  readonly against: Against;
  /** All groups: each has a style of its own. */
  readonly groups: readonly string[];
  /** Whether the horizontal axis is logarithmic. */
  readonly logarithmic?: boolean;
}

const COLUMN = { bytes: 'sent_bytes', time: 'time_ns', rounds: 'round' } as const;

/** Distance of the names of lines, in pixels. */
const NAME_GAP = 15;

/** The chart of the rows of a metric; rows of other metrics are passed over. */
export function curveChart(all: readonly CurveRow[], settings: CurveSettings): Chart {
  const { metric, against, groups, logarithmic = false } = settings;
  const column = COLUMN[against];
  const rows = all.filter(
    (row) => row.metric === metric && Number.isFinite(row[column]) && (!logarithmic || row[column] > 0),
  );
  const x = axisOf(
    against,
    rows.reduce((most, row) => Math.max(most, row[column]), 0),
  );
  const y = metricAxis(metric);
  const points = rows.map((row) => ({
    group: row.group,
    x: row[column] / x.size,
    y: row.mean / y.size,
    low: (row.mean - row.margin) / y.size,
    high: (row.mean + row.margin) / y.size,
  }));
  const hasBands = points.some(({ low }) => Number.isFinite(low));
  const drawn = groups.filter((group) => points.some((point) => point.group === group));
  return {
    description: `${metric} against ${x.label}${hasBands ? ', means over seeds with 95 % intervals' : ''}`,
    rows: rows.map(({ group, round, time_ns, sent_bytes, mean, margin }) => ({
      ...{ group, metric, round, time_ns, sent_bytes, mean, margin },
    })),
    draw(drawing) {
      const styles = groupStyles(groups, drawing.colors);
      const stroke = (row: { readonly group: string }) => styles.get(row.group)!.color;
      const domain = extent(
        points.flatMap(({ y, low, high }) => [y, low, high]),
        metric,
      );
      return {
        ...base(drawing),
        marginRight: drawing.named ? nameMargin(drawn.map(shortName)) : 16,
        x: {
          label: x.label,
          type: logarithmic ? 'log' : 'linear',
          grid: !logarithmic,
          ticks: drawing.width / 90,
          labelArrow: 'none',
        },
        y: { label: null, domain, grid: true, nice: false },
        marks: [
          Plot.ruleY([domain[0]], { strokeOpacity: 0.5 }),
          ...(hasBands
            ? [
                Plot.areaY(points, {
                  x: 'x',
                  y1: 'low',
                  y2: 'high',
                  z: 'group',
                  fill: stroke,
                  fillOpacity: 0.18,
                  clip: true,
                }),
              ]
            : []),
          ...drawn.map((group) =>
            Plot.lineY(
              points.filter((point) => point.group === group),
              {
                x: 'x',
                y: 'y',
                stroke: styles.get(group)!.color,
                strokeWidth: 2,
                strokeDasharray: styles.get(group)!.dash,
                ariaLabel: () => group,
              },
            ),
          ),
          ...(drawing.named ? names(points, drawn, { drawing, domain, stroke }) : []),
          ...headings(drawing, y.label),
        ],
      };
    },
  };
}

interface PlotPoint {
  readonly group: string;
  readonly x: number;
  readonly y: number;
}

/** The names of the lines, at their ends. */
function names(
  points: readonly PlotPoint[],
  groups: readonly string[],
  {
    drawing,
    domain,
    stroke,
  }: { drawing: Drawing; domain: [number, number]; stroke: (row: PlotPoint) => string },
): Plot.Markish[] {
  const ends = groups.map((group) => points.findLast((point) => point.group === group)!);
  const { top, bottom } = heights(drawing);
  const pixel = (y: number) => bottom - ((y - domain[0]) / (domain[1] - domain[0])) * (bottom - top);
  const value = (place: number) => domain[0] + ((bottom - place) / (bottom - top)) * (domain[1] - domain[0]);
  const places = spreadOut(
    ends.map(({ y }) => pixel(y)),
    { gap: NAME_GAP, low: top, high: bottom },
  );
  const right = Math.max(...points.map(({ x }) => x));
  const labels = ends.map((end, k) => ({ ...end, right, place: value(places[k]!) }));
  return [
    Plot.dot(ends, { x: 'x', y: 'y', fill: stroke, r: 3 }),
    Plot.dot(labels, { x: 'right', y: 'place', dx: 10, fill: stroke, r: 4, clip: false }),
    Plot.text(labels, {
      ...{ x: 'right', y: 'place', dx: 18, textAnchor: 'start', clip: false },
      text: ({ group }: PlotPoint) => shortName(group),
      fill: drawing.colors.ink,
    }),
  ];
}

/** From the least to the most of the finite numbers, with some room; no share is below 0 or above 100 %. */
function extent(values: readonly number[], metric: string): [number, number] {
  const finite = values.filter(Number.isFinite);
  const low = finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = finite.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const room = high > low ? (high - low) * 0.04 : Math.abs(high) * 0.1 || 1;
  if (!isShare(metric)) return [low - room, high + room];
  return [Math.max(0, low - room), Math.min(100, high + room)];
}
