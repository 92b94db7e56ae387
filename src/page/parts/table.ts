/** Tables for people. */
import { element } from './element.js';

/** A cell: text, or something to click. */
type TableCell = string | Node;

/** A table with a head; the first column names the rows, the others are numbers. */
export function table(
  caption: string,
  head: readonly string[],
  rows: ReadonlyArray<readonly TableCell[]>,
): HTMLElement {
  const titles = head.map((title) => element('th', { scope: 'col' }, title));
  const body = rows.map(([name, ...cells]) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, name!),
      ...cells.map((cell) => element('td', {}, cell)),
    ),
  );
  return element(
    'div',
    { class: 'table', tabindex: '0', role: 'region', 'aria-label': caption },
    element(
      'table',
      {},
      element('caption', {}, caption),
      element('thead', {}, element('tr', {}, ...titles)),
      element('tbody', {}, ...body),
    ),
  );
}
