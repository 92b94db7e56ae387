/** The network over time: nodes, links, and messages on their way. */
import type { PageData, PageRun } from '../data.js';
import { beside } from '../network/beside.js';
import { clockOf } from '../network/clock.js';
import { counted, figure } from '../network/figures.js';
import { LinksAt } from '../network/links-at.js';
import { hasNetwork, type Network, networkOf, nodeName } from '../network/network.js';
import { meanAt, measurementAt, valueAt } from '../network/series.js';
import { ACTIVITIES } from '../network/span-log.js';
import { type Scene, staged } from '../network/staged.js';
import { Surface } from '../network/surface.js';
import { element } from '../parts/element.js';
import { Player } from '../replay/controls.js';
import { EdgeLayer, undrawn } from '../replay/edges.js';
import { legend } from '../replay/legend.js';
import { type Colouring, type Moment, paintMoment, underWay } from '../replay/painting.js';
import { placesOf } from '../replay/places.js';
import { Pointer } from '../replay/pointer.js';
import type { PageContext, View } from './view.js';

/** The replay of the chosen run. */
export const replay: View = {
  id: 'replay',
  title: 'Replay of the network',
  available: hasNetwork,
  mount(root, data, page) {
    staged(root, page, (run) => new ReplayScene(data, run, page));
  },
};

const HELP =
  'Drag to move it; the wheel zooms once the network has been clicked, and + and − do. Keys on the network: space plays, ← and → move in time, ' +
  '[ and ] choose the node before and the next one, 0 shows all of it.';

class ReplayScene implements Scene {
  readonly elements: readonly HTMLElement[];
  readonly #network: Network;
  readonly #page: PageContext;
  readonly #links: LinksAt;
  readonly #edges = new EdgeLayer();
  readonly #surface: Surface;
  readonly #pointer: Pointer;
  readonly #player: Player;
  readonly #colourings: ReadonlyMap<string, Colouring>;
  readonly #colour: HTMLSelectElement;
  readonly #legend = element('p', { class: 'legend' });
  readonly #status = element('p', { class: 'status', id: 'replay-status' });
  readonly #tip = element('div', { class: 'tip', hidden: '' });
  readonly #table: ReturnType<typeof beside>;

