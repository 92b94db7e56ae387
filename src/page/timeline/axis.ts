/** The axis of a timeline: times above, names of nodes to the left. */
import { inkOf } from '../network/colours.js';
import { timeText } from '../network/figures.js';
import { AXIS_HEIGHT, NAMES_WIDTH, pixelOf, type TimelineScene } from './painting.js';

interface AxisScene extends TimelineScene {
  readonly selected: number | undefined;
  /** The time of the replay. */
  readonly now: number;
}

/** Ticks per pixel. */
const TICK = 110;

/** Paints the axis, the names of lanes as far as there is room, the selected node and the time of the replay. */
export function paintAxis(context: CanvasRenderingContext2D, scene: AxisScene): void {
  const { size, theme, from, to, now } = scene;
  const ink = inkOf(theme);
  context.font = '12px system-ui, sans-serif';
  context.textBaseline = 'middle';
  context.fillStyle = ink.faint;
  context.textAlign = 'center';
  for (const time of ticks(from, to, (size.width - NAMES_WIDTH) / TICK)) {
    const x = pixelOf(scene, time);
    context.fillText(timeText(time, to), Math.min(x, size.width - 24), AXIS_HEIGHT / 2 - 2);
    context.fillRect(Math.round(x), AXIS_HEIGHT - 6, 1, 5);
  }
  paintNames(context, scene);
  if (now < from || now > to) return;
  context.fillStyle = ink.ink;
  context.fillRect(Math.round(pixelOf(scene, now)) - 1, AXIS_HEIGHT - 8, 2, size.height);
}

function paintNames(context: CanvasRenderingContext2D, scene: AxisScene): void {
  const { lanes, laneHeight, selected, theme } = scene;
  const ink = inkOf(theme);
  const step = Math.ceil(12 / laneHeight);
  context.textAlign = 'right';
  for (const [lane, node] of lanes.entries()) {
    const middle = AXIS_HEIGHT + (lane + 0.5) * laneHeight;
    const isSelected = node === selected;
    context.fillStyle = isSelected ? ink.ink : ink.faint;
    context.font = `${isSelected ? 'bold ' : ''}12px system-ui, sans-serif`;
    if (lane % step === 0 || isSelected) context.fillText(String(node), NAMES_WIDTH - 8, middle);
    if (isSelected) context.fillRect(NAMES_WIDTH - 4, middle - laneHeight / 2, 3, laneHeight);
  }
}

/** Round times between two times, about `count` of them. */
function ticks(from: number, to: number, count: number): number[] {
  const rough = (to - from) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(Math.max(1, rough)));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.max(0, Math.floor(to / step) - first + 1) }, (_, k) => (first + k) * step);
}
