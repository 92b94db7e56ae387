// Figures and tables.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Three digits at least. */
export const figure = (value) =>
  value >= 100 ? Math.round(value).toLocaleString('en') : Number(value.toPrecision(3)).toString();

/** A Markdown table with aligned columns, which is easy to read in a terminal too. Columns without any text are left out. */
export function table(titles, rows) {
  const kept = titles.map((_, i) => i).filter((i) => rows.some((row) => row[i] !== ''));
  const widths = kept.map((i) => Math.max(titles[i].length, ...rows.map((row) => row[i].length)));
  const line = (cells) => `| ${kept.map((i, k) => cells[i].padEnd(widths[k])).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(titles), rule, ...rows.map(line)].join('\n');
}
