/** Tables for people, as plain text or in Markdown. */
import width from 'string-width';
import type { Cell } from './tables.js';

/** A column: its title, and the alignment of its cells. */
interface TextColumn {
  readonly title: string;
  /** @defaultValue right if every non-empty cell starts like a number, else left */
  readonly align?: 'left' | 'right';
}

/** The form of a table. */
type TableForm = 'text' | 'markdown';

/** The table's lines, each ended by a newline. Cells that are undefined are empty; a column may be given by its title. */
export function formatTable(
  columns: readonly (string | TextColumn)[],
  rows: readonly (readonly Cell[])[],
  form: TableForm = 'text',
): string {
  const cells = rows.map((row) => columns.map((_, i) => cellText(row[i], form)));
  const titles = columns.map((column) => cellText(typeof column === 'string' ? column : column.title, form));
  const right = columns.map((column, i) => {
    const given = typeof column === 'string' ? undefined : column.align;
    return given === undefined ? isNumeric(cells.map((row) => row[i]!)) : given === 'right';
  });
  const least = form === 'markdown' ? 3 : 1;
  const widths = titles.map((title, i) =>
    Math.max(least, ...[title, ...cells.map((row) => row[i]!)].map((text) => width(text))),
  );
  const draw = (row: readonly string[]) => row.map((text, i) => padded(text, widths[i]!, right[i]!));
  const lines =
    form === 'markdown'
      ? [draw(titles), widths.map((size, i) => rule(size, right[i]!)), ...cells.map(draw)].map(
          (line) => `| ${line.join(' | ')} |`,
        )
      : [draw(titles), widths.map((size) => '-'.repeat(size)), ...cells.map(draw)].map((line) =>
          line.join('  ').trimEnd(),
        );
  return lines.map((line) => `${line}\n`).join('');
}

function cellText(cell: Cell, form: TableForm): string {
  const text = cell === undefined ? '' : String(cell).replace(/\s+/g, ' ');
  return form === 'markdown' ? text.replaceAll('|', '\\|') : text;
}

/** Whether all non-empty cells start like numbers: `1.2 MB`, `-3`, `±0.1`, `98.5 %`, `NaN`. False if all are empty. */
function isNumeric(cells: readonly string[]): boolean {
  const filled = cells.filter((text) => text !== '' && text !== '–' && text !== '-');
  return filled.length > 0 && filled.every((text) => /^(?:[-+±−]?(?:\.?\d|Infinity)|NaN)/.test(text));
}

function padded(text: string, size: number, right: boolean): string {
  const space = ' '.repeat(size - width(text));
  return right ? space + text : text + space;
}

function rule(size: number, right: boolean): string {
  return right ? `${'-'.repeat(size - 1)}:` : '-'.repeat(size);
}
