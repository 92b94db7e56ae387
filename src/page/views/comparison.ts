/** The groups beside each other. */

import { formatBytes, formatDuration } from '../../units.js';
import { isShare } from '../charts/axis.js';
import { type EstimateRow, estimateRows, groupsOf } from '../charts/rows.js';
import { csvButton } from '../parts/download.js';
import { element } from '../parts/element.js';
import { table } from '../parts/table.js';
import type { View } from './view.js';

export const comparison: View = {
  id: 'comparison',
  title: 'Comparison',
  available: () => true,
  mount(root, data) {
    const rows = estimateRows(data);
    const groups = groupsOf(data);
    const figures = [...new Set(rows.map(({ figure }) => figure))];
    const find = (group: string, figure: string) =>
      rows.find((row) => row.group === group && row.figure === figure);
    const paired = figures.filter((figure) => rows.some((row) => row.figure === figure && row.pairs > 1));
    const seeds = Math.max(...rows.map((row) => row.seeds));
    const interval = seeds > 1 ? ', mean ± half of the 95 % interval over seeds' : '';
    root.append(
      table(
        `At the end${interval}`,
        ['', 'seeds', ...figures],
        groups.map((group) => [
          group,
          String(rows.find((row) => row.group === group)!.seeds),
          ...figures.map((figure) => meanText(find(group, figure))),
        ]),
      ),
    );
    if (paired.length > 0 && groups.length > 1)
      root.append(
        table(
          `More than ${groups[0]!}, seed by seed: mean ± half of the 95 % interval (seeds that agree)`,
          ['', ...paired],
          groups
            .slice(1)
            .map((group) => [group, ...paired.map((figure) => differenceText(find(group, figure)))]),
        ),
      );
    root.append(
      element(
        'p',
        {},
        csvButton('comparison', () => rows.map((row) => ({ ...row }))),
      ),
    );
  },
};

function meanText(row: EstimateRow | undefined): string {
  if (row === undefined || Number.isNaN(row.mean)) return '–';
  const { figure, mean, margin } = row;
  return Number.isNaN(margin)
    ? valueText(figure, mean)
    : `${valueText(figure, mean)} ± ${valueText(figure, margin)}`;
}

function differenceText(row: EstimateRow | undefined): string {
  if (row === undefined || Number.isNaN(row.difference)) return '–';
  const { figure, difference, difference_margin: margin, agree, pairs } = row;
  const sign = difference < 0 ? '−' : '+';
  const spread = Number.isNaN(margin) ? '' : ` ± ${valueText(figure, margin, 'pp')}`;
  return `${sign}${valueText(figure, Math.abs(difference), 'pp')}${spread} (${agree} of ${pairs})`;
}

/** A value of a figure with its unit; differences of shares are in percentage points. */
function valueText(figure: string, value: number, share = '%'): string {
  if (figure === 'sent_bytes' || figure.endsWith('-bytes')) return formatBytes(Math.round(value));
  if (figure === 'time_ns') return formatDuration(Math.round(value));
  if (isShare(figure)) return `${(100 * value).toFixed(1)} ${share}`;
  return String(Number(value.toPrecision(4)));
}
