/** Files that the reader takes from the page. */
import { csvFormat } from 'd3-dsv';
import { element } from './element.js';

type Rows = ReadonlyArray<Readonly<Record<string, number | string>>>;

/** A button that hands out rows as a CSV file. */
export function csvButton(name: string, rows: () => Rows): HTMLButtonElement {
  return button('CSV', `Download the data of ${name} as CSV`, () =>
    save(`${fileName(name)}.csv`, 'text/csv', `${csvFormat(rows() as object[])}\n`),
  );
}

/** A button that hands out a drawing as an SVG file. */
export function svgButton(name: string, draw: () => SVGElement): HTMLButtonElement {
  return button('SVG', `Download ${name} as SVG`, () => {
    const text = new XMLSerializer().serializeToString(draw());
    save(`${fileName(name)}.svg`, 'image/svg+xml', text);
  });
}

/** A button that hands out text as a file. */
export function textButton(label: string, name: string, text: () => string): HTMLButtonElement {
  return button(label, `Download ${name}`, () => save(name, 'application/json', text()));
}

function button(text: string, label: string, act: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button', class: 'download', 'aria-label': label }, text);
  made.addEventListener('click', act);
  return made;
}

function save(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  element('a', { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}

function fileName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}
