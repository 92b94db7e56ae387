/** Draws a chart without a browser. */
import { plot } from '@observablehq/plot';
import { DOMParser } from 'linkedom';
import type { Chart, Drawing } from '../../page/charts/chart.js';

/** The text of a chart as an SVG file, with all its colours in itself. */
export function svgOf(chart: Chart, drawing: Drawing): string {
  // Of a document of XML: what stands in attributes is escaped as XML asks.
  const document = new DOMParser().parseFromString('<svg/>', 'image/svg+xml', null);
  const svg = plot({ ...chart.draw(drawing), document } as Parameters<typeof plot>[0]);
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', chart.description);
  // Styles are for pages; what they do here stands in attributes.
  for (const style of svg.querySelectorAll('style')) style.remove();
  for (const element of [svg, ...svg.querySelectorAll('*')])
    for (const name of ['fill', 'stroke'])
      if (element.getAttribute(name) === 'currentColor') element.setAttribute(name, drawing.colors.ink);
  const { fontFamily, fontSize } = chart.draw(drawing).style as Record<string, string>;
  svg.setAttribute('font-family', fontFamily!);
  svg.setAttribute('font-size', Number.parseFloat(fontSize!).toString());
  svg.removeAttribute('class');
  svg.removeAttribute('style');
  const paper = document.createElementNS('http://www.w3.org/2000/svg', 'rect', undefined);
  for (const [name, value] of Object.entries({ width: '100%', height: '100%', fill: drawing.colors.paper }))
    paper.setAttribute(name, value);
  svg.prepend(paper);
  return `${svg.outerHTML}\n`;
}
