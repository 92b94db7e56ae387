/** Columns from rows. */
import type { Column, ColumnTable, TextColumn } from '../../page/data.js';

/** Texts by their codes, in the order in which they first occur. */
export function textColumn(texts: readonly string[]): TextColumn {
  const codes = new Map<string, number>();
  const column = new Int32Array(texts.length);
  for (const [row, text] of texts.entries()) {
    const code = codes.get(text) ?? codes.size;
    codes.set(text, code);
    column[row] = code;
  }
  return { dictionary: [...codes.keys()], codes: column };
}

/** The rows of a table for which `keeps` is true. */
export function filtered({ length, columns }: ColumnTable, keeps: (row: number) => boolean): ColumnTable {
  const rows = Array.from({ length }, (_, row) => row).filter(keeps);
  const entries = Object.entries(columns).map(([name, column]): [string, Column] => {
    if (!('codes' in column)) return [name, column.filter((_, row) => keeps(row))];
    return [name, { ...column, codes: column.codes.filter((_, row) => keeps(row)) }];
  });
  return { length: rows.length, columns: Object.fromEntries(entries) };
}