  constructor(data: PageData, run: PageRun, page: PageContext) {
    const network = networkOf(data, run);
    this.#network = network;
    this.#page = page;
    this.#links = new LinksAt(network.topology, network.nodes);
    this.#colourings = colouringsOf(network);
    this.#colour = element(
      'select',
      { id: 'replay-colour' },
      ...[...this.#colourings.keys()].map((name) => element('option', { value: name }, name)),
    );
    this.#colour.addEventListener('change', () => this.changed('theme'));
    const height = (width: number) => Math.max(280, Math.min(640, width * 0.7));
    const paint = (context: CanvasRenderingContext2D) => this.#paint(context);
    this.#surface = new Surface({ label: 'Nodes and links of the network, and its messages', height, paint });
    this.#surface.canvas.id = 'replay-canvas';
    this.#surface.canvas.tabIndex = 0;
    this.#surface.canvas.addEventListener('keydown', (event) => this.#onKey(event));
    this.#pointer = new Pointer(network, this.#surface, {
      point: (node, event) => this.#point(node, event),
      choose: (node) => page.selectNode(node === page.node ? undefined : node),
    });
    const clock = clockOf(page);
    const stops = [...network.series.values()][0]?.times ?? new Float64Array();
    this.#table = beside({ name: 'nodes at this time', rows: () => this.#rows() });
    const stopped = () => this.#table.refresh();
    this.#player = new Player(clock, { end: run.end, stops, stopped });
    this.elements = this.#layOut();
    this.changed('theme');
  }

  changed(what: 'time' | 'node' | 'theme'): void {
    if (what === 'time') this.#player.changed();
    else this.#legend.replaceChildren(...legend(this.#network, this.#colouring, this.#page.theme));
    this.#surface.redraw();
    this.#say();
  }

  #layOut(): HTMLElement[] {
    const zoomTo = (text: string, label: string, factor: number) => {
      const button = element('button', { type: 'button', 'aria-label': label, title: label }, text);
      button.addEventListener('click', () => this.#pointer.zoomBy(factor));
      return button;
    };
    const zooms = [
      zoomTo('+', 'Nearer', 1.5),
      zoomTo('−', 'Farther', 1 / 1.5),
      zoomTo('All', 'All of it', 0),
    ];
    const colour = element('label', {}, 'Colour of nodes: ', this.#colour);
    return [
      ...notesOf(this.#network).map((note) => element('p', { class: 'note' }, note)),
      element('div', { class: 'controls' }, ...this.#player.elements, colour, ...zooms),
      element('div', { class: 'canvas-stage' }, this.#surface.canvas, this.#tip),
      this.#legend,
      this.#status,
      element('p', { class: 'note' }, HELP),
      this.#table.root,
    ];
  }

  get #colouring(): Colouring {
    return this.#colourings.get(this.#colour.value)!;
  }

  get #time(): number {
    return clockOf(this.#page).time;
  }

  #moment(): Moment {
    const { theme, node } = this.#page;
    const places = placesOf(this.#network, this.#surface.size, this.#pointer.transform);
    const base = { network: this.#network, places, time: this.#time };
    return { ...base, colouring: this.#colouring, theme, selected: node };
  }

  #paint(context: CanvasRenderingContext2D): void {
    const moment = this.#moment();
    const { size } = this.#surface;
    const { transform: zoom, isMoving } = this.#pointer;
    const scene = { places: moment.places, zoom, isMoving, size, theme: moment.theme };
    this.#edges.paint(context, { ...scene, links: this.#links.seek(this.#time) });
    paintMoment(context, moment);
  }

  #onKey(event: KeyboardEvent): void {
    const { node } = this.#page;
    const { nodes } = this.#network;
    const acts: Readonly<Record<string, () => void>> = {
      ' ': () => this.#player.toggle(),
      ArrowLeft: () => this.#player.move(-1 / 200),
      ArrowRight: () => this.#player.move(1 / 200),
      Home: () => this.#player.move(-1),
      End: () => this.#player.move(1),
      '+': () => this.#pointer.zoomBy(1.5),
      '-': () => this.#pointer.zoomBy(1 / 1.5),
      '0': () => this.#pointer.zoomBy(0),
      '[': () => this.#page.selectNode(((node ?? 0) + nodes - 1) % nodes),
      ']': () => this.#page.selectNode(((node ?? -1) + 1) % nodes),
      Escape: () => this.#page.selectNode(undefined),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  #point(node: number | undefined, event: MouseEvent): void {
    this.#tip.hidden = node === undefined;
    this.#surface.canvas.style.cursor = node === undefined ? 'grab' : 'pointer';
    if (node === undefined) return;
    this.#tip.textContent = this.#describe(node);
    this.#tip.style.left = `${event.offsetX + 14}px`;
    this.#tip.style.top = `${event.offsetY + 14}px`;
  }

  #describe(node: number): string {
    const { spans, group, series, learners } = this.#network;
    const [first] = series.values();
    return [
      nodeName(this.#network, node),
      ...(first ? [`${first.metric} ${figure(first.metric, valueAt(first, node, this.#time))}`] : []),
      ...(spans ? [spans.at(node, this.#time)] : []),
      ...(group && node < learners ? [`group ${group[node]}`] : []),
    ].join(', ');
  }

  /** A sentence on the moment; the table waits until it stands still. */
  #say(): void {
    const { series, messages, spans, nodes } = this.#network;
    const links = this.#links.seek(this.#time);
    const parts = [counted(links.count, 'link')];
    if (undrawn(links) > 0) parts.push(`of which ${counted(undrawn(links), 'link')} are not drawn`);
    if (spans) {
      const counts = new Map<string, number>();
      for (let node = 0; node < nodes; node++) {
        const activity = spans.at(node, this.#time);
        counts.set(activity, (counts.get(activity) ?? 0) + 1);
      }
      for (const activity of ACTIVITIES)
        if (counts.has(activity)) parts.push(`${counted(counts.get(activity)!, 'node')}: ${activity}`);
    }
    const { count, step } = underWay(this.#network, this.#time);
    if (messages)
      parts.push(`${counted(count, 'message')} on their way${step > 1 ? `, 1 of ${step} is drawn` : ''}`);
    const [first] = series.values();
    const measured = first ? measurementAt(first, this.#time) : -1;
    if (first && measured >= 0)
      parts.push(`mean ${first.metric} ${figure(first.metric, meanAt(first, measured))}`);
    this.#status.textContent = `${parts.join('; ')}.`;
    if (!this.#player.isPlaying) this.#table.refresh();
  }

  #rows() {
    const { nodes, spans, group, series, learners } = this.#network;
    const [first] = series.values();
    return Array.from({ length: nodes }, (_, node) => ({
      node,
      ...(group && { group: node < learners ? group[node]! : '' }),
      ...(spans && { state: spans.at(node, this.#time) }),
      ...(first && { [first.metric]: valueAt(first, node, this.#time) }),
      time_ns: this.#time,
    }));
  }
}

function colouringsOf({ series, group, spans }: Network): Map<string, Colouring> {
  const found: Array<[string, Colouring]> = [...series.keys()].map((metric) => [
    metric,
    { by: 'metric', metric },
  ]);
  if (group) found.push(['group', { by: 'group' }]);
  if (spans || found.length === 0) found.push(['state', { by: 'state' }]);
  return new Map(found);
}

/** What the replay lacks, and how to get it. */
function notesOf({ spans, sampled, group }: Network): string[] {
  const notes: string[] = [];
  if (!spans)
    notes.push(
      'This run has not logged what its nodes did, so there are no messages and no states here: run it again with --spans.',
    );
  const part = (table: string, what: string) => {
    const found = sampled.get(table);
    if (!found) return;
    const [kept, all] = [found.kept, found.all].map((count) => count.toLocaleString('en'));
    notes.push(`To keep the page small, it has ${kept} of ${all} ${what}.`);
  };
  part('topology', 'changes of the topology: links and weights are told of at equal distances of time');
  part('node-spans', 'spans of nodes: those of the least accurate nodes and of a regular sample');
  part('message-spans', 'messages, at equal distances');
  if (group) notes.push('Nodes of one group have the same classes, and see them the same.');
  return notes;
}
