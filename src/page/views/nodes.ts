/** The nodes of the chosen run: a curve for each, the worst in front. */
import { formatDuration } from '../../units.js';
import { type NodeSeries, nodeMetrics, nodeSeries } from '../charts/node-series.js';
import type { PageData } from '../data.js';
import { choice } from '../parts/choice.js';
import { csvButton } from '../parts/download.js';
import { element } from '../parts/element.js';
import { nodePlot, WORST } from '../parts/node-plot.js';
import { nodeTable } from '../parts/node-table.js';
import { valueText } from '../parts/value.js';
import type { PageContext, View } from './view.js';

const metricsOf = (data: PageData, page: PageContext) => data.tables[`${page.run.index}/metrics`]!;

export const nodes: View = {
  id: 'nodes',
  title: 'Node by node',
  available: (data) =>
    data.runs.some(({ index }) => nodeMetrics(data.tables[`${index}/metrics`]!).length > 0),
  mount(root, data, page) {
    const stage = element('div', { class: 'nodes', 'aria-hidden': 'true' });
    const pointed = element('p', { class: 'note', role: 'status' });
    const beside = element('div');
    const controls = element('div', { class: 'controls' });
    const chosen: { metric?: string | undefined; against: 'rounds' | 'time' } = { against: 'rounds' };
    let plot: ReturnType<typeof nodePlot> | undefined;
    let table: ReturnType<typeof nodeTable> | undefined;
    const draw = () => {
      plot?.remove();
      const series = nodeSeries(metricsOf(data, page), chosen.metric!);
      const { against } = chosen;
      const tell = (place: number | undefined, measurement: number) => {
        pointed.textContent = place === undefined ? help(series, page) : sayPoint(series, place, measurement);
      };
      plot = nodePlot(stage, { series, against, page, onPoint: tell });
      tell(undefined, 0);
      table = nodeTable(series, page);
      const csv = csvButton(`nodes of ${page.run.label}`, () => csvRows(series));
      beside.replaceChildren(table.element, csv);
    };
    const show = () => {
      const metrics = nodeMetrics(metricsOf(data, page));
      chosen.metric = metrics[0];
      plot?.remove();
      plot = undefined;
      beside.replaceChildren();
      controls.replaceChildren();
      pointed.textContent = `${page.run.label} was not measured node by node.`;
      if (chosen.metric === undefined) return;
      controls.append(
        choice({ id: 'nodes-metric', label: 'Metric', options: metrics }, (metric) => {
          chosen.metric = metric;
          draw();
        }),
        choice({ id: 'nodes-against', label: 'against', options: ['rounds', 'time'] }, (against) => {
          chosen.against = against as 'rounds' | 'time';
          draw();
        }),
      );
      chosen.against = 'rounds';
      draw();
    };
    root.append(
      controls,
      element('div', { class: 'panels two' }, element('div', {}, stage, pointed), beside),
    );
    page.onRun(show);
    page.onTheme(() => chosen.metric !== undefined && draw());
    page.onSelectNode(() => {
      plot?.mark();
      table?.mark();
    });
    new ResizeObserver(() => plot?.resize()).observe(stage);
    show();
  },
};

function help({ nodes }: NodeSeries, { run }: PageContext): string {
  const some = nodes.length < run.nodes ? `${nodes.length} of ${run.nodes} nodes are shown. ` : '';
  return `${some}Click a line to choose its node. The ${Math.min(WORST, nodes.length)} worst at the end stand out.`;
}

function sayPoint({ metric, nodes, rounds, times, values }: NodeSeries, place: number, k: number): string {
  const value = values[place]![k];
  const what = value === null || value === undefined ? 'not measured' : valueText(metric, value);
  return `Node ${nodes[place]}: ${what} in round ${rounds[k]}, at ${formatDuration(times[k]!)}`;
}

function csvRows({ metric, nodes, times, rounds, values }: NodeSeries) {
  return nodes.flatMap((node, place) =>
    values[place]!.map((value, k) => ({
      ...{ node, metric, time_ns: times[k]!, round: rounds[k]!, value: value ?? Number.NaN },
    })),
  );
}
