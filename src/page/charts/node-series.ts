/** The curves of the nodes of a run. */
import type { ColumnTable, TextColumn } from '../data.js';
import { isCost } from './axis.js';

/** The measurements of a metric at the nodes of a run. */
export interface NodeSeries {
  readonly metric: string;
  /** Of each measurement, in the order of time. */
  readonly times: readonly number[];
  readonly rounds: readonly number[];
  /** The nodes that were measured, in their order. */
  readonly nodes: readonly number[];
  /** For each of `nodes`, its values at `times`; null where it was not measured. */
  readonly values: ReadonlyArray<ReadonlyArray<number | null>>;
  /** Places in `nodes`, from the worst at the end to the best; those without a value at the end come first. */
  readonly ranking: readonly number[];
}

/** Metrics that are measured at nodes: accuracies first. */
export function nodeMetrics(metrics: ColumnTable): string[] {
  const { dictionary, codes } = metrics.columns.metric as TextColumn;
  const nodes = metrics.columns.node as Int32Array;
  const found = new Set<number>();
  for (const [row, code] of codes.entries()) if (nodes[row]! >= 0) found.add(code);
  const names = [...found].map((code) => dictionary[code]!);
  const rank = (name: string) => (name === 'accuracy' ? 0 : name.startsWith('accuracy') ? 1 : 2);
  return names.sort((a, b) => rank(a) - rank(b));
}

/** The curves of a metric. */
export function nodeSeries({ columns }: ColumnTable, metric: string): NodeSeries {
  const { dictionary, codes } = columns.metric as TextColumn;
  const [node, time, round, value] = [columns.node, columns.time_ns, columns.round, columns.value] as [
    Int32Array,
    Float64Array,
    Int32Array,
    Float64Array,
  ];
  const wanted = dictionary.indexOf(metric);
  const rows: number[] = [];
  for (const [row, code] of codes.entries()) if (code === wanted && node[row]! >= 0) rows.push(row);
  const times = [...new Set(rows.map((row) => time[row]!))].sort((a, b) => a - b);
  const nodes = [...new Set(rows.map((row) => node[row]!))].sort((a, b) => a - b);
  const placeOfTime = new Map(times.map((at, k) => [at, k]));
  const placeOfNode = new Map(nodes.map((id, k) => [id, k]));
  const rounds = times.map(() => 0);
  const values = nodes.map(() => times.map((): number | null => null));
  for (const row of rows) {
    const k = placeOfTime.get(time[row]!)!;
    rounds[k] = round[row]!;
    if (Number.isFinite(value[row])) values[placeOfNode.get(node[row]!)!]![k] = value[row]!;
  }
  return { metric, times, rounds, nodes, values, ranking: ranking(values, isCost(metric)) };
}

function ranking(values: NodeSeries['values'], isCost: boolean): number[] {
  const sign = isCost ? -1 : 1;
  const last = values.map((series) => sign * (series.at(-1) ?? Number.NEGATIVE_INFINITY * sign));
  return last.map((_, k) => k).sort((a, b) => (last[a]! < last[b]! ? -1 : last[a]! > last[b]! ? 1 : a - b));
}

/** The place of the series whose value at the measurement is nearest; undefined if none has one. */
export function nearestTo(
  value: number,
  series: ReadonlyArray<ReadonlyArray<number | null>>,
  measurement: number,
): number | undefined {
  const distance = (place: number) => {
    const at = series[place]![measurement];
    return at === null || at === undefined ? Number.POSITIVE_INFINITY : Math.abs(at - value);
  };
  let best: number | undefined;
  for (let place = 0; place < series.length; place++)
    if (distance(place) < (best === undefined ? Number.POSITIVE_INFINITY : distance(best))) best = place;
  return best;
}
