/** A drawing as a file. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Size of a drawing, in pixels of SVG: 96 to an inch. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** Inter 4.001 (https://github.com/rsms/inter), with its Latin, Greek and Cyrillic letters, arrows and signs. */
const FONT = fileURLToPath(new URL('inter.ttf', import.meta.url));

/** Letters that the font may lack. */
const FOREIGN = /[^\s\u0020-\u045f\u2010-\u25cf]/u;

/** Pixels of a PNG for a pixel of SVG: 288 to an inch. */
const ZOOM = 3;

/** Points of a PDF for a pixel of SVG. */
const POINTS = 0.75;

/** What makes the content of a file, by its ending. */
export const FORMATS: Readonly<Record<string, (svg: string, size: Size) => Promise<string | Uint8Array>>> = {
  '.svg': async (svg) => svg,
  '.png': png,
  '.pdf': pdf,
};

async function png(svg: string): Promise<Uint8Array> {
  const { Resvg } = await import('@resvg/resvg-js');
  const font = {
    fontFiles: [FONT],
    // For letters that our font lacks, one of the machine.
    loadSystemFonts: FOREIGN.test(svg),
    defaultFontFamily: 'Inter',
    sansSerifFamily: 'Inter',
  };
  return new Resvg(svg, { font, fitTo: { mode: 'zoom', value: ZOOM } }).render().asPng();
}

async function pdf(svg: string, { width, height }: Size): Promise<Uint8Array> {
  const { default: Document } = await import('pdfkit');
  const { default: draw } = await import('svg-to-pdfkit');
  // One drawing is one file: without the time of day.
  const info = { Creator: 'mycel', Producer: 'mycel', CreationDate: new Date(0) };
  const document = new Document({ size: [width * POINTS, height * POINTS], margin: 0, info });
  document.registerFont('Inter', readFileSync(FONT));
  const chunks: Uint8Array[] = [];
  const ended = new Promise((resolve) => {
    document.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    document.on('end', resolve);
  });
  draw(document as never, svg, 0, 0, { fontCallback: () => 'Inter' });
  document.end();
  await ended;
  return Buffer.concat(chunks);
}
