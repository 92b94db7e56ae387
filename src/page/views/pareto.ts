/** What accuracy costs. */
import { paretoChart } from '../charts/pareto.js';
import { estimateRows, groupsOf, metricsOf } from '../charts/rows.js';
import { choice } from '../parts/choice.js';
import { element } from '../parts/element.js';
import { figure } from '../parts/figure.js';
import type { View } from './view.js';

export const pareto: View = {
  id: 'pareto',
  title: 'What it costs',
  available: (data) => groupsOf(data).length > 1,
  mount(root, data, page) {
    const rows = estimateRows(data);
    const groups = groupsOf(data);
    const metrics = metricsOf(data).filter((metric) => rows.some(({ figure }) => figure === metric));
    const chosen = { metric: metrics[0]! };
    const figures = (['bytes', 'time'] as const).map((against) =>
      figure(() => paretoChart(rows, { ...chosen, against, groups }), page, {
        ...{ name: `pareto against ${against}`, height: 340, named: true },
      }),
    );
    root.append(
      choice({ id: 'pareto-metric', label: 'Metric', options: metrics }, (metric) => {
        chosen.metric = metric;
        for (const { update } of figures) update();
      }),
      element('div', { class: 'panels two' }, ...figures.map((one) => one.element)),
    );
  },
};
