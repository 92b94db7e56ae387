/** Where nodes are on the canvas, after the reader has zoomed and moved it. */
import type { ZoomTransform } from 'd3-zoom';
import type { Network } from '../network/network.js';
import type { Size } from '../network/surface.js';

/** Free pixels around the network. */
const MARGIN = 24;

/** Places of nodes in CSS pixels. */
export interface Places {
  x(node: number): number;
  y(node: number): number;
  /** Radius of a node. */
  readonly radius: number;
}

/** The places of the nodes of a network on a canvas of this size. */
export function placesOf({ x, y, nodes }: Network, { width, height }: Size, zoom: ZoomTransform): Places {
  const half = Math.min(width, height) / 2 - MARGIN;
  const smallest = Math.max(2.5, Math.min(11, half / (2 * Math.sqrt(nodes))));
  return {
    x: (node) => zoom.applyX(width / 2 + x[node]! * half),
    y: (node) => zoom.applyY(height / 2 + y[node]! * half),
    // Nodes grow more slowly than the distances between them, or zooming would not part them.
    radius: smallest * Math.sqrt(Math.max(1, zoom.k)),
  };
}
