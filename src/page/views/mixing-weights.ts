/** With which weights nodes mix, at the time of the replay. */
import type { PageData, PageRun } from '../data.js';
import { Matrix } from '../matrix/matrix.js';
import { type Order, orderOf } from '../matrix/order.js';
import { beside } from '../network/beside.js';
import { clockOf } from '../network/clock.js';
import { timeText } from '../network/figures.js';
import { LinksAt } from '../network/links-at.js';
import { hasNetwork, type Network, networkOf, numbers } from '../network/network.js';
import { type Scene, staged } from '../network/staged.js';
import { choice } from '../parts/choice.js';
import { element } from '../parts/element.js';
import { scale } from '../replay/legend.js';
import type { PageContext, View } from './view.js';

/** The mixing weights of the chosen run. */
export const mixingWeights: View = {
  id: 'mixing-weights',
  title: 'Mixing weights',
  available: (data) => hasNetwork(data) && data.runs.some((run) => hasWeights(networkOf(data, run))),
  mount(root, data, page) {
    staged(root, page, (run) =>
      hasWeights(networkOf(data, run)) ? new WeightMatrix(data, run, page) : WITHOUT_WEIGHTS,
    );
  },
};

const WITHOUT_WEIGHTS: Scene = {
  elements: [
    'The algorithm of this run states no mixing weights, or the matrix would be too large to be shown.',
  ],
  changed: () => {},
};

/** Nodes up to which there is a matrix. */
const NODES_MAX = 1000;

function hasWeights({ topology, nodes }: Network): boolean {
  return nodes <= NODES_MAX && numbers(topology, 'weight').some((weight) => !Number.isNaN(weight));
}

class WeightMatrix implements Scene {
  readonly elements: readonly HTMLElement[];
  readonly #network: Network;
  readonly #page: PageContext;
  readonly #links: LinksAt;
  readonly #matrix: Matrix;
  readonly #time = element('p', { class: 'status' });
  readonly #scale = element('p', { class: 'legend' });
  readonly #table: ReturnType<typeof beside>;
  #order: Order;
  /** [nodes × nodes]: row i mixes what column j sends; NaN where there is no weight. */
  #weights = new Float64Array();
  #most = 0;
  #version = -1;

  constructor(data: PageData, run: PageRun, page: PageContext) {
    const network = networkOf(data, run);
    [this.#network, this.#page] = [network, page];
    this.#links = new LinksAt(network.topology, network.nodes);
    this.#order = orderOf(network, 'node');
    this.#seek();
    this.#matrix = new Matrix({
      ...{ id: 'mixing-weights-canvas', label: 'Weights with which each node mixes what others send' },
      ...{ rowTitle: 'mixes', columnTitle: 'sent by' },
      cells: () => this.#cells(),
      theme: () => page.theme,
      describe: (row, column) => this.#describe(row, column),
      choose: (row) => page.selectNode(this.#order.nodes[row]),
    });
    const sorting = choice(
      { id: 'mixing-weights-order', label: 'Sorted by', options: ['node', 'group'] },
      (by) => {
        this.#order = orderOf(network, by as 'node' | 'group');
        this.#matrix.redraw();
      },
    );
    this.#table = beside({ name: 'mixing weights at this time', rows: () => this.#rows() });
    this.elements = [
      element(
        'p',
        { class: 'note' },
        'Each row is a node, and what it mixes; the weight of its own model is what the others leave of 1. The slider of the replay moves it.',
      ),
      this.#time,
      ...(network.group ? [sorting] : []),
      this.#matrix.root,
      this.#scale,
      this.#table.root,
    ];
    this.#say();
  }

  changed(what: 'time' | 'node' | 'theme'): void {
    const isOther = this.#seek();
    this.#say();
    if (what !== 'time' || isOther) this.#matrix.redraw();
    if (isOther) this.#table.refresh();
  }

  /** Moves to the time of the page. Returns whether weights are others than before. */
  #seek(): boolean {
    this.#links.seek(clockOf(this.#page).time);
    if (this.#links.version === this.#version) return false;
    this.#version = this.#links.version;
    const { nodes } = this.#network;
    this.#weights = new Float64Array(nodes * nodes).fill(Number.NaN);
    const own = new Float64Array(nodes).fill(1);
    for (const { from, to, weight } of this.#links.live) {
      this.#weights[to * nodes + from] = weight;
      own[to]! -= weight;
    }
    for (const [node, weight] of own.entries())
      if (!Number.isNaN(weight)) this.#weights[node * nodes + node] = Math.max(0, Number(weight.toFixed(6)));
    this.#most = this.#weights.reduce((most, one) => (Number.isNaN(one) ? most : Math.max(most, one)), 0);
    return true;
  }

  #say(): void {
    this.#time.textContent = `At ${timeText(clockOf(this.#page).time, this.#page.run.end)}.`;
    this.#scale.replaceChildren(scale('0', this.#most.toPrecision(3), this.#page.theme));
  }

  #cells() {
    const { nodes } = this.#network;
    const order = this.#order.nodes;
    const shares = Float64Array.from({ length: nodes * nodes }, (_, cell) => {
      const weight = this.#weights[order[Math.floor(cell / nodes)]! * nodes + order[cell % nodes]!]!;
      return weight / (this.#most || 1);
    });
    const { node } = this.#page;
    const marked = node === undefined ? [] : [this.#order.places[node]!];
    const name = (place: number) => String(order[place]);
    return {
      ...{ rows: nodes, columns: nodes, shares, rowName: name, columnName: name },
      marked: { rows: marked, columns: [] },
    };
  }

  #describe(row: number, column: number): string {
    const [to, from] = [this.#order.nodes[row]!, this.#order.nodes[column]!];
    const weight = this.#weights[to * this.#network.nodes + from]!;
    if (Number.isNaN(weight)) return `node ${to} mixes nothing of node ${from}`;
    return `node ${to} mixes ${from === to ? 'its own model' : `what node ${from} sends`} with ${weight.toPrecision(3)}`;
  }

  #rows() {
    const { nodes } = this.#network;
    const time_ns = clockOf(this.#page).time;
    return [...this.#weights].flatMap((weight, cell) =>
      Number.isNaN(weight) ? [] : [{ time_ns, node: Math.floor(cell / nodes), from: cell % nodes, weight }],
    );
  }
}
