/** Zooming and moving the network, and finding the node below the pointer. */
import { type Quadtree, quadtree } from 'd3-quadtree';
import { select } from 'd3-selection';
import { type D3ZoomEvent, type ZoomTransform, zoom, zoomIdentity } from 'd3-zoom';
import type { Network } from '../network/network.js';
import { placeOf, type Surface } from '../network/surface.js';
import { placesOf } from './places.js';

/** What the reader does with the pointer. */
interface Gestures {
  /** It points to a node, or to none. */
  point(node: number | undefined, event: MouseEvent): void;
  choose(node: number | undefined): void;
}

/** Pixels around a node that count as the node. */
const NEAR = 6;

/** The zoom of a canvas with a network. */
export class Pointer {
  transform: ZoomTransform = zoomIdentity;
  /** Whether the reader is zooming or moving it. */
  isMoving = false;
  readonly #tree: Quadtree<number>;
  readonly #zoom = zoom<HTMLCanvasElement, unknown>();
  readonly #network: Network;
  readonly #surface: Surface;

  constructor(network: Network, surface: Surface, gestures: Gestures) {
    this.#network = network;
    this.#surface = surface;
    this.#tree = quadtree<number>()
      .x((node) => network.x[node]!)
      .y((node) => network.y[node]!)
      .addAll(Array.from({ length: network.nodes }, (_, node) => node));
    this.#zoom
      .scaleExtent([0.5, 60])
      // A wheel over the canvas scrolls the page, until the reader has chosen the canvas.
      .filter((event: MouseEvent) => event.type !== 'wheel' || event.ctrlKey || this.#isFocused)
      .on('start', () => {
        this.isMoving = true;
      })
      .on('end', () => {
        this.isMoving = false;
        surface.redraw();
      })
      .on('zoom', ({ transform }: D3ZoomEvent<HTMLCanvasElement, unknown>) => {
        this.transform = transform;
        surface.redraw();
      });
    select(surface.canvas).call(this.#zoom);
    surface.canvas.addEventListener('pointermove', (event) => gestures.point(this.#nodeAt(event), event));
    surface.canvas.addEventListener('pointerleave', (event) => gestures.point(undefined, event));
    surface.canvas.addEventListener('click', (event) => gestures.choose(this.#nodeAt(event)));
  }

  /** Zooms by a factor; 0 shows the whole network. */
  zoomBy(factor: number): void {
    const canvas = select(this.#surface.canvas);
    if (factor === 0) canvas.call(this.#zoom.transform, zoomIdentity);
    else canvas.call(this.#zoom.scaleBy, factor);
  }

  get #isFocused(): boolean {
    return document.activeElement === this.#surface.canvas;
  }

  #nodeAt(event: MouseEvent): number | undefined {
    const places = placesOf(this.#network, this.#surface.size, this.transform);
    const [x, y] = placeOf(event);
    // The square [−1, 1]² of the layout, in pixels.
    const { width, height } = this.#surface.size;
    const unit = placesOf({ ...this.#network, x: UNIT, y: UNIT }, { width, height }, this.transform);
    const half = unit.x(1) - unit.x(0);
    const [worldX, worldY] = [(x - unit.x(0)) / half, (y - unit.y(0)) / half];
    return this.#tree.find(worldX, worldY, (places.radius + NEAR) / half);
  }
}

/** The middle of the layout, and its right lower corner. */
const UNIT = Float64Array.of(0, 1);
