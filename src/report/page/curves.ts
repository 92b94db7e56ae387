/** Figures over seeds: curves with their bands, and what runs came to at their ends. */
import type { ColumnTable, PageData, PageRun } from '../../page/data.js';
import { differenceBySeed, estimate } from '../statistics.js';
import { textColumn } from './columns.js';
import { type Point, pointsOf } from './points.js';

/** A measurement that all seeds of a group have. */
interface CurveRow {
  readonly group: string;
  readonly metric: string;
  readonly round: number;
  readonly time: number;
  readonly bytes: number;
  readonly mean: number;
  readonly margin: number;
}

/**
 * `curves`: for each group of runs that differ in their seeds alone, metric and measurement: `round`, and over the seeds the
 * means of `time_ns` and of `sent_bytes` (NaN where it is not known), `mean`, and `margin`, which is half of the 95 % interval by
 * Student's t (NaN for one seed). Measurements that not all seeds have are left out.
 */
export function curveTable({ runs, tables }: Pick<PageData, 'runs' | 'tables'>): ColumnTable {
  const rows = groupsOf(runs).flatMap(([group, members]) => curvesOf(group, members, tables));
  const numbers = (pick: (row: CurveRow) => number) => Float64Array.from(rows, pick);
  return {
    length: rows.length,
    columns: {
      group: textColumn(rows.map(({ group }) => group)),
      metric: textColumn(rows.map(({ metric }) => metric)),
      round: numbers(({ round }) => round),
      time_ns: numbers(({ time }) => time),
      sent_bytes: numbers(({ bytes }) => bytes),
      mean: numbers(({ mean }) => mean),
      margin: numbers(({ margin }) => margin),
    },
  };
}

/** Runs by their group, in the order of their first ones. */
export function groupsOf(runs: readonly PageRun[]): Array<[string, PageRun[]]> {
  const groups = new Map<string, PageRun[]>();
  for (const run of runs) groups.set(run.group, [...(groups.get(run.group) ?? []), run]);
  return [...groups];
}

function curvesOf(group: string, runs: readonly PageRun[], tables: PageData['tables']): CurveRow[] {
  const byTime = runs.some(({ summary }) => isMeasuredByTime(summary));
  const keyed = runs.map(({ index }) => {
    const points = pointsOf(tables, index);
    return new Map(points.map((point) => [byTime ? point.time : point.round, point]));
  });
  const [first, ...others] = keyed;
  return [...first!].flatMap(([key, point]) => {
    const points = [point, ...others.map((other) => other.get(key))];
    if (!points.every((one) => one !== undefined)) return [];
    return [...point.values.keys()].flatMap((metric) => rowOf(group, metric, points));
  });
}

function rowOf(group: string, metric: string, points: readonly Point[]): CurveRow[] {
  const values = points.map((point) => point.values.get(metric));
  if (!values.every((value) => value !== undefined)) return [];
  const meanOf = (pick: (point: Point) => number) => estimate(points.map(pick)).mean;
  return [
    {
      group,
      metric,
      round: meanOf(({ round }) => round),
      time: meanOf(({ time }) => time),
      bytes: meanOf(({ bytes = Number.NaN }) => bytes),
      ...estimate(values),
    },
  ];
}

/** Whether measurements are made at times; else they are made when rounds are over. */
function isMeasuredByTime({ scenario }: Readonly<Record<string, unknown>>): boolean {
  const { measure } = scenario as { readonly measure?: { readonly every?: string } };
  return measure?.every !== undefined && !/\brounds?$/.test(measure.every);
}

/** A figure of a run as a whole. */
type Figure = readonly [name: string, of: (run: PageRun) => number | undefined];

/**
 * `estimates`: for each group and figure at the end (`sent_bytes`, `time_ns`, those to the target, each
 * metric of the whole run): `mean`, `margin` (as in
 * `curves`), `seeds`, and what it is more than in the first group, over the seeds that both have: `difference`,
 * `difference_margin`, `agree` (seeds of the sign of the mean) and `pairs`. Those to the target are of the `seeds` that have reached it;
 * else groups in which a run lacks the figure are left out.
 */
export function estimateTable({ runs }: Pick<PageData, 'runs'>): ColumnTable {
  const groups = groupsOf(runs);
  const rows = figuresOf(runs).flatMap(([figure, of]) =>
    groups.flatMap(([group, members]) => {
      const values = members.map(of).filter((value) => value !== undefined);
      // Not all seeds need to reach the target; all have the other figures.
      const isEnough = figure.includes('_to_target') ? values.length > 0 : values.length === members.length;
      if (!isEnough) return [];
      const paired = difference(members, groups[0]![1], of);
      return [{ group, figure, seeds: values.length, ...estimate(values), paired }];
    }),
  );
  const numbers = (pick: (row: (typeof rows)[number]) => number) => Float64Array.from(rows, pick);
  return {
    length: rows.length,
    columns: {
      group: textColumn(rows.map(({ group }) => group)),
      figure: textColumn(rows.map(({ figure }) => figure)),
      seeds: numbers(({ seeds }) => seeds),
      mean: numbers(({ mean }) => mean),
      margin: numbers(({ margin }) => margin),
      difference: numbers(({ paired }) => paired.mean),
      difference_margin: numbers(({ paired }) => paired.margin),
      agree: numbers(({ paired }) => paired.agree),
      pairs: numbers(({ paired }) => paired.count),
    },
  };
}

function figuresOf(runs: readonly PageRun[]): Figure[] {
  const finals = runs.map(({ summary }) => summary.final as Readonly<Record<string, number | string>>);
  const metrics = [...new Set(finals.flatMap((final) => Object.keys(final)))];
  const targetOf = ({ summary }: PageRun) => summary.target as Readonly<Record<string, number>> | undefined;
  return [
    ['sent_bytes', ({ sent }) => sent],
    ['time_ns', ({ end }) => end],
    ['bytes_to_target', (run) => targetOf(run)?.sent_bytes],
    ['time_to_target_ns', (run) => targetOf(run)?.time_ns],
    ...metrics.map((metric): Figure => {
      const of = ({ summary: { final } }: PageRun) => (final as Record<string, number | string>)[metric];
      // Numbers that are not finite are text there.
      return [metric, (run) => (of(run) === undefined ? undefined : Number(of(run)))];
    }),
  ];
}

function difference(members: readonly PageRun[], first: readonly PageRun[], of: Figure[1]) {
  const values = (runs: readonly PageRun[]) => runs.map((run) => ({ seed: run.seed, value: of(run) }));
  const found = members === first ? undefined : differenceBySeed(values(members), values(first));
  return found ?? { mean: Number.NaN, margin: Number.NaN, agree: 0, count: 0 };
}
