/** What the ledger of a run says by type of message and round. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { textColumn } from './columns.js';
import type { TableGroup } from './group.js';
import { readRecords } from './read-records.js';

/** Columns of numbers that are summed over links. */
const SUMMED = [
  'sent_messages',
  'sent_bytes',
  'values_bytes',
  'index_bytes',
  'header_bytes',
  'framing_bytes',
] as const;

/** `traffic`: `type`, `round` (the sender's) and sums over all links, as in traffic.csv. */
export const trafficTables: TableGroup = ({ folder }) => {
  const path = join(folder, 'traffic.csv');
  if (!existsSync(path)) return {};
  const sums = new Map<string, { type: string; round: number; values: number[] }>();
  for (const [type, round, ...cells] of readRecords(path, ['type', 'round', ...SUMMED])) {
    const key = `${round} ${type}`;
    let row = sums.get(key);
    if (row === undefined) {
      row = { type: type!, round: Number(round), values: SUMMED.map(() => 0) };
      sums.set(key, row);
    }
    for (const [k, cell] of cells.entries()) row.values[k]! += Number(cell);
  }
  const rows = [...sums.values()].sort((a, b) => a.round - b.round);
  const columns = SUMMED.map((name, k) => [name, Float64Array.from(rows, ({ values }) => values[k]!)]);
  return {
    traffic: {
      length: rows.length,
      columns: {
        type: textColumn(rows.map(({ type }) => type)),
        round: Int32Array.from(rows, ({ round }) => round),
        ...Object.fromEntries(columns),
      },
    },
  };
};
