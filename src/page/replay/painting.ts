/** Nodes by what is known of them at a time, and the messages on their way. */

import { activityColour, categorical, css, inkOf, sequential } from '../network/colours.js';
import type { Network } from '../network/network.js';
import { valueAt } from '../network/series.js';
import type { Theme } from '../views/view.js';
import { putDot } from './dots.js';
import type { Places } from './places.js';

/** What the colours of nodes say: a metric by its name, their group or what they do. */
export type Colouring =
  | { readonly by: 'metric'; readonly metric: string }
  | { readonly by: 'group' }
  | { readonly by: 'state' };

/** What is painted. */
export interface Moment {
  readonly network: Network;
  readonly places: Places;
  readonly time: number;
  readonly colouring: Colouring;
  readonly theme: Theme;
  readonly selected: number | undefined;
}

/** Messages that are drawn at a time; of more, every k-th. */
const MESSAGES_MAX = 4_000;
/** How far messages keep to the right of their link, so that those to and fro do not meet. */
const ASIDE = 3.5;

/** Paints the links of the selected node, messages and nodes. */
export function paintMoment(context: CanvasRenderingContext2D, moment: Moment): void {
  paintMessages(context, moment);
  paintNodes(context, moment);
}

function paintNodes(context: CanvasRenderingContext2D, moment: Moment): void {
  const { network, places, time, theme, selected } = moment;
  const { radius } = places;
  const ink = inkOf(theme);
  context.lineWidth = 1;
  for (let node = 0; node < network.nodes; node++) {
    const [x, y] = [places.x(node), places.y(node)];
    const isDown = network.spans?.at(node, time) === 'down';
    context.fillStyle = isDown ? activityColour('down', theme) : colourOf(moment, node);
    context.strokeStyle = ink.paper;
    context.beginPath();
    if (node < network.learners) context.arc(x, y, radius, 0, 2 * Math.PI);
    else context.rect(x - radius, y - radius, 2 * radius, 2 * radius);
    context.fill();
    context.stroke();
    if (isDown) cross(context, { x, y, radius, colour: ink.paper });
  }
  if (selected === undefined || selected >= network.nodes) return;
  context.strokeStyle = ink.ink;
  context.lineWidth = 2.5;
  context.beginPath();
  context.arc(places.x(selected), places.y(selected), radius + 3.5, 0, 2 * Math.PI);
  context.stroke();
}

/** The colour of a node that is up. */
function colourOf({ network, colouring, time, theme }: Moment, node: number): string {
  const { missing, faint } = inkOf(theme);
  // A server has no accuracy and no data of its own.
  if (node >= network.learners && colouring.by !== 'state') return faint;
  if (colouring.by === 'state')
    return network.spans ? activityColour(network.spans.at(node, time), theme) : missing;
  if (colouring.by === 'group') return network.group ? categorical(network.group[node]!) : missing;
  const series = network.series.get(colouring.metric);
  const value = series ? valueAt(series, node, time) : Number.NaN;
  if (!series || !Number.isFinite(value)) return missing;
  const share = series.high > series.low ? (value - series.low) / (series.high - series.low) : 1;
  return css(sequential(share, theme));
}

function cross(
  context: CanvasRenderingContext2D,
  { x, y, radius, colour }: { x: number; y: number; radius: number; colour: string },
): void {
  const arm = radius * 0.5;
  context.strokeStyle = colour;
  context.lineWidth = Math.max(1.2, radius / 4);
  context.beginPath();
  context.moveTo(x - arm, y - arm);
  context.lineTo(x + arm, y + arm);
  context.moveTo(x - arm, y + arm);
  context.lineTo(x + arm, y - arm);
  context.stroke();
  context.lineWidth = 1;
}

/** What is said of the messages at a time. */
interface UnderWay {
  readonly count: number;
  readonly step: number;
}

/** How many messages are on their way, and of how many one is drawn. */
export function underWay({ messages }: Network, time: number): UnderWay {
  let count = 0;
  messages?.eachAt(time, () => {
    count++;
  });
  return { count, step: Math.max(1, Math.ceil(count / MESSAGES_MAX)) };
}

function paintMessages(context: CanvasRenderingContext2D, { network, places, time, theme }: Moment): void {
  const { messages } = network;
  if (!messages) return;
  const { step } = underWay(network, time);
  messages.eachAt(time, (message) => {
    if (message % step !== 0) return;
    const [from, to] = [messages.from[message]!, messages.to[message]!];
    const [x, y] = [places.x(from), places.y(from)];
    const [dx, dy] = [places.x(to) - x, places.y(to) - y];
    const length = Math.hypot(dx, dy) || 1;
    const progress = messages.progress(message, time);
    const isLost = LOST.has(messages.outcome.dictionary[messages.outcome.codes[message]!]!);
    const place = {
      x: x + dx * progress - (dy / length) * ASIDE,
      y: y + dy * progress + (dx / length) * ASIDE,
    };
    putDot(context, place, { type: messages.type.codes[message]!, isLost, theme });
  });
}

/** Outcomes of messages that do not arrive. */
const LOST: ReadonlySet<string> = new Set(['dropped', 'cut']);
