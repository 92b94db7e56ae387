/** Colours that readers with any colour vision tell apart. */
import type { Theme } from '../charts/palette.js';
import type { Activity } from './span-log.js';

type Rgb = readonly [red: number, green: number, blue: number];

/** Viridis (S. van der Walt and N. Smith, matplotlib, CC0) at nine equal distances. */
const VIRIDIS: readonly Rgb[] = [
  [68, 1, 84],
  [71, 44, 122],
  [59, 81, 139],
  [44, 113, 142],
  [33, 144, 141],
  [39, 173, 129],
  [92, 200, 99],
  [170, 220, 50],
  [253, 231, 37],
];

/** The colour of a share of a scale, 0 ≤ share ≤ 1: what is high is far from the colour of the page. */
export function sequential(share: number, theme: Theme): Rgb {
  const bright = theme === 'dark' ? share : 1 - share;
  const place = Math.max(0, Math.min(1, bright)) * (VIRIDIS.length - 1);
  const below = Math.min(VIRIDIS.length - 2, Math.floor(place));
  const [low, high] = [VIRIDIS[below]!, VIRIDIS[below + 1]!];
  const mixed = (k: 0 | 1 | 2) => Math.round(low[k] + (high[k] - low[k]) * (place - below));
  return [mixed(0), mixed(1), mixed(2)];
}

/** As CSS has it. */
export function css([red, green, blue]: Rgb): string {
  return `rgb(${red}, ${green}, ${blue})`;
}

/** The scale from left to right, as a background. */
export function gradient(theme: Theme): string {
  const colours = VIRIDIS.map(css);
  return `linear-gradient(to right, ${(theme === 'dark' ? colours : colours.reverse()).join(', ')})`;
}

/** M. Okabe and K. Ito, Color Universal Design, without black, which dark pages do not show. */
const CATEGORIES = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#f0e442', '#8c8c8c'];

/** The colour of a category. */
export function categorical(category: number): string {
  return CATEGORIES[category % CATEGORIES.length]!;
}

/** What nodes do. */
export function activityColour(activity: Activity, theme: Theme): string {
  const isDark = theme === 'dark';
  switch (activity) {
    case 'compute':
      return isDark ? '#56b4e9' : '#0072b2';
    case 'wait':
      return isDark ? '#474d53' : '#c9cdd1';
    case 'down':
      return '#d55e00';
    case 'unknown':
      return isDark ? '#2f3438' : '#ececec';
  }
}

/** What a type of message is drawn in. */
export function messageColour(type: number): string {
  return MESSAGES[type % MESSAGES.length]!;
}

const MESSAGES = ['#e69f00', '#cc79a7', '#56b4e9', '#009e73', '#d55e00', '#f0e442', '#0072b2'];

/** Colours of a canvas, which has no style sheet. */
export function inkOf(theme: Theme) {
  return theme === 'dark'
    ? { paper: '#16181a', ink: '#ececea', faint: '#a8a8a4', line: '#5a6066', missing: '#3f4448' }
    : { paper: '#ffffff', ink: '#1a1a1a', faint: '#595959', line: '#9aa0a6', missing: '#d0d0cc' };
}
