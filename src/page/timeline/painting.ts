/** Lanes of nodes: what each does, and below it when its uplink sends. */
import { activityColour, inkOf } from '../network/colours.js';
import type { MessageLog } from '../network/message-log.js';
import { countUpTo } from '../network/series.js';
import type { Activity, SpanLog } from '../network/span-log.js';
import type { Size } from '../network/surface.js';
import type { Theme } from '../views/view.js';

/** Pixels for the names of nodes, and for the axis. */
export const NAMES_WIDTH = 64;
export const AXIS_HEIGHT = 26;

/** What sending is drawn in. */
export function sendColour(theme: Theme): string {
  return theme === 'dark' ? '#e69f00' : '#c77800';
}

/** A timeline. */
export interface TimelineScene {
  readonly spans: SpanLog;
  readonly sends: ReadonlyMap<number, Float64Array>;
  readonly lanes: readonly number[];
  readonly laneHeight: number;
  /** The times that are shown. */
  readonly from: number;
  readonly to: number;
  readonly theme: Theme;
  readonly size: Size;
}

/**
 * When each node's uplink is busy: its messages' first and last bytes, where they overlap as one, [2 × intervals] as starts and
 * ends in turn.
 */
export function sendsOf(messages: MessageLog | undefined): ReadonlyMap<number, Float64Array> {
  const busy = new Map<number, number[]>();
  for (let message = 0; message < (messages?.length ?? 0); message++) {
    const { from, start, left } = messages!;
    const own = busy.get(from[message]!) ?? [];
    busy.set(from[message]!, own);
    // They are in the order of their starts.
    if (own.length > 0 && start[message]! <= own.at(-1)!)
      own[own.length - 1] = Math.max(own.at(-1)!, left[message]!);
    else own.push(start[message]!, left[message]!);
  }
  return new Map([...busy].map(([node, times]) => [node, Float64Array.from(times)]));
}

/** The pixel of a time. */
export function pixelOf(
  { from, to, size }: Pick<TimelineScene, 'from' | 'to' | 'size'>,
  time: number,
): number {
  return NAMES_WIDTH + ((time - from) / (to - from)) * (size.width - NAMES_WIDTH);
}

/** Paints all lanes. */
export function paintLanes(context: CanvasRenderingContext2D, scene: TimelineScene): void {
  const { lanes, laneHeight, size } = scene;
  context.save();
  context.beginPath();
  context.rect(NAMES_WIDTH, 0, size.width - NAMES_WIDTH, size.height);
  context.clip();
  for (const [lane, node] of lanes.entries()) {
    const top = AXIS_HEIGHT + lane * laneHeight;
    const gap = laneHeight > 5 ? 1 : 0;
    const sending = Math.max(1, Math.round((laneHeight - gap) * 0.35));
    const doing = Math.max(1, laneHeight - gap - sending);
    paintActivities(context, scene, { node, top, height: doing });
    paintSends(context, scene, { node, top: top + doing, height: sending });
  }
  context.restore();
}

interface Lane {
  readonly node: number;
  readonly top: number;
  readonly height: number;
}

/** Spans of a lane; of several that end within one pixel, the longest, but a node that is down always shows. */
function paintActivities(context: CanvasRenderingContext2D, scene: TimelineScene, lane: Lane): void {
  const { spans, from, to, theme } = scene;
  const { to: last } = spans.of(lane.node);
  const minor = { kind: 'wait' as Activity, length: 0, x: Number.NaN };
  const paint = (kind: Activity, x: number, width: number) => {
    context.fillStyle = activityColour(kind, theme);
    context.fillRect(x, lane.top, Math.max(1, width), lane.height);
  };
  for (let span = spans.firstAfter(lane.node, from); span < last; span++) {
    if (spans.start[span]! > to) break;
    const [x, end] = [pixelOf(scene, spans.start[span]!), pixelOf(scene, spans.end[span]!)];
    const kind = spans.kind(span);
    if (end - x >= 1) {
      paint(kind, x, end - x);
      roundTick(context, scene, lane, span);
      continue;
    }
    if (Math.floor(x) !== minor.x) Object.assign(minor, { x: Math.floor(x), length: 0, kind });
    if (kind === 'down' || (end - x >= minor.length && minor.kind !== 'down'))
      Object.assign(minor, { length: end - x, kind });
    paint(minor.kind, minor.x, 1);
  }
}

/** A line where a round of the node begins. */
function roundTick(context: CanvasRenderingContext2D, scene: TimelineScene, lane: Lane, span: number): void {
  const { spans, theme } = scene;
  const { from } = spans.of(lane.node);
  if (span === from || spans.round[span] === spans.round[span - 1] || lane.height < 4) return;
  context.fillStyle = inkOf(theme).ink;
  context.fillRect(Math.round(pixelOf(scene, spans.start[span]!)), lane.top, 1, lane.height);
}

function paintSends(context: CanvasRenderingContext2D, scene: TimelineScene, lane: Lane): void {
  const busy = scene.sends.get(lane.node);
  if (!busy) return;
  context.fillStyle = sendColour(scene.theme);
  const first = Math.max(0, countUpTo(busy, scene.from) - 1);
  for (let k = first - (first % 2); k < busy.length && busy[k]! <= scene.to; k += 2) {
    const x = pixelOf(scene, busy[k]!);
    context.fillRect(x, lane.top, Math.max(0.7, pixelOf(scene, busy[k + 1]!) - x), lane.height);
  }
}
