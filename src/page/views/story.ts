/** The story of a node: how it learned, which data it has, with whom it exchanged how much, and when it was down. */
import { formatBytes } from '../../units.js';
import type { PageData } from '../data.js';
import { clockOf } from '../network/clock.js';
import { timeText } from '../network/figures.js';
import { LinksAt } from '../network/links-at.js';
import { hasNetwork, type Network, networkOf, nodeName } from '../network/network.js';
import { csvButton } from '../parts/download.js';
import { element } from '../parts/element.js';
import { figure } from '../parts/figure.js';
import { table } from '../parts/table.js';
import { storyChart } from '../story/chart.js';
import { classesOf, doingsOf, neighboursOf } from '../story/facts.js';
import type { PageContext, View } from './view.js';

/** The story of the chosen node. */
export const story: View = {
  id: 'story',
  title: 'The story of a node',
  available: hasNetwork,
  mount(root, data, page) {
    const facts = element('div', { class: 'panels' });
    const weights = element('div');
    const hint = element('p', { class: 'note' });
    const number = element('input', { type: 'number', id: 'story-node', min: '0', step: '1' });
    number.addEventListener('change', () => {
      const { nodes } = networkOf(data, page.run);
      const node = number.value === '' ? Number.NaN : Number(number.value);
      page.selectNode(Number.isInteger(node) && node >= 0 && node < nodes ? node : undefined);
    });
    const chart = figure(() => chartOf(networkOf(data, page.run), page.node), page, {
      name: 'the story of a node',
      height: 260,
    });
    const show = () => {
      const network = networkOf(data, page.run);
      const { node } = page;
      number.max = String(network.nodes - 1);
      number.value = node === undefined ? '' : String(node);
      hint.textContent =
        node === undefined
          ? `Click a node in a figure, or give its number, 0 to ${network.nodes - 1}.`
          : sentence(network, node);
      chart.element.hidden = node === undefined || network.series.size === 0;
      facts.replaceChildren(...(node === undefined ? [] : panels(network, node)), weights);
      chart.update();
      showWeights(weights, data, page);
    };
    page.onSelectNode(show);
    page.onRun(show);
    clockOf(page).listen(() => showWeights(weights, data, page));
    root.append(
      element('p', {}, element('label', { for: 'story-node' }, 'Node '), number),
      hint,
      chart.element,
      facts,
    );
    show();
  },
};

function chartOf({ series, ...network }: Network, node: number | undefined) {
  const [first] = series.values();
  if (node === undefined || !first) return { description: '', rows: [], draw: () => ({}) };
  return storyChart(first, node, nodeName(network, node));
}

/** What it did with its time, and when it was down. */
function sentence(network: Network, node: number): string {
  const parts = [nodeName(network, node)];
  if (network.group && node < network.learners) parts.push(`group ${network.group[node]}`);
  const doings = doingsOf(network, node);
  if (!doings) return `${parts.join(', ')}. What it did is not on this page: that needs --spans.`;
  const all = [...doings.lasted.values()].reduce((sum, one) => sum + one, 0);
  const share = (name: 'compute' | 'wait' | 'down') =>
    `${((100 * (doings.lasted.get(name) ?? 0)) / all).toFixed(1)} %`;
  parts.push(`computed ${share('compute')} of the time, waited ${share('wait')}, was down ${share('down')}`);
  const times = doings.down
    .slice(0, DOWN_SHOWN)
    .map((one) => `${timeText(one.start_ns, network.run.end)} to ${timeText(one.end_ns, network.run.end)}`);
  const more = doings.down.length > DOWN_SHOWN ? `, and ${doings.down.length - DOWN_SHOWN} times more` : '';
  return `${parts.join(', ')}${times.length > 0 ? `: from ${times.join(', ')}${more}` : ''}.`;
}

/** Times that are listed in a sentence. */
const DOWN_SHOWN = 12;

/** Rows of a table of neighbours. */
const NEIGHBOURS_SHOWN = 50;

function panels(network: Network, node: number): HTMLElement[] {
  const made: HTMLElement[] = [];
  const classes = classesOf(network, node);
  if (classes.length > 0) {
    const rows = classes.map((row) => Object.values(row).map(String));
    const csv = csvButton(`data of node ${node}`, () => classes.map((row) => ({ node, ...row })));
    made.push(
      element('div', {}, table('Its rows, by class', ['class', 'train', 'validation', 'test'], rows), csv),
    );
  }
  const neighbours = neighboursOf(network, node);
  if (neighbours) {
    const shown = neighbours.slice(0, NEIGHBOURS_SHOWN);
    const rows = shown.map((one) => [String(one.node), formatBytes(one.sent), formatBytes(one.received)]);
    const part =
      shown.length < neighbours.length ? `, the first ${shown.length} of ${neighbours.length}` : '';
    const csv = csvButton(`neighbours of node ${node}`, () =>
      neighbours.map((one) => ({
        node,
        neighbour: one.node,
        sent_bytes: one.sent,
        received_bytes: one.received,
      })),
    );
    const caption = `What it exchanged in the whole run${part}`;
    made.push(element('div', {}, table(caption, ['with node', 'sent to it', 'received from it'], rows), csv));
  }
  return made;
}

const linksOf = new WeakMap<Network, LinksAt>();

/** With which weights it mixes at the time of the replay. */
function showWeights(root: HTMLElement, data: PageData, page: PageContext): void {
  const network = networkOf(data, page.run);
  const { node } = page;
  const { time } = clockOf(page);
  const links = linksOf.get(network) ?? new LinksAt(network.topology, network.nodes);
  linksOf.set(network, links);
  const key = `${page.run.index} ${node} ${links.seek(time).version}`;
  if (root.dataset.shown === key) return;
  root.dataset.shown = key;
  const own = [...links.live].filter(({ to, weight }) => to === node && !Number.isNaN(weight));
  root.hidden = own.length === 0;
  if (own.length === 0) return;
  const rest = 1 - own.reduce((sum, { weight }) => sum + weight, 0);
  const heaviest = own.sort((a, b) => b.weight - a.weight || a.from - b.from).slice(0, NEIGHBOURS_SHOWN);
  const rows = [
    ['itself', Math.max(0, rest).toFixed(4)],
    ...heaviest.map(({ from, weight }) => [String(from), weight.toFixed(4)]),
  ];
  const part = heaviest.length < own.length ? `, the ${heaviest.length} heaviest of ${own.length}` : '';
  root.replaceChildren(
    table(`Its mixing weights at the time of the replay${part}`, ['of node', 'weight'], rows),
    csvButton(`mixing weights of node ${node}`, () =>
      own.map(({ from, weight }) => ({ node: node!, from, weight, time_ns: time })),
    ),
  );
}
