/** The curves of many nodes on a canvas, with the worst and the chosen one in front. */
import uPlot from 'uplot';
import { axisOf, metricAxis } from '../charts/axis.js';
import { FONT } from '../charts/chart.js';
import { type NodeSeries, nearestTo } from '../charts/node-series.js';
import { COLORS, type Colors } from '../charts/palette.js';
import type { PageContext } from '../views/view.js';

/** How many nodes are marked as the worst. */
export const WORST = 3;

/** What is drawn. */
interface NodeDrawing {
  readonly series: NodeSeries;
  readonly against: 'rounds' | 'time';
  readonly page: PageContext;
  /** Hears of the node under the pointer, by its place in the series, and of the measurement. */
  onPoint(place: number | undefined, measurement: number): void;
}

/** Height of the plot, in pixels. */
const HEIGHT = 360;

/** Lines of nodes fade as they become more. */
const fading = (count: number) => Math.max(0.06, Math.min(0.6, 12 / count));

/** Draws the curves into `root`. Returns how to mark the chosen node, and how to remove the plot. */
export function nodePlot(root: HTMLElement, { series, against, page, onPoint }: NodeDrawing) {
  const colors = COLORS[page.theme];
  const x = axisOf(against, series.times.at(-1) ?? 0);
  const y = metricAxis(series.metric);
  const horizontal = against === 'rounds' ? series.rounds : series.times.map((time) => time / x.size);
  const shown = series.values.map((values) => values.map((value) => value && value / y.size));
  const empty = horizontal.map(() => null);
  const chosen = () => shown[series.nodes.indexOf(page.node ?? -1)] ?? empty;
  const worst = series.ranking.slice(0, WORST).map((place) => shown[place]!);
  const data = () => [horizontal, ...shown, ...worst, chosen()] as unknown as uPlot.AlignedData;
  const plain = { spanGaps: false, points: { show: false } } as const;
  const nearest = (plot: uPlot): [place: number | undefined, measurement: number] => {
    const { idx, top } = plot.cursor;
    if (idx === null || idx === undefined || top === undefined || top < 0) return [undefined, 0];
    return [nearestTo(plot.posToVal(top, 'y'), shown, idx), idx];
  };
  const plot = new uPlot(
    {
      width: Math.max(280, root.clientWidth),
      height: HEIGHT,
      scales: { x: { time: false } },
      legend: { show: false },
      cursor: { points: { show: false }, drag: { x: true, y: false } },
      axes: [axis(x.label, colors), { ...axis(y.label, colors), size: 60 }],
      series: [
        {},
        ...shown.map(() => ({ ...plain, stroke: colors.faint, width: 1, alpha: fading(shown.length) })),
        ...worst.map(() => ({ ...plain, stroke: colors.groups[1]!, width: 2 })),
        { ...plain, stroke: colors.groups[0]!, width: 3 },
      ],
      hooks: { setCursor: [(plot) => onPoint(...nearest(plot))] },
    },
    data(),
    root,
  );
  plot.over.addEventListener('click', () => {
    const [place] = nearest(plot);
    if (place !== undefined) page.selectNode(series.nodes[place]);
  });
  return {
    mark() {
      plot.setData(data(), false);
      plot.redraw();
    },
    resize: () => plot.setSize({ width: Math.max(280, root.clientWidth), height: HEIGHT }),
    remove: () => plot.destroy(),
  };
}

function axis(label: string, { ink, faint }: Colors): uPlot.Axis {
  const lines = { stroke: `${faint}33`, width: 1 };
  return { label, stroke: ink, font: `12px ${FONT}`, labelFont: `12px ${FONT}`, grid: lines, ticks: lines };
}
