/** Small pictures of messages, drawn once: thousands of them are copied faster than drawn. */
import type { Theme } from '../charts/palette.js';
import { inkOf, messageColour } from '../network/colours.js';

const RADIUS = 3;
/** Pixels of a picture to each side of its middle. */
const HALF = 5;

const dots = new Map<string, HTMLCanvasElement>();

/** Puts a message at a place; one that does not arrive is a ring. */
export function putDot(
  context: CanvasRenderingContext2D,
  { x, y }: { readonly x: number; readonly y: number },
  { type, isLost, theme }: { readonly type: number; readonly isLost: boolean; readonly theme: Theme },
): void {
  const ratio = devicePixelRatio;
  const key = `${type} ${isLost} ${theme} ${ratio}`;
  let dot = dots.get(key);
  if (dot === undefined) {
    dot = draw(type, isLost, theme);
    dots.set(key, dot);
  }
  context.drawImage(dot, x - HALF, y - HALF, 2 * HALF, 2 * HALF);
}

function draw(type: number, isLost: boolean, theme: Theme): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = Math.ceil(2 * HALF * devicePixelRatio);
  const context = canvas.getContext('2d')!;
  context.scale(devicePixelRatio, devicePixelRatio);
  const [colour, { paper }] = [messageColour(type), inkOf(theme)];
  context.beginPath();
  context.arc(HALF, HALF, RADIUS, 0, 2 * Math.PI);
  context.fillStyle = isLost ? paper : colour;
  context.strokeStyle = isLost ? colour : paper;
  context.lineWidth = isLost ? 2 : 0.8;
  context.fill();
  context.stroke();
  return canvas;
}
