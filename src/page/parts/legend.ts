/** The groups and their lines; each can be hidden. */
import { COLORS, groupStyles } from '../charts/palette.js';
import type { PageContext } from '../views/view.js';
import { element } from './element.js';

const SVG = 'http://www.w3.org/2000/svg';

/** Groups with boxes to tick; `onChange` gets those that are shown, in their order. */
export function legend(
  groups: readonly string[],
  page: PageContext,
  onChange: (shown: readonly string[]) => void,
): HTMLElement {
  const samples = groups.map(() => sample());
  const boxes = groups.map(() => element('input', { type: 'checkbox' }));
  const paint = () => {
    const styles = groupStyles(groups, COLORS[page.theme]);
    for (const [k, group] of groups.entries()) {
      const { color, dash } = styles.get(group)!;
      samples[k]!.firstElementChild!.setAttribute('stroke', color);
      samples[k]!.firstElementChild!.setAttribute('stroke-dasharray', dash);
    }
  };
  for (const box of boxes) {
    box.checked = true;
    box.addEventListener('change', () => onChange(groups.filter((_, k) => boxes[k]!.checked)));
  }
  page.onTheme(paint);
  paint();
  return element(
    'fieldset',
    { class: 'legend' },
    element('legend', {}, 'Shown'),
    ...groups.map((group, k) => element('label', {}, boxes[k]!, samples[k]!, group)),
  );
}

function sample(): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  const line = document.createElementNS(SVG, 'line');
  for (const [name, value] of Object.entries({ width: '28', height: '10', 'aria-hidden': 'true' }))
    svg.setAttribute(name, value);
  for (const [name, value] of Object.entries({ x1: '0', x2: '28', y1: '5', y2: '5', 'stroke-width': '2.5' }))
    line.setAttribute(name, value);
  svg.append(line);
  return svg;
}
