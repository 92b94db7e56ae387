/** What was measured in a run. */
import { join } from 'node:path';
import type { ColumnTable, TextColumn } from '../../page/data.js';
import { filtered, textColumn } from './columns.js';
import type { TableGroup } from './group.js';
import { readRecords } from './read-records.js';

const COLUMNS = ['time_ns', 'round', 'node', 'metric', 'value'] as const;

/** Nodes up to which a page has the measurements of all of them. */
const NODES_MAX = 1000;

/** Of more nodes, those that are lowest and highest at the end in one of the metrics are kept beside a sample. */
const EXTREMES = 10;

/** `metrics`, as metrics.csv: `time_ns`, `round`, `node` (−1 for a figure of the whole run), `metric`, `value`. Of more than 1,000 nodes, some. */
export const metricTables: TableGroup = ({ folder }) => ({
  metrics: sampled(readMetrics(join(folder, 'metrics.csv'))),
});

function readMetrics(path: string): ColumnTable {
  const [times, rounds, nodes, metrics, values]: [number[], number[], number[], string[], number[]] = [
    [],
    [],
    [],
    [],
    [],
  ];
  for (const [time, round, node, metric, value] of readRecords(path, COLUMNS)) {
    times.push(Number(time));
    rounds.push(Number(round));
    nodes.push(node === '' ? -1 : Number(node));
    metrics.push(metric!);
    values.push(Number(value));
  }
  return {
    length: times.length,
    columns: {
      time_ns: Float64Array.from(times),
      round: Int32Array.from(rounds),
      node: Int32Array.from(nodes),
      metric: textColumn(metrics),
      value: Float64Array.from(values),
    },
  };
}

/** The measurements of the whole run and of some 1,000 of its nodes: at equal distances, and the lowest and highest. */
function sampled(table: ColumnTable): ColumnTable {
  const nodes = table.columns.node as Int32Array;
  const count = nodes.reduce((most, node) => Math.max(most, node + 1), 0);
  if (count <= NODES_MAX) return table;
  const step = Math.ceil(count / NODES_MAX);
  const extreme = extremes(table);
  return filtered(table, (row) => nodes[row]! % step === 0 || nodes[row]! < 0 || extreme.has(nodes[row]!));
}

/** The nodes that are lowest or highest in the last measurement of a metric. */
function extremes({ length, columns }: ColumnTable): ReadonlySet<number> {
  const [nodes, values] = [columns.node as Int32Array, columns.value as Float64Array];
  const { codes, dictionary } = columns.metric as TextColumn;
  const last = dictionary.map(() => new Map<number, number>());
  for (let row = 0; row < length; row++)
    if (nodes[row]! >= 0) last[codes[row]!]!.set(nodes[row]!, values[row]!);
  return new Set(
    last.flatMap((values) => {
      const order = [...values].sort(([, a], [, b]) => a - b).map(([node]) => node);
      return [...order.slice(0, EXTREMES), ...order.slice(-EXTREMES)];
    }),
  );
}
