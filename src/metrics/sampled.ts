/** Measuring on some of the rows: the same ones at every measurement, and of rows that are as many, the same places. */
import { byNumber } from '../numbers.js';
import type { Streams } from '../random.js';

/** Takes at most `most` of some rows, in their order. */
export type RowSample = (rows: Uint32Array) => Uint32Array;

/** All rows where `most` is undefined. The places are drawn from streams of their own, so nothing else in the run changes. */
export function rowSample(most: number | undefined, streams: Pick<Streams, 'fresh'>): RowSample {
  const places = new Map<number, Uint32Array>();
  return (rows) => {
    const { length } = rows;
    if (most === undefined || length <= most) return rows;
    let chosen = places.get(length);
    if (chosen === undefined) {
      const all = Uint32Array.from({ length }, (_, place) => place);
      chosen = streams.fresh(`measure/${length} rows`).shuffle(all).slice(0, most).sort(byNumber);
      places.set(length, chosen);
    }
    return chosen.map((place) => rows[place]!);
  };
}
