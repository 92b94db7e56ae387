/** The links of a network, drawn once and kept until the topology, the zoom or the theme change. */
import { type ZoomTransform, zoomIdentity } from 'd3-zoom';
import { inkOf } from '../network/colours.js';
import type { LinksAt, LiveLink } from '../network/links-at.js';
import type { Size } from '../network/surface.js';
import type { Theme } from '../views/view.js';
import type { Places } from './places.js';

/** Widths of links, by their mixing weights, in so many steps. */
const STEPS = 4;
const WIDEST = 3.6;
/** Links from which on they are thin. */
const MANY = 400;
/** Links up to which the direction of one-way links is drawn. */
const ARROWS_MAX = 2_000;
/** Links that are drawn; of more, every k-th. */
const LINKS_MAX = 40_000;

/** What decides the picture of the links. */
interface EdgeScene {
  readonly links: LinksAt;
  readonly places: Places;
  readonly zoom: ZoomTransform;
  readonly size: Size;
  readonly theme: Theme;
  /** Whether the reader is zooming or moving: then the links are not drawn anew, but scaled. */
  readonly isMoving: boolean;
}

/** A canvas that is not on the page, with the links. */
export class EdgeLayer {
  readonly #canvas = document.createElement('canvas');
  #key = '';
  #zoom = zoomIdentity;

  /** Copies the links to a canvas, after drawing them if anything has changed. */
  paint(context: CanvasRenderingContext2D, scene: EdgeScene): void {
    const { links, zoom, size, theme, isMoving } = scene;
    const ratio = devicePixelRatio;
    const key = [links.version, size.width, size.height, theme, ratio].join();
    if (key !== this.#key || (!isMoving && String(zoom) !== String(this.#zoom))) {
      [this.#key, this.#zoom] = [key, zoom];
      this.#canvas.width = Math.round(size.width * ratio);
      this.#canvas.height = Math.round(size.height * ratio);
      const own = this.#canvas.getContext('2d')!;
      own.setTransform(ratio, 0, 0, ratio, 0, 0);
      draw(own, scene);
    }
    const scale = zoom.k / this.#zoom.k;
    const [x, y] = [zoom.x - this.#zoom.x * scale, zoom.y - this.#zoom.y * scale];
    context.drawImage(this.#canvas, x, y, size.width * scale, size.height * scale);
  }
}

function draw(context: CanvasRenderingContext2D, { links, places, theme }: EdgeScene): void {
  const shown = shownLinks(links);
  const stated = shown.map(({ weight }) => weight).filter((weight) => !Number.isNaN(weight));
  const heaviest = stated.reduce((most, weight) => Math.max(most, weight), 0);
  const lightest = stated.reduce((least, weight) => Math.min(least, weight), heaviest);
  context.strokeStyle = inkOf(theme).line;
  context.fillStyle = inkOf(theme).line;
  context.globalAlpha = Math.max(0.15, Math.min(0.8, 40 / Math.sqrt(shown.length + 1)));
  const thinnest = shown.length > MANY ? 0.8 : 1.4;
  const paths = Array.from({ length: STEPS }, () => new Path2D());
  for (const link of shown) {
    const isUneven = heaviest > lightest * 1.01 && !Number.isNaN(link.weight);
    const step = isUneven ? Math.min(STEPS - 1, Math.floor((link.weight / heaviest) * STEPS)) : 0;
    const path = paths[step]!;
    path.moveTo(places.x(link.from), places.y(link.from));
    path.lineTo(places.x(link.to), places.y(link.to));
    if (shown.length <= ARROWS_MAX && !links.link(link.to, link.from)) arrow(context, link, places);
  }
  for (const [step, path] of paths.entries()) {
    context.lineWidth = thinnest + (step / (STEPS - 1)) * (WIDEST - thinnest);
    context.stroke(path);
  }
}

/** The links to draw: of two that lead to and fro, the heavier one. */
function shownLinks(links: LinksAt): LiveLink[] {
  const single = [...links.live].filter(({ from, to, weight }) => {
    const back = links.link(to, from);
    if (from === to) return false;
    return back === undefined || weight > back.weight || (!(weight < back.weight) && from < to);
  });
  const step = Math.ceil(single.length / LINKS_MAX);
  return step > 1 ? single.filter((_link, k) => k % step === 0) : single;
}

/** How many links are not drawn, so that there are not too many. */
export function undrawn(links: LinksAt): number {
  return links.count > 2 * LINKS_MAX ? links.count - LINKS_MAX : 0;
}

function arrow(context: CanvasRenderingContext2D, { from, to }: LiveLink, places: Places): void {
  const [x, y] = [places.x(to), places.y(to)];
  const angle = Math.atan2(y - places.y(from), x - places.x(from));
  const tip = places.radius + 1;
  const [length, half] = [6, 2.6];
  const at = (back: number, side: number): [number, number] => [
    x - back * Math.cos(angle) - side * Math.sin(angle),
    y - back * Math.sin(angle) + side * Math.cos(angle),
  ];
  context.beginPath();
  context.moveTo(...at(tip, 0));
  context.lineTo(...at(tip + length, half));
  context.lineTo(...at(tip + length, -half));
  context.fill();
}
