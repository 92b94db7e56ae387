/** What the bytes were for. */
import { type ByteRow, byteChart } from '../charts/bytes.js';
import { groupsOf, rowsOf } from '../charts/rows.js';
import { element } from '../parts/element.js';
import { figure } from '../parts/figure.js';
import type { View } from './view.js';

export const bytes: View = {
  id: 'bytes',
  title: 'Bytes',
  available: (data) => data.tables.bytes!.length > 0,
  mount(root, data, page) {
    const rows = rowsOf(data.tables.bytes!) as unknown as Array<ByteRow & { readonly by: string }>;
    const groups = groupsOf(data);
    const figures = ['part', 'type'].map((by) =>
      figure(
        () =>
          byteChart(
            rows.filter((row) => row.by === by),
            { groups, what: by },
          ),
        page,
        {
          ...{ name: `bytes by ${by}`, height: 90 + 26 * groups.length, named: true },
        },
      ),
    );
    root.append(element('div', { class: 'panels two' }, ...figures.map((one) => one.element)));
  },
};
