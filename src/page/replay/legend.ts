/** What the colours mean. */

import { activityColour, categorical, gradient, messageColour } from '../network/colours.js';
import { figure } from '../network/figures.js';
import type { Network } from '../network/network.js';
import { ACTIVITIES, type Activity } from '../network/span-log.js';
import { element } from '../parts/element.js';
import type { Theme } from '../views/view.js';
import type { Colouring } from './painting.js';

const NAMES: Readonly<Record<Activity, string>> = {
  compute: 'computes',
  wait: 'waits',
  down: 'is down',
  unknown: 'not known',
};

/** A colour and what it stands for. */
export function key(colour: string, text: string): HTMLElement {
  return element(
    'span',
    { class: 'key' },
    element('span', { class: 'swatch', style: `background: ${colour}` }),
    text,
  );
}

/** The scale of a metric, with its ends. */
export function scale(low: string, high: string, theme: Theme): HTMLElement {
  const bar = element('span', { class: 'scale', style: `background: ${gradient(theme)}` });
  return element('span', { class: 'key' }, `${low} `, bar, ` ${high}`);
}

/** The keys of the replay. */
export function legend(network: Network, colouring: Colouring, theme: Theme): HTMLElement[] {
  const { dictionary } = network.messages?.type ?? { dictionary: [] };
  return [
    ...nodeKeys(network, colouring, theme),
    ...dictionary.map((type, code) => key(messageColour(code), `message: ${type}`)),
  ];
}

function nodeKeys(network: Network, colouring: Colouring, theme: Theme): HTMLElement[] {
  if (colouring.by === 'state')
    return ACTIVITIES.map((activity) => key(activityColour(activity, theme), NAMES[activity]));
  const down = network.spans ? [key(activityColour('down', theme), NAMES.down)] : [];
  if (colouring.by === 'group')
    return [...Array.from({ length: network.groups }, (_, k) => key(categorical(k), `group ${k}`)), ...down];
  const series = network.series.get(colouring.metric)!;
  return [scale(figure(series.metric, series.low), figure(series.metric, series.high), theme), ...down];
}
