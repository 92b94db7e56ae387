/** What the bytes of groups were for. */
import type { ColumnTable, PageData, PageRun, TextColumn } from '../../page/data.js';
import { estimate } from '../statistics.js';
import { textColumn } from './columns.js';
import { groupsOf } from './curves.js';

/** `bytes`: for each group, means over its seeds of `bytes` sent, `by` part and by type of message, which is the `kind`. */
export function byteTable({ runs, tables }: Pick<PageData, 'runs' | 'tables'>): ColumnTable {
  const rows = groupsOf(runs).flatMap(([group, members]) => [
    ...means(members.map(parts)).map(([kind, bytes]) => ({ group, by: 'part', kind, bytes })),
    ...means(members.map(({ index }) => types(tables[`${index}/traffic`]))).map(([kind, bytes]) => ({
      ...{ group, by: 'type', kind, bytes },
    })),
  ]);
  return {
    length: rows.length,
    columns: {
      group: textColumn(rows.map(({ group }) => group)),
      by: textColumn(rows.map(({ by }) => by)),
      kind: textColumn(rows.map(({ kind }) => kind)),
      bytes: Float64Array.from(rows, ({ bytes }) => bytes),
    },
  };
}

type Bytes = ReadonlyMap<string, number>;

function means(all: readonly Bytes[]): Array<[string, number]> {
  const kinds = [...new Set(all.flatMap((bytes) => [...bytes.keys()]))];
  return kinds.map((kind) => [kind, estimate(all.map((bytes) => bytes.get(kind) ?? 0)).mean]);
}

/** Values, index and header, and framing where there is some. */
function parts({ summary }: PageRun): Bytes {
  const { parts } = summary.traffic as { readonly parts: Readonly<Record<string, number>> };
  return new Map(Object.entries(parts).filter(([part, bytes]) => part !== 'framing' || bytes > 0));
}

function types(traffic: ColumnTable | undefined): Bytes {
  const sums = new Map<string, number>();
  if (traffic === undefined) return sums;
  const { dictionary, codes } = traffic.columns.type as TextColumn;
  const sent = traffic.columns.sent_bytes as Float64Array;
  for (const [row, code] of codes.entries())
    sums.set(dictionary[code]!, (sums.get(dictionary[code]!) ?? 0) + sent[row]!);
  return sums;
}
