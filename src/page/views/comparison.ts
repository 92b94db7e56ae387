/** The groups beside each other. */

import { isShare } from '../charts/axis.js';
import { type EstimateRow, estimateRows, groupsOf } from '../charts/rows.js';
import { csvButton } from '../parts/download.js';
import { element } from '../parts/element.js';
import { table } from '../parts/table.js';
import { valueText } from '../parts/value.js';
import type { View } from './view.js';

export const comparison: View = {
  id: 'comparison',
  title: 'Comparison',
  available: () => true,
  mount(root, data) {
    const rows = estimateRows(data);
    const groups = groupsOf(data);
    const figures = inOrder([...new Set(rows.map(({ figure }) => figure))]);
    const titles = figures.map((figure) => TITLES[figure] ?? figure);
    const find = (group: string, figure: string) =>
      rows.find((row) => row.group === group && row.figure === figure);
    const seedsOf = (group: string) => find(group, 'sent_bytes')!.seeds;
    const paired = figures.filter((figure) => rows.some((row) => row.figure === figure && row.pairs > 1));
    const seeds = Math.max(...rows.map((row) => row.seeds));
    const interval = seeds > 1 ? ', mean ± half of the 95 % interval over seeds' : '';
    root.append(
      table(
        `At the end${interval}`,
        ['', 'seeds', ...titles],
        groups.map((group) => [
          group,
          String(seedsOf(group)),
          ...figures.map((figure) => meanText(find(group, figure), seedsOf(group))),
        ]),
      ),
    );
    if (paired.length > 0 && groups.length > 1)
      root.append(
        table(
          `More than ${groups[0]!}, seed by seed: mean ± half of the 95 % interval (seeds that agree)`,
          ['', ...paired.map((figure) => TITLES[figure] ?? figure)],
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

/** Figures that are not metrics. */
const TITLES: Readonly<Record<string, string>> = {
  sent_bytes: 'bytes sent',
  time_ns: 'virtual time',
  bytes_to_target: 'bytes to target',
  time_to_target_ns: 'time to target',
};

/** Accuracies, what they cost, and the rest. */
function inOrder(figures: readonly string[]): string[] {
  const rank = (figure: string) => (figure.startsWith('accuracy') ? 0 : figure in TITLES ? 1 : 2);
  return [...figures].sort((a, b) => rank(a) - rank(b));
}

function meanText(row: EstimateRow | undefined, all: number): string {
  if (row === undefined || Number.isNaN(row.mean)) return '–';
  const { figure, mean, margin, seeds } = row;
  const some = seeds < all ? ` (${seeds} of ${all})` : '';
  const centre = valueText(figure, mean);
  if (Number.isNaN(margin)) return `${centre}${some}`;
  return `${isShare(figure) ? centre.replace(' %', '') : centre} ± ${valueText(figure, margin)}${some}`;
}

function differenceText(row: EstimateRow | undefined): string {
  if (row === undefined || Number.isNaN(row.difference)) return '–';
  const { figure, difference, difference_margin: margin, agree, pairs } = row;
  const sign = difference < 0 ? '−' : '+';
  const spread = Number.isNaN(margin) ? '' : ` ± ${valueText(figure, margin, 'pp')}`;
  return `${sign}${valueText(figure, Math.abs(difference), 'pp')}${spread} (${agree} of ${pairs})`;
}
