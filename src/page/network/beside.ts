/** The table beside a canvas, and its data as CSV. */
import { element } from '../element.js';

type Cell = string | number;

/** What a canvas shows, as a table. */
export interface Beside {
  /** What it is called, also in the name of the file. */
  readonly name: string;
  readonly header: readonly string[];
  /** Rows as they are now. */
  readonly rows: () => readonly (readonly Cell[])[];
}

/** Rows of a table on the page; the file has them all. */
const ROWS_MAX = 200;

/** A table that is made when it is opened, and `refresh`, which makes it again if it is open. */
export function beside(table: Beside): { readonly root: HTMLElement; refresh(): void } {
  const body = element('div', { class: 'scrolling', tabindex: '0' });
  const root = element(
    'details',
    { class: 'beside' },
    element('summary', {}, `As a table: ${table.name}`),
    body,
  );
  const refresh = () => {
    if (root.open) body.replaceChildren(...contents(table));
  };
  root.addEventListener('toggle', refresh);
  return { root, refresh };
}

function contents(table: Beside): HTMLElement[] {
  const rows = table.rows();
  const download = element('button', { type: 'button' }, 'Download as CSV');
  download.addEventListener('click', () => save(table));
  const shown = rows.slice(0, ROWS_MAX);
  const count = (n: number) => n.toLocaleString('en');
  const note =
    shown.length < rows.length
      ? `The first ${count(shown.length)} of ${count(rows.length)} rows; the file has them all.`
      : `${count(rows.length)} ${rows.length === 1 ? 'row' : 'rows'}.`;
  return [element('p', {}, download, ` ${note}`), tableElement(table.header, shown)];
}

/** A table of texts and numbers. */
export function tableElement(header: readonly string[], rows: readonly (readonly Cell[])[]): HTMLElement {
  const line = (name: 'th' | 'td', cells: readonly Cell[]) =>
    element(
      'tr',
      {},
      ...cells.map((cell) =>
        element(name, typeof cell === 'number' ? { class: 'number' } : {}, shownCell(cell)),
      ),
    );
  return element(
    'table',
    {},
    element('thead', {}, line('th', header)),
    element('tbody', {}, ...rows.map((row) => line('td', row))),
  );
}

function shownCell(cell: Cell): string {
  if (typeof cell === 'string') return cell;
  return Number.isNaN(cell) ? '' : String(Number.isInteger(cell) ? cell : Number(cell.toPrecision(6)));
}

function save({ name, header, rows }: Beside): void {
  const text = [header, ...rows()].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
  const link = element('a', {
    href: URL.createObjectURL(new Blob([text], { type: 'text/csv' })),
    download: `${name.replaceAll(/[^\w]+/g, '-')}.csv`,
  });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function csvCell(cell: Cell): string {
  const text = Number.isNaN(cell) ? '' : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
