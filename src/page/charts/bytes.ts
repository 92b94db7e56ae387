/** What the bytes of each group were for, as bars. */
import * as Plot from '@observablehq/plot';
import { bytesUnit } from './axis.js';
import { base, type Chart, shortName } from './chart.js';

/** Bytes of a group, mean over its seeds. */
export interface ByteRow {
  readonly group: string;
  /** A part of messages, or a type of message. */
  readonly kind: string;
  readonly bytes: number;
}

/** Stacked bars, one for each group; `what` says what the kinds are. */
export function byteChart(
  rows: readonly ByteRow[],
  { groups, what }: { groups: readonly string[]; what: string },
): Chart {
  const totals = groups.map((group) =>
    rows.reduce((sum, row) => (row.group === group ? sum + row.bytes : sum), 0),
  );
  const unit = bytesUnit(Math.max(...totals));
  const kinds = [...new Set(rows.map(({ kind }) => kind))];
  const most = groups.reduce((length, group) => Math.max(length, shortName(group).length), 0);
  return {
    description: `bytes sent by ${what}, means over seeds`,
    rows: rows.map(({ group, kind, bytes }) => ({ group, [what]: kind, sent_bytes: bytes })),
    draw: (drawing) => ({
      ...base(drawing),
      marginLeft: Math.min(240, 16 + 6.8 * most),
      marginRight: 16,
      marginTop: 34,
      x: { label: `bytes sent (${unit.name})`, grid: true, ticks: drawing.width / 90, labelArrow: 'none' },
      y: { label: null, domain: groups, tickFormat: shortName },
      color: {
        domain: kinds,
        range: kinds.map((_, k) => drawing.colors.groups[k % drawing.colors.groups.length]!),
      },
      marks: [
        Plot.barX(rows, {
          x: ({ bytes }: ByteRow) => bytes / unit.size,
          y: 'group',
          fill: 'kind',
          order: kinds,
          stroke: drawing.colors.paper,
          strokeWidth: 1,
        }),
        Plot.ruleX([0]),
        ...keys(kinds, drawing.colors.ink),
      ],
    }),
  };
}

/** What the colours mean, in a line above the bars. */
function keys(kinds: readonly string[], ink: string): Plot.Markish[] {
  let right = 0;
  return kinds.flatMap((kind) => {
    const left = right;
    right += 30 + 6.6 * shortName(kind).length;
    const place = { frameAnchor: 'top-left', dy: -18 } as const;
    return [
      Plot.dot([kind], { ...place, fill: (name: string) => name, symbol: 'square', r: 5, dx: left + 5 }),
      Plot.text([shortName(kind)], { ...place, dx: left + 15, lineAnchor: 'middle', fill: ink }),
    ];
  });
}
