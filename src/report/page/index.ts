/** Writes results as one page that opens from the file system. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ColumnTable, PageData } from '../../page/data.js';
import { orUnwritable } from '../output-file.js';
import { byteTable } from './bytes.js';
import { curveTable, estimateTable } from './curves.js';
import type { PageResult, TableGroup } from './group.js';
import { pageHtml } from './html.js';
import { metricTables } from './metrics.js';
import { networkTables } from './network.js';
import { pageRuns } from './runs.js';
import { spanTables } from './spans.js';
import { trafficTables } from './traffic.js';

/** What makes the tables of each run. */
const GROUPS: readonly TableGroup[] = [metricTables, trafficTables, networkTables, spanTables];

/** Writes the page of these results, with tables that only the caller can make. Throws UsageErrors `unreadable-result` and `unwritable-output`. */
export async function writePage(
  path: string,
  results: readonly PageResult[],
  more: readonly TableGroup[],
): Promise<void> {
  const html = pageHtml(await pageData(results, [...GROUPS, ...more]));
  orUnwritable(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.partial`, html);
    renameSync(`${path}.partial`, path);
  });
}

/** All that a page shows of these results. Throws UsageError `unreadable-result`. */
export async function pageData(
  results: readonly PageResult[],
  groups: readonly TableGroup[] = GROUPS,
): Promise<PageData> {
  const tables: Record<string, ColumnTable> = {};
  for (const [index, result] of results.entries())
    for (const group of groups)
      for (const [name, table] of Object.entries(await group(result))) tables[`${index}/${name}`] = table;
  const runs = pageRuns(results, tables);
  const curves = curveTable({ runs, tables });
  return {
    title: titleOf(runs.map(({ title }) => title)),
    runs,
    tables: { curves, estimates: estimateTable({ runs }), bytes: byteTable({ runs, tables }), ...tables },
  };
}

function titleOf(titles: readonly string[]): string {
  const different = [...new Set(titles)];
  return different.length === 1 ? different[0]! : `${different.length} scenarios`;
}
