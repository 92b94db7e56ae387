/** A chart on the page, with its data and itself to take away. */
import { plot } from '@observablehq/plot';
import type { Chart } from '../charts/chart.js';
import { COLORS } from '../charts/palette.js';
import type { PageContext } from '../views/view.js';
import { csvButton, svgButton } from './download.js';
import { element } from './element.js';

/** A figure, and how to draw it again when the reader has chosen otherwise. */
interface Figure {
  readonly element: HTMLElement;
  update(): void;
}

/** How a figure stands on the page. */
interface FigureSettings {
  /** Of its files. */
  readonly name: string;
  readonly height: number;
  /** Whether groups are named in the figure. Default: a legend beside it does. */
  readonly named?: boolean;
}

/** Size of the files, in pixels. */
const SAVED = { width: 640, height: 400 };

/** Draws a chart as wide as there is room, again when the room, the theme or the reader's choices change. */
export function figure(make: () => Chart, page: PageContext, settings: FigureSettings): Figure {
  const { name, height, named = false } = settings;
  const stage = element('div', { class: 'stage', role: 'img' });
  const caption = element('span');
  const chart = { now: make() };
  const saved = () =>
    svgOf(plot(chart.now.draw({ ...SAVED, colors: COLORS.light, named: true })), chart.now.description);
  const buttons = [csvButton(name, () => chart.now.rows), svgButton(name, saved)];
  const draw = () => {
    const width = Math.floor(stage.clientWidth);
    // Before the figure stands on the page, it has no width.
    if (width === 0) return;
    stage.replaceChildren(plot(chart.now.draw({ width, height, colors: COLORS[page.theme], named })));
    stage.dataset.width = String(width);
  };
  const update = () => {
    chart.now = make();
    stage.setAttribute('aria-label', chart.now.description);
    caption.textContent = chart.now.description;
    draw();
  };
  page.onTheme(draw);
  new ResizeObserver(() => {
    if (stage.dataset.width !== String(Math.floor(stage.clientWidth))) draw();
  }).observe(stage);
  update();
  return {
    element: element('figure', {}, stage, element('figcaption', {}, caption, ' ', ...buttons)),
    update,
  };
}

/** The drawing without the HTML around it, as a file of its own. */
function svgOf(drawn: Element, description: string): SVGElement {
  const svg = (drawn instanceof SVGElement ? drawn : drawn.querySelector('svg:last-of-type')) as SVGElement;
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  svg.setAttribute('aria-label', description);
  return svg;
}
