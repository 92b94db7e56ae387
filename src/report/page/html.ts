/** The HTML around the data and the program of a page. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { PageData } from '../../page/data.js';
import { pack } from '../../page/packed.js';
import { formatJson } from '../json.js';
import { encoded } from './encode.js';

/** The file beside the compiled code of the page. */
function asset(name: string): string {
  return readFileSync(new URL(`../../page/${name}`, import.meta.url), 'utf8');
}

/** The text of a page. It loads nothing: its one program is allowed by its hash. */
export function pageHtml({ title, runs, tables }: PageData): string {
  const program = asset('page.js').replaceAll('</script', '<\\/script');
  const hash = createHash('sha256').update(program).digest('base64');
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    "style-src 'unsafe-inline'",
    'img-src data: blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const inert = Object.entries(tables).map(
    ([name, table]) =>
      `<script type="application/octet-stream" data-table="${name}">${encoded(pack(table))}</script>`,
  );
  return [
    '<!DOCTYPE html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    '<title>Mycel</title>',
    `<style>${asset('page.css')}</style>`,
    '</head>',
    '<body>',
    '<noscript>This page draws its figures with JavaScript, which is switched off here.</noscript>',
    `<script type="application/octet-stream" id="data">${encoded(formatJson({ title, runs }))}</script>`,
    ...inert,
    `<script type="module">${program}</script>`,
    `<script type="text/plain" id="licences">\n${asset('licences.txt')}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
