/** What each node did over time: it computed, waited, sent or was down. */
import { select } from 'd3-selection';
import { type D3ZoomEvent, type ZoomTransform, zoom, zoomIdentity } from 'd3-zoom';
import type { PageData, PageRun } from '../data.js';
import { beside } from '../network/beside.js';
import { clockOf } from '../network/clock.js';
import { activityColour } from '../network/colours.js';
import { counted } from '../network/figures.js';
import type { MessageLog } from '../network/message-log.js';
import { hasNetwork, networkOf } from '../network/network.js';
import type { SpanLog } from '../network/span-log.js';
import { type Scene, staged } from '../network/staged.js';
import { placeOf, Surface } from '../network/surface.js';
import { element } from '../parts/element.js';
import { key } from '../replay/legend.js';
import { paintAxis } from '../timeline/axis.js';
import { type Lanes, lanesOf } from '../timeline/lanes.js';
import {
  AXIS_HEIGHT,
  NAMES_WIDTH,
  paintLanes,
  sendColour,
  sendsOf,
  type TimelineScene,
} from '../timeline/painting.js';
import type { PageContext, View } from './view.js';

/** The timeline of the chosen run. */
export const timeline: View = {
  id: 'timeline',
  title: 'Timeline of the nodes',
  available: (data) => hasNetwork(data) && data.runs.some((run) => networkOf(data, run).spans),
  mount(root, data, page) {
    staged(root, page, (run) => {
      const { spans, messages } = networkOf(data, run);
      if (!spans || !messages) return WITHOUT_SPANS;
      return new TimelineOf(data, run, page, { spans, messages });
    });
  },
};

const WITHOUT_SPANS: Scene = {
  elements: ['This run has not logged what its nodes did: run it again with --spans.'],
  changed: () => {},
};

/** Pixels of the lanes together, and of one of them at most. */
const LANES_HEIGHT = 560;
const LANE_MAX = 22;
const LANE_MIN = 3;

class TimelineOf implements Scene {
  readonly elements: readonly HTMLElement[];
  readonly #run: PageRun;
  readonly #page: PageContext;
  readonly #spans: SpanLog;
  readonly #lanes: Lanes;
  readonly #laneHeight: number;
  readonly #sends: ReadonlyMap<number, Float64Array>;
  readonly #surface: Surface;
  readonly #legend = element('p', { class: 'legend' });
  #zoom: ZoomTransform = zoomIdentity;

