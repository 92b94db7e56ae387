/** The table beside a canvas, and its data as CSV. */
import { csvButton } from '../parts/download.js';
import { element } from '../parts/element.js';
import { table } from '../parts/table.js';

type Cell = string | number;

/** What a canvas shows, as rows. */
interface Beside {
  /** What it is called, also in the name of the file. */
  readonly name: string;
  /** Rows as they are now, with the same columns in each. */
  readonly rows: () => ReadonlyArray<Readonly<Record<string, Cell>>>;
}

/** Rows of a table on the page; the file has them all. */
const ROWS_MAX = 200;

/** A table that is made when it is opened, and `refresh`, which makes it again if it is open. */
export function beside({ name, rows }: Beside): { readonly root: HTMLElement; refresh(): void } {
  const body = element('div');
  const root = element('details', {}, element('summary', {}, `Table: ${name}`), body);
  const refresh = () => {
    if (root.open) body.replaceChildren(contents(name, rows()));
  };
  root.addEventListener('toggle', refresh);
  return { root: element('div', { class: 'beside' }, root, csvButton(name, rows)), refresh };
}

function contents(name: string, rows: ReturnType<Beside['rows']>): HTMLElement {
  if (rows.length === 0) return element('p', { class: 'note' }, 'There are no rows.');
  const shown = rows.slice(0, ROWS_MAX);
  const count = (rows: readonly unknown[]) => rows.length.toLocaleString('en');
  const caption =
    shown.length < rows.length
      ? `${name}: the first ${count(shown)} of ${count(rows)} rows; the CSV file has them all`
      : name;
  return table(
    caption,
    Object.keys(rows[0]!),
    shown.map((row) => Object.values(row).map(shownCell)),
  );
}

function shownCell(cell: Cell): string {
  if (typeof cell === 'string') return cell;
  return Number.isNaN(cell) ? '' : String(Number.isInteger(cell) ? cell : Number(cell.toPrecision(6)));
}
