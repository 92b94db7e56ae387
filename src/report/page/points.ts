/** The measurements of a run, with what had been sent until then. */
import type { ColumnTable, PageData, TextColumn } from '../../page/data.js';

/** What was measured of the whole run at one time. */
export interface Point {
  readonly time: number;
  readonly round: number;
  /** Bytes that had been sent; undefined where neither a probe nor the ledger says it. */
  readonly bytes: number | undefined;
  readonly values: ReadonlyMap<string, number>;
}

/** The metric of the probe `bytes` that has what was sent until then. */
const SENT = 'sent-bytes';

/** The measurements of a run in the order of time. */
export function pointsOf(tables: PageData['tables'], run: number): Point[] {
  const byTime = new Map<number, { time: number; round: number; values: Map<string, number> }>();
  const { length, columns } = tables[`${run}/metrics`]!;
  const [times, rounds, nodes, values] = [columns.time_ns, columns.round, columns.node, columns.value] as [
    Float64Array,
    Int32Array,
    Int32Array,
    Float64Array,
  ];
  const { dictionary, codes } = columns.metric as TextColumn;
  for (let row = 0; row < length; row++) {
    if (nodes[row] !== -1) continue;
    const time = times[row]!;
    const point = byTime.get(time) ?? { time, round: rounds[row]!, values: new Map<string, number>() };
    byTime.set(time, point);
    point.values.set(dictionary[codes[row]!]!, values[row]!);
  }
  const exact = sentAt(tables[`${run}/sent`]);
  const before = sentBefore(tables[`${run}/traffic`]);
  return [...byTime.values()].map((point) => ({
    ...point,
    bytes: point.values.get(SENT) ?? exact?.(point.time) ?? before?.(point.round),
  }));
}

/** Whether the bytes of a run's measurements are those of a probe or of spans; else they are those of the rounds before. */
export function hasExactBytes(tables: PageData['tables'], run: number): boolean {
  const { dictionary } = tables[`${run}/metrics`]!.columns.metric as TextColumn;
  return dictionary.includes(SENT) || tables[`${run}/sent`] !== undefined;
}

/** Bytes until a time, by a table of them. */
function sentAt(sent: ColumnTable | undefined): ((time: number) => number | undefined) | undefined {
  if (sent === undefined) return undefined;
  const { time_ns, sent_bytes } = sent.columns as { time_ns: Float64Array; sent_bytes: Float64Array };
  const known = new Map(Array.from(time_ns, (time, row) => [time, sent_bytes[row]!]));
  return (time) => known.get(time);
}

/** Bytes of all messages of the rounds before a round. */
function sentBefore(traffic: ColumnTable | undefined): ((round: number) => number) | undefined {
  if (traffic === undefined) return undefined;
  const { round, sent_bytes: sent } = traffic.columns as { round: Int32Array; sent_bytes: Float64Array };
  const most = round.reduce((a, b) => Math.max(a, b), 0);
  const sums = new Float64Array(most + 2);
  for (const [row, at] of round.entries()) sums[at + 1]! += sent[row]!;
  for (let k = 1; k < sums.length; k++) sums[k]! += sums[k - 1]!;
  return (before) => sums[Math.min(before, most + 1)]!;
}
