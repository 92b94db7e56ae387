/** Bytes from each sender to each receiver. */
import { formatBytes } from '../../units.js';
import type { PageData, PageRun } from '../data.js';
import { Matrix } from '../matrix/matrix.js';
import { blockOf, type Order, orderOf } from '../matrix/order.js';
import { beside } from '../network/beside.js';
import { hasNetwork, integers, type Network, networkOf, numbers } from '../network/network.js';
import { type Scene, staged } from '../network/staged.js';
import { choice } from '../parts/choice.js';
import { element } from '../parts/element.js';
import { scale } from '../replay/legend.js';
import type { PageContext, View } from './view.js';

/** The heat map of the chosen run. */
export const heatMap: View = {
  id: 'heat-map',
  title: 'Bytes per link',
  available: (data) => hasNetwork(data) && data.runs.some((run) => networkOf(data, run).links.length > 0),
  mount(root, data, page) {
    staged(root, page, (run) => new HeatMap(data, run, page));
  },
};

/** Rows and columns up to which each node has its own. */
const NODES_MAX = 1000;
const BLOCKS = 500;

class HeatMap implements Scene {
  readonly elements: readonly HTMLElement[];
  readonly #network: Network;
  readonly #page: PageContext;
  readonly #matrix: Matrix;
  /** Nodes in a row or column. */
  readonly #block: number;
  readonly #scale = element('p', { class: 'legend' });
  #order: Order;
  #bytes = new Float64Array();
  #size = 0;
  #most = 0;

  constructor(data: PageData, run: PageRun, page: PageContext) {
    const network = networkOf(data, run);
    [this.#network, this.#page] = [network, page];
    const ready = integers(network.links, 'block')[0] ?? 1;
    this.#block = ready > 1 ? ready : network.nodes > NODES_MAX ? blockOf(network.nodes, BLOCKS) : 1;
    this.#order = orderOf(network, 'node');
    this.#sum();
    this.#matrix = new Matrix({
      ...{ id: 'heat-map-canvas', label: 'Bytes from each sender to each receiver' },
      ...{ rowTitle: 'sender', columnTitle: 'receiver' },
      cells: () => this.#cells(),
      theme: () => page.theme,
      describe: (row, column) => this.#describe(row, column),
      choose: (row) => page.selectNode(this.#order.nodes[row * this.#block]),
    });
    const table = beside({ name: 'bytes per link', rows: () => linkRows(network) });
    this.elements = [
      ...this.#notes().map((note) => element('p', { class: 'note' }, note)),
      ...(network.group && ready === 1 ? [this.#sorting()] : []),
      this.#matrix.root,
      this.#scale,
      table.root,
    ];
    this.#say();
  }

  changed(what: 'time' | 'node' | 'theme'): void {
    if (what === 'time') return;
    this.#matrix.redraw();
    this.#say();
  }

  #say(): void {
    const keys = scale('nothing', formatBytes(this.#most), this.#page.theme);
    this.#scale.replaceChildren(keys, 'The scale is that of square roots.');
  }

  #sorting(): HTMLElement {
    return choice({ id: 'heat-map-order', label: 'Sorted by', options: ['node', 'group'] }, (by) => {
      this.#order = orderOf(this.#network, by as 'node' | 'group');
      this.#sum();
      this.changed('node');
    });
  }

  /** Bytes between rows and columns. */
  #sum(): void {
    const { links, nodes } = this.#network;
    this.#size = Math.ceil(nodes / this.#block);
    this.#bytes = new Float64Array(this.#size * this.#size);
    const [from, to, sent] = [integers(links, 'from'), integers(links, 'to'), numbers(links, 'sent_bytes')];
    const { places } = this.#order;
    for (let row = 0; row < links.length; row++) {
      const sender = Math.floor(places[from[row]!]! / this.#block);
      const receiver = Math.floor(places[to[row]!]! / this.#block);
      this.#bytes[sender * this.#size + receiver]! += sent[row]!;
    }
    this.#most = this.#bytes.reduce((most, one) => Math.max(most, one), 0);
  }

  #cells() {
    const shares = this.#bytes.map((bytes) => (bytes > 0 ? Math.sqrt(bytes / this.#most) : Number.NaN));
    const { node } = this.#page;
    const marked = node === undefined ? [] : [Math.floor(this.#order.places[node]! / this.#block)];
    const name = (place: number) => String(this.#order.nodes[place * this.#block]);
    return {
      ...{ rows: this.#size, columns: this.#size, shares, rowName: name, columnName: name },
      marked: { rows: marked, columns: marked },
    };
  }

  #describe(row: number, column: number): string {
    const name = (place: number) => {
      const own = this.#order.nodes.slice(place * this.#block, (place + 1) * this.#block);
      return own.length === 1 ? `node ${own[0]}` : `${own.length} nodes from ${own[0]} on`;
    };
    return `${name(row)} to ${name(column)}: ${formatBytes(this.#bytes[row * this.#size + column]!)}`;
  }

  #notes(): string[] {
    const colour = 'Empty cells sent nothing. A click chooses the sender.';
    if (this.#block === 1) return [colour];
    return [
      `With ${this.#network.nodes.toLocaleString('en')} nodes, each cell is the sum over ${this.#block} senders and ${this.#block} receivers. ${colour}`,
    ];
  }
}

/** Links by their bytes, descending. */
function linkRows({ links }: Network) {
  const columns = [integers(links, 'from'), integers(links, 'to'), integers(links, 'block')] as const;
  const [from, to, block] = columns;
  const [messages, sent, delivered] = [
    numbers(links, 'messages'),
    numbers(links, 'sent_bytes'),
    numbers(links, 'delivered_bytes'),
  ];
  return Array.from({ length: links.length }, (_, row) => row)
    .sort((a, b) => sent[b]! - sent[a]!)
    .map((row) => ({
      ...{ from: from[row]!, to: to[row]! },
      ...(block[row]! > 1 && { nodes_each: block[row]! }),
      ...{ messages: messages[row]!, sent_bytes: sent[row]!, delivered_bytes: delivered[row]! },
    }));
}
