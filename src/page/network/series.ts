/** What was measured of each node over time. */
import { byNumber } from '../../numbers.js';
import type { ColumnTable, TextColumn } from '../data.js';

/** One metric of all nodes. */
export interface NodeSeries {
  readonly metric: string;
  /** When it was measured, ascending. */
  readonly times: Float64Array;
  /** [times × nodes], NaN where it was not measured. */
  readonly values: Float64Array;
  readonly nodes: number;
  /** The least and the greatest finite value. */
  readonly low: number;
  readonly high: number;
}

/** The metrics that have values of nodes, the accuracy first. */
export function seriesOf(metrics: ColumnTable, nodes: number): ReadonlyMap<string, NodeSeries> {
  const { dictionary, codes } = metrics.columns.metric as TextColumn;
  const node = metrics.columns.node as Int32Array;
  const rows = dictionary.map((): number[] => []);
  for (let row = 0; row < metrics.length; row++)
    if (node[row]! >= 0 && node[row]! < nodes) rows[codes[row]!]!.push(row);
  const found = dictionary.flatMap((metric, code) =>
    rows[code]!.length > 0 ? [[metric, oneSeries(metrics, metric, rows[code]!, nodes)] as const] : [],
  );
  const rank = ([metric]: (typeof found)[number]) => (metric === 'accuracy' ? 0 : 1);
  return new Map(found.sort((a, b) => rank(a) - rank(b)));
}

function oneSeries(metrics: ColumnTable, metric: string, rows: readonly number[], nodes: number): NodeSeries {
  const [time, node, value] = [
    metrics.columns.time_ns as Float64Array,
    metrics.columns.node as Int32Array,
    metrics.columns.value as Float64Array,
  ];
  const times = Float64Array.from(new Set(rows.map((row) => time[row]!))).sort(byNumber);
  const places = new Map([...times].map((at, place) => [at, place]));
  const values = new Float64Array(times.length * nodes).fill(Number.NaN);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const row of rows) {
    const one = value[row]!;
    values[places.get(time[row]!)! * nodes + node[row]!] = one;
    if (!Number.isFinite(one)) continue;
    low = Math.min(low, one);
    high = Math.max(high, one);
  }
  return { metric, times, values, nodes, low, high };
}

/** The last measurement at or before a time; −1 before the first. */
export function measurementAt({ times }: Pick<NodeSeries, 'times'>, time: number): number {
  return countUpTo(times, time) - 1;
}

/** The value of a node as it was last measured; NaN before. */
export function valueAt(series: NodeSeries, node: number, time: number): number {
  const at = measurementAt(series, time);
  return at < 0 ? Number.NaN : series.values[at * series.nodes + node]!;
}

/** The mean over the nodes that have a value, at a measurement. */
export function meanAt({ values, nodes }: NodeSeries, measurement: number): number {
  const own = values.subarray(measurement * nodes, (measurement + 1) * nodes).filter(Number.isFinite);
  return own.reduce((sum, value) => sum + value, 0) / own.length;
}

/** How many of ascending numbers are at most `limit`. */
export function countUpTo(ascending: Float64Array, limit: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
