/** The table beside the curves of nodes. */
import type { NodeSeries } from '../charts/node-series.js';
import type { PageContext } from '../views/view.js';
import { element } from './element.js';
import { table } from './table.js';
import { valueText } from './value.js';

/** The nodes from the worst to the best at the end; each can be chosen. */
export function nodeTable({ metric, nodes, values, ranking }: NodeSeries, page: PageContext) {
  const buttons = new Map<number, HTMLButtonElement>();
  const rows = ranking.map((place) => {
    const node = nodes[place]!;
    const button = element('button', { type: 'button', class: 'node' }, `node ${node}`);
    button.addEventListener('click', () => page.selectNode(page.node === node ? undefined : node));
    buttons.set(node, button);
    const series = values[place]!;
    return [button, text(metric, series[0]), text(metric, series.at(-1))];
  });
  const mark = () => {
    for (const [node, button] of buttons) button.setAttribute('aria-pressed', String(node === page.node));
  };
  mark();
  return { element: table(`${metric}, worst nodes first`, ['', 'first', 'last'], rows), mark };
}

function text(metric: string, value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : valueText(metric, value);
}
