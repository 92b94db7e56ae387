/** What was measured in a run. */
import { join } from 'node:path';
import { readCsv } from '../read-table.js';
import { textColumn } from './columns.js';
import type { TableGroup } from './group.js';

/** `metrics`, as metrics.csv: `time_ns`, `round`, `node` (−1 for a figure of the whole run), `metric`, `value`. */
export const metricTables: TableGroup = ({ folder }) => {
  const rows = readCsv(join(folder, 'metrics.csv'));
  return {
    metrics: {
      length: rows.length,
      columns: {
        time_ns: Float64Array.from(rows, ({ time_ns }) => Number(time_ns)),
        round: Int32Array.from(rows, ({ round }) => Number(round)),
        node: Int32Array.from(rows, ({ node }) => (node === '' ? -1 : Number(node))),
        metric: textColumn(rows.map(({ metric }) => metric!)),
        value: Float64Array.from(rows, ({ value }) => Number(value)),
      },
    },
  };
};
