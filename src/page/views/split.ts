/** Who has what: the classes of the rows that nodes train on. */
import type { ColumnTable } from '../data.js';
import { Matrix } from '../matrix/matrix.js';
import { blockOf, type Order, orderOf } from '../matrix/order.js';
import { beside } from '../network/beside.js';
import { hasNetwork, integers, type Network, networkOf } from '../network/network.js';
import { type Scene, staged } from '../network/staged.js';
import { choice } from '../parts/choice.js';
import { element } from '../parts/element.js';
import { scale } from '../replay/legend.js';
import type { PageContext, View } from './view.js';

/** The split of the chosen run. */
export const split: View = {
  id: 'split',
  title: 'Who has which data',
  available: (data) => hasNetwork(data) && data.runs.some((run) => networkOf(data, run).split),
  mount(root, data, page) {
    staged(root, page, (run) => {
      const network = networkOf(data, run);
      return network.split ? new SplitMatrix(network, network.split, page) : WITHOUT_SPLIT;
    });
  },
};

const WITHOUT_SPLIT: Scene = {
  elements: [
    'The data of this run could not be loaded when the page was written, so it is not known who has what.',
  ],
  changed: () => {},
};

/** Columns that can be told from each other. */
const COLUMNS_MAX = 1000;

class SplitMatrix implements Scene {
  readonly elements: readonly HTMLElement[];
  readonly #network: Network;
  readonly #page: PageContext;
  readonly #matrix: Matrix;
  readonly #classes: number;
  /** Rows to train and to validate on, [classes × learners]. */
  readonly #counts: Float64Array;
  readonly #most: number;
  readonly #block: number;
  readonly #scale = element('p', { class: 'legend' });
  #order: Order;

  constructor(network: Network, table: ColumnTable, page: PageContext) {
    [this.#network, this.#page] = [network, page];
    const learners = { ...network, nodes: network.learners };
    this.#order = orderOf(learners, 'node');
    this.#block = blockOf(network.learners, COLUMNS_MAX);
    const [node, label] = [integers(table, 'node'), integers(table, 'class')];
    this.#classes = label.reduce((most, one) => Math.max(most, one + 1), 1);
    this.#counts = new Float64Array(this.#classes * network.learners);
    const [train, validation] = [integers(table, 'train'), integers(table, 'validation')];
    for (let row = 0; row < table.length; row++)
      this.#counts[label[row]! * network.learners + node[row]!] = train[row]! + validation[row]!;
    this.#most = this.#counts.reduce((most, one) => Math.max(most, one), 0);
    this.#matrix = new Matrix({
      ...{ id: 'split-canvas', label: 'Training rows of each class on each node' },
      ...{ rowTitle: 'class', columnTitle: 'node', oblong: true },
      cells: () => this.#cells(),
      theme: () => page.theme,
      describe: (row, column) => this.#describe(row, column),
      choose: (_row, column) => page.selectNode(this.#order.nodes[column * this.#block]),
    });
    const sorting = choice({ id: 'split-order', label: 'Sorted by', options: ['node', 'group'] }, (by) => {
      this.#order = orderOf(learners, by as 'node' | 'group');
      this.#matrix.redraw();
    });
    this.elements = [
      element('p', { class: 'note' }, this.#note()),
      ...(network.group ? [sorting] : []),
      this.#matrix.root,
      this.#scale,
      beside({ name: 'the split', rows: () => splitRows(table) }).root,
    ];
    this.#say();
  }

  changed(what: 'time' | 'node' | 'theme'): void {
    if (what === 'time') return;
    this.#matrix.redraw();
    this.#say();
  }

  #say(): void {
    const most = `${this.#most.toLocaleString('en')} rows`;
    this.#scale.replaceChildren(scale('no rows', most, this.#page.theme));
  }

  #nodeAt(column: number): number {
    return this.#order.nodes[column * this.#block]!;
  }

  #cells() {
    const columns = Math.ceil(this.#network.learners / this.#block);
    const shares = Float64Array.from({ length: this.#classes * columns }, (_, cell) => {
      const count = this.#countOf(Math.floor(cell / columns), cell % columns);
      return count > 0 ? count / this.#most : Number.NaN;
    });
    const { node } = this.#page;
    const isLearner = node !== undefined && node < this.#network.learners;
    const marked = isLearner ? [Math.floor(this.#order.places[node]! / this.#block)] : [];
    return {
      ...{ rows: this.#classes, columns, shares, rowName: String, marked: { rows: [], columns: marked } },
      columnName: (column: number) => String(this.#nodeAt(column)),
    };
  }

  #countOf(label: number, column: number): number {
    return this.#counts[label * this.#network.learners + this.#nodeAt(column)]!;
  }

  #describe(row: number, column: number): string {
    return `node ${this.#nodeAt(column)}, class ${row}: ${this.#countOf(row, column).toLocaleString('en')} rows`;
  }

  #note(): string {
    const rows = 'Rows that nodes train and validate on, by the class with which they are stored.';
    if (this.#block === 1) return `${rows} A click chooses the node.`;
    return `${rows} One of ${this.#block} nodes is shown.`;
  }
}

function splitRows(table: ColumnTable) {
  const names = ['node', 'class', 'train', 'validation', 'test'] as const;
  return Array.from({ length: table.length }, (_, row) =>
    Object.fromEntries(names.map((name) => [name, integers(table, name)[row]!])),
  );
}
