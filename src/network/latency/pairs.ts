/** Latencies between places: every node is at a place, and a pair of places has a mean, a deviation and a share of losses. */
import type { Random } from '../../random.js';
import { checkTime, type Nanoseconds } from '../../units.js';
import type { LatencyLink } from './latency.js';

/** What there is to say of the way from one place to each place: float64 [places] each. */
interface PairRow {
  /** Mean latency in nanoseconds, not rounded; NaN where no two nodes are so placed. */
  readonly mean: Float64Array;
  /** Standard deviation of the latency ÷ its mean; absent: 0. */
  readonly deviation?: Float64Array | undefined;
  /** Share of the attempts that are lost; absent: 0. */
  readonly loss?: Float64Array | undefined;
}

/** The pairs of places of a run. A row is made when it is first needed, and is the same whenever that is. */
export class Pairs {
  readonly #placeOf: Int32Array;
  readonly #makeRow: (place: number) => PairRow;
  readonly #rows = new Map<number, PairRow>();

  /** `placeOf`: the place of each node. */
  constructor(placeOf: Int32Array, makeRow: (place: number) => PairRow) {
    this.#placeOf = placeOf;
    this.#makeRow = makeRow;
  }

  /** The latency of one attempt. Throws a UsageError where it is beyond 104 days. */
  draw(random: () => Random, { from, to }: LatencyLink): Nanoseconds {
    const { mean, deviation } = this.#row(from);
    const place = this.#placeOf[to]!;
    return spreadAround(mean[place]!, deviation?.[place] ?? 0, random);
  }

  /** The share of the attempts of a link that are lost. */
  loss({ from, to }: LatencyLink): number {
    return this.#row(from).loss?.[this.#placeOf[to]!] ?? 0;
  }

  #row(node: number): PairRow {
    const place = this.#placeOf[node]!;
    let row = this.#rows.get(place);
    if (row === undefined) {
      row = this.#makeRow(place);
      this.#rows.set(place, row);
    }
    return row;
  }
}

/**
 * A latency from the log-normal distribution with that mean and that standard deviation ÷ mean, rounded up to the
 * nanosecond; with a deviation of 0 the mean itself, and nothing is drawn. Throws a UsageError beyond 104 days.
 */
export function spreadAround(mean: number, deviation: number, random: () => Random): Nanoseconds {
  if (deviation === 0) return Math.ceil(mean);
  const variance = Math.log1p(deviation * deviation);
  const drawn = mean * Math.exp(Math.sqrt(variance) * random().normal() - variance / 2);
  return checkTime(Math.ceil(drawn), 'a latency beyond it drawn by network.latency');
}
