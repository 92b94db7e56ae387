/** Columns from rows. */
import type { TextColumn } from '../../page/data.js';

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
