/** What was measured in a run. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ColumnTable, TextColumn } from '../../page/data.js';
import { readParquet } from '../read-table.js';
import { filtered, textColumn } from './columns.js';
import type { TableGroup } from './group.js';
import { readRecords } from './read-records.js';

const COLUMNS = ['time_ns', 'round', 'node', 'metric', 'value'] as const;

/** Of message-spans.parquet. */
const SENT_COLUMNS = {
  queued_ns: 'int64',
  values_bytes: 'int64',
  index_bytes: 'int64',
  header_bytes: 'int64',
  framing_bytes: 'int64',
} as const;

/** Nodes up to which a page has the measurements of all of them. */
const NODES_MAX = 1000;

/** Of more nodes, those that are lowest and highest at the end in one of the metrics are kept beside a sample. */
const EXTREMES = 10;

/**
 * `metrics`, as metrics.csv: `time_ns`, `round`, `node` (−1 for a figure of the whole run), `metric`, `value`. Of more than
 * 1,000 nodes, some. `sent`, where there are spans of all rounds: `sent_bytes` until the `time_ns` of each measurement.
 */
export const metricTables: TableGroup = async ({ folder, summary }) => {
  const metrics = readMetrics(join(folder, 'metrics.csv'));
  // Spans of some rounds only do not add up.
  const sent =
    summary.spans === 1 ? await readSent(join(folder, 'message-spans.parquet'), metrics) : undefined;
  return { metrics: sampled(metrics), ...(sent && { sent }) };
};

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

const PARTS = ['values_bytes', 'index_bytes', 'header_bytes', 'framing_bytes'] as const;

/** What had been given to the network until each measurement. */
async function readSent(path: string, metrics: ColumnTable): Promise<ColumnTable | undefined> {
  if (!existsSync(path)) return undefined;
  const spans = await readParquet(path, SENT_COLUMNS);
  spans.sort((a, b) => a.queued_ns - b.queued_ns);
  const times = [...new Set(metrics.columns.time_ns as Float64Array)].sort((a, b) => a - b);
  let [next, sum] = [0, 0];
  const sums = times.map((time) => {
    for (; next < spans.length && spans[next]!.queued_ns <= time; next++)
      for (const part of PARTS) sum += spans[next]![part];
    return sum;
  });
  return {
    length: times.length,
    columns: { time_ns: Float64Array.from(times), sent_bytes: Float64Array.from(sums) },
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
