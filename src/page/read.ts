/** Reads the data of the page from its own inert elements. */
import type { ColumnTable, PageData } from './data.js';
import { unpack } from './packed.js';

/** All that the page shows. Each element has deflated bytes in base64: one JSON text, and the tables. */
export async function readData(document: Document): Promise<PageData> {
  const inert = [...document.querySelectorAll<HTMLScriptElement>('script[data-table]')];
  const head = document.getElementById('data')!;
  const { title, runs } = JSON.parse(new TextDecoder().decode(await inflated(head.textContent!)));
  const tables = await Promise.all(
    inert.map(
      async (element): Promise<[string, ColumnTable]> => [
        element.dataset.table!,
        unpack(await inflated(element.textContent!)),
      ],
    ),
  );
  return { title, runs, tables: Object.fromEntries(tables) };
}

async function inflated(base64: string): Promise<Uint8Array> {
  const deflated = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const stream = new Blob([deflated]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
