/** What the nodes of a run did, and the lives of its messages, where the run has logged spans. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { byNumber } from '../../numbers.js';
import type { ColumnTable } from '../../page/data.js';
import { type ParquetRow, parquetBlocks } from '../read-table.js';
import { MESSAGE_SPAN_COLUMNS, NODE_SPAN_COLUMNS } from '../span-columns.js';
import { textColumn } from './columns.js';
import type { TableGroup } from './group.js';
import { readRecords } from './read-records.js';
import { samplingTable, stride } from './sampling.js';

/** Rows of each of the two tables that a page has of one run. */
const SPANS_MAX = 150_000;

/** The columns that a page reads. */
const { sequence: _, attempt: __, ...MESSAGE_COLUMNS } = MESSAGE_SPAN_COLUMNS;

type NodeRow = ParquetRow<typeof NODE_SPAN_COLUMNS>;
type MessageRow = ParquetRow<typeof MESSAGE_COLUMNS>;

/**
 * `node-spans`: `node`, `kind`, `start_ns`, `end_ns`, `round`; where there are too many, those of the least accurate nodes and
 * of every k-th. `message-spans`: `from`, `to`, `type`, `round`, `queued_ns`, `tx_start_ns`, `tx_end_ns`, `arrived_ns` (NaN:
 * never), `sent_bytes`, `outcome`; of too many, every k-th. `span-sampling`: of which of these there are not all rows.
 */
export const spanTables: TableGroup = async ({ folder }) => {
  if (!existsSync(join(folder, 'node-spans.parquet'))) return {};
  const nodes = await nodeSpans(folder);
  const messages = await messageSpans(join(folder, 'message-spans.parquet'));
  return {
    'node-spans': nodes.table,
    'message-spans': messages.table,
    ...samplingTable('span-sampling', [
      { table: 'node-spans', kept: nodes.table.length, all: nodes.all },
      { table: 'message-spans', kept: messages.table.length, all: messages.all },
    ]),
  };
};

async function nodeSpans(folder: string): Promise<{ table: ColumnTable; all: number }> {
  const path = join(folder, 'node-spans.parquet');
  const counts = new Map<number, number>();
  let all = 0;
  for await (const block of parquetBlocks(path, { node: 'int32' })) {
    all = block.all;
    for (const { node } of block.rows) counts.set(node, (counts.get(node) ?? 0) + 1);
  }
  const shown = all > SPANS_MAX ? someNodes(join(folder, 'metrics.csv'), counts) : undefined;
  const rows: NodeRow[] = [];
  for await (const block of parquetBlocks(path, NODE_SPAN_COLUMNS))
    for (const row of block.rows) if (shown?.has(row.node) ?? true) rows.push(row);
  const columns = {
    node: Int32Array.from(rows, ({ node }) => node),
    kind: textColumn(rows.map(({ kind }) => kind)),
    start_ns: Float64Array.from(rows, ({ start_ns }) => start_ns),
    end_ns: Float64Array.from(rows, ({ end_ns }) => end_ns),
    round: Int32Array.from(rows, ({ round }) => round),
  };
  return { table: { length: rows.length, columns }, all };
}

/** The least accurate nodes, a third of those for which there is room, and every k-th of all. */
function someNodes(metrics: string, counts: ReadonlyMap<number, number>): Set<number> {
  const nodes = [...counts.keys()].sort(byNumber);
  const perNode = [...counts.values()].reduce((sum, count) => sum + count, 0) / nodes.length;
  const room = Math.max(2, Math.floor(SPANS_MAX / perNode));
  const last = new Map<number, number>();
  for (const [node, metric, value] of readRecords(metrics, ['node', 'metric', 'value']))
    if (metric === 'accuracy' && node !== '') last.set(Number(node), Number(value));
  const worst = [...last].sort(([, a], [, b]) => a - b).slice(0, Math.floor(room / 3));
  const step = stride(nodes.length, Math.max(1, room - worst.length));
  return new Set([...worst.map(([node]) => node), ...nodes.filter((_node, k) => k % step === 0)]);
}

async function messageSpans(path: string): Promise<{ table: ColumnTable; all: number }> {
  const rows: MessageRow[] = [];
  let [all, row] = [0, 0];
  for await (const block of parquetBlocks(path, MESSAGE_COLUMNS)) {
    all = block.all;
    const step = stride(all, SPANS_MAX);
    for (const message of block.rows) if (row++ % step === 0) rows.push(message);
  }
  const orNever = (time: number | undefined) => time ?? Number.NaN;
  const columns = {
    from: Int32Array.from(rows, ({ from }) => from),
    to: Int32Array.from(rows, ({ to }) => to),
    type: textColumn(rows.map(({ type }) => type)),
    round: Int32Array.from(rows, ({ round }) => round),
    queued_ns: Float64Array.from(rows, ({ queued_ns }) => queued_ns),
    tx_start_ns: Float64Array.from(rows, ({ tx_start_ns }) => orNever(tx_start_ns)),
    tx_end_ns: Float64Array.from(rows, ({ tx_end_ns }) => orNever(tx_end_ns)),
    arrived_ns: Float64Array.from(rows, ({ arrived_ns }) => orNever(arrived_ns)),
    sent_bytes: Float64Array.from(rows, sizeOf),
    outcome: textColumn(rows.map(({ outcome }) => outcome)),
  };
  return { table: { length: rows.length, columns }, all };
}

function sizeOf({ values_bytes, index_bytes, header_bytes, framing_bytes }: MessageRow): number {
  return values_bytes + index_bytes + header_bytes + framing_bytes;
}
