/** A metric against bytes, virtual time and rounds. */
import { type Against, AXES } from '../charts/axis.js';
import { curveChart } from '../charts/curves.js';
import { curveRows, groupsOf, metricsOf } from '../charts/rows.js';
import { choice, tick } from '../parts/choice.js';
import { element } from '../parts/element.js';
import { figure } from '../parts/figure.js';
import { legend } from '../parts/legend.js';
import type { View } from './view.js';

export const curves: View = {
  id: 'curves',
  title: 'Against bytes, time and rounds',
  available: (data) => data.tables.curves!.length > 0,
  mount(root, data, page) {
    const rows = curveRows(data);
    const groups = groupsOf(data);
    const metrics = metricsOf(data);
    const chosen = { metric: metrics[0]!, shown: groups, logarithmic: false };
    const known = AXES.filter((against) => against !== 'bytes' || rows.some((row) => row.sent_bytes >= 0));
    const figures = known.map((against: Against) =>
      figure(
        () =>
          curveChart(
            rows.filter(({ group }) => chosen.shown.includes(group)),
            { ...chosen, against, groups, logarithmic: chosen.logarithmic && against !== 'rounds' },
          ),
        page,
        { name: `curves against ${against}`, height: 320 },
      ),
    );
    const update = () => {
      for (const { update } of figures) update();
    };
    root.append(
      element(
        'div',
        { class: 'controls' },
        choice({ id: 'curves-metric', label: 'Metric', options: metrics }, (metric) => {
          chosen.metric = metric;
          update();
        }),
        tick('logarithmic bytes and time', false, (isOn) => {
          chosen.logarithmic = isOn;
          update();
        }),
      ),
      legend(groups, page, (shown) => {
        chosen.shown = shown;
        update();
      }),
      element('div', { class: 'panels' }, ...figures.map((one) => one.element)),
      element('p', { class: 'note' }, noteOn(data.runs.map(({ exactBytes }) => exactBytes))),
    );
  },
};

function noteOn(exact: readonly boolean[]): string {
  const bands = 'Bands are 95 % intervals by Student’s t over the seeds of a line; one seed has none.';
  if (exact.every(Boolean)) return bands;
  return `${bands} Bytes are those of all messages of the rounds before the measurement: nodes that were ahead had sent some more. They are exact with the probe bytes, or with --spans.`;
}
