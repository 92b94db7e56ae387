/** What of long tables a page has. */
import type { ColumnTable } from '../../page/data.js';
import { textColumn } from './columns.js';

/** Rows of a table of which a page has a part only. */
interface Sampled {
  readonly table: string;
  readonly kept: number;
  readonly all: number;
}

/** Says of which tables the page has not all rows; no table where it has them all. */
export function samplingTable(
  name: string,
  sampled: readonly Sampled[],
): Readonly<Record<string, ColumnTable>> {
  const partly = sampled.filter(({ kept, all }) => kept < all);
  if (partly.length === 0) return {};
  const columns = {
    table: textColumn(partly.map(({ table }) => table)),
    kept: Float64Array.from(partly, ({ kept }) => kept),
    all: Float64Array.from(partly, ({ all }) => all),
  };
  return { [name]: { length: partly.length, columns } };
}

/** Every how many of `all` rows are kept, so that there are at most `limit`. */
export function stride(all: number, limit: number): number {
  return Math.max(1, Math.ceil(all / limit));
}