  constructor(
    data: PageData,
    run: PageRun,
    page: PageContext,
    { spans, messages }: { readonly spans: SpanLog; readonly messages: MessageLog },
  ) {
    [this.#run, this.#page, this.#spans] = [run, page, spans];
    this.#lanes = lanesOf(networkOf(data, run), spans);
    this.#sends = sendsOf(messages);
    const lanes = this.#lanes.nodes.length;
    this.#laneHeight = Math.max(LANE_MIN, Math.min(LANE_MAX, Math.floor(LANES_HEIGHT / Math.max(1, lanes))));
    this.#surface = new Surface({
      label: 'What each node did over time, one lane for each node',
      height: () => AXIS_HEIGHT + lanes * this.#laneHeight + 4,
      paint: (context) => this.#paint(context),
    });
    this.#surface.canvas.id = 'timeline-canvas';
    this.#surface.canvas.tabIndex = 0;
    const zooms = this.#zooming();
    this.#surface.canvas.addEventListener('click', (event) => this.#choose(event));
    const table = beside({ name: 'what nodes did', rows: () => this.#rows() });
    this.elements = [
      element('p', { class: 'note' }, noteOf(this.#lanes)),
      element('div', { class: 'controls' }, ...zooms),
      element('div', { class: 'canvas-stage' }, this.#surface.canvas),
      this.#legend,
      table.root,
    ];
    this.changed('theme');
  }

  changed(what: 'time' | 'node' | 'theme'): void {
    if (what === 'theme') {
      const { theme } = this.#page;
      this.#legend.replaceChildren(
        key(activityColour('compute', theme), 'computes'),
        key(activityColour('wait', theme), 'waits'),
        key(activityColour('down', theme), 'is down'),
        key(sendColour(theme), 'its uplink sends (below)'),
        ...(this.#laneHeight > 6 ? ['Lines in a lane are the beginnings of its rounds.'] : []),
      );
    }
    this.#surface.redraw();
  }

  /** Makes the canvas zoom in time, and returns buttons that do. */
  #zooming(): HTMLElement[] {
    const { canvas } = this.#surface;
    const zooming = zoom<HTMLCanvasElement, unknown>()
      .scaleExtent([1, 5_000])
      .filter(
        (event: MouseEvent) => event.type !== 'wheel' || event.ctrlKey || document.activeElement === canvas,
      )
      .extent(() => [
        [NAMES_WIDTH, 0],
        [canvas.clientWidth, canvas.clientHeight],
      ])
      .on('zoom', ({ transform }: D3ZoomEvent<HTMLCanvasElement, unknown>) => {
        this.#zoom = transform;
        this.#surface.redraw();
      });
    zooming.translateExtent([
      [NAMES_WIDTH, 0],
      [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ]);
    const selected = select(canvas).call(zooming);
    const button = (text: string, label: string, act: () => void) => {
      const made = element('button', { type: 'button', 'aria-label': label, title: label }, text);
      made.addEventListener('click', act);
      return made;
    };
    const by = (factor: number) => () => void selected.call(zooming.scaleBy, factor);
    const move = (pixels: number) => () => void selected.call(zooming.translateBy, pixels / this.#zoom.k, 0);
    canvas.addEventListener('keydown', ({ key }) => {
      const acts: Readonly<Record<string, () => void>> = {
        ...{ '+': by(1.5), '-': by(1 / 1.5), ArrowLeft: move(80), ArrowRight: move(-80) },
        '0': () => void selected.call(zooming.transform, zoomIdentity),
      };
      acts[key]?.();
    });
    return [
      button('+', 'Less time', by(2)),
      button('−', 'More time', by(1 / 2)),
      button('‹', 'Earlier', move(200)),
      button('›', 'Later', move(-200)),
      button('All', 'The whole run', () => selected.call(zooming.transform, zoomIdentity)),
    ];
  }

  #shown(): Pick<TimelineScene, 'from' | 'to'> {
    const { width } = this.#surface.size;
    const timeAt = (pixel: number) =>
      ((this.#zoom.invertX(pixel) - NAMES_WIDTH) / (width - NAMES_WIDTH)) * this.#run.end;
    return { from: Math.max(0, timeAt(NAMES_WIDTH)), to: Math.max(1, timeAt(width)) };
  }

  #paint(context: CanvasRenderingContext2D): void {
    const { theme, node } = this.#page;
    const scene: TimelineScene = {
      ...{ spans: this.#spans, sends: this.#sends, lanes: this.#lanes.nodes, laneHeight: this.#laneHeight },
      ...this.#shown(),
      ...{ theme, size: this.#surface.size },
    };
    paintLanes(context, scene);
    paintAxis(context, { ...scene, selected: node, now: clockOf(this.#page).time });
  }

  /** Chooses the node of a lane, and moves the replay to the time. */
  #choose(event: MouseEvent): void {
    const [x, y] = placeOf(event);
    const node = this.#lanes.nodes[Math.floor((y - AXIS_HEIGHT) / this.#laneHeight)];
    if (node !== undefined) this.#page.selectNode(node);
    const { from, to } = this.#shown();
    const share = (x - NAMES_WIDTH) / (this.#surface.size.width - NAMES_WIDTH);
    if (share >= 0) clockOf(this.#page).set(Math.min(this.#run.end, from + share * (to - from)));
  }

  /** Spans that are in sight. */
  #rows() {
    const { from, to } = this.#shown();
    const spans = this.#spans;
    return this.#lanes.nodes.flatMap((node) => {
      const rows = [];
      const { to: last } = spans.of(node);
      for (let span = spans.firstAfter(node, from); span < last && spans.start[span]! <= to; span++)
        rows.push({
          ...{ node, kind: spans.kind(span), round: spans.round[span]! },
          ...{ start_ns: spans.start[span]!, end_ns: spans.end[span]! },
        });
      return rows;
    });
  }
}

function noteOf({ nodes, worst, all }: Lanes): string {
  const which =
    nodes.length === all
      ? `All ${counted(all, 'node')}.`
      : `${counted(nodes.length, 'node')} of ${all.toLocaleString('en')}: the ${worst} that were least accurate at the end, and others at equal distances.`;
  return `${which} The wheel zooms once the timeline has been clicked; a click chooses the node and moves the replay to that time. Where several spans end within a pixel, it shows the longest.`;
}
