/** `matrix`: round-trip times between places, measured and listed in a file. */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { type CsvLine, readCsvFile } from '../../files/csv.js';
import { duration } from '../../options/index.js';
import type { Nanoseconds } from '../../units.js';
import type { LatencyEntry, LatencyLink } from './latency.js';
import { Pairs } from './pairs.js';
import { placeOptions, placesFromFile } from './places.js';

const options = z.strictObject({
  file: z
    .string()
    .min(1)
    .describe(
      'CSV file, relative to the scenario: columns from, to, rtt_ms and, if wanted, jitter_ms and loss',
    ),
  ...placeOptions,
  samePlace: duration()
    .optional()
    .describe('latency between two nodes of a place for which the file has no line from itself to itself'),
});

type Options = z.output<typeof options>;

/** What a line says of one way. */
interface Way {
  /** Nanoseconds. */
  readonly mean: number;
  /** Standard deviation ÷ mean. */
  readonly deviation: number;
  readonly loss: number;
}

/** Greatest round-trip time: a day. */
const RTT_MS_MAX = 86_400_000;

/** Where the nodes are, and what is between them. */
interface Prepared {
  readonly pairs: Pairs;
  readonly loss: ((link: LatencyLink) => number) | undefined;
}

/**
 * A latency is half of the round-trip time. `jitter_ms` is the standard deviation of the round-trip time, of which each way has
 * half the variance; latencies are then log-normal.
 */
export const matrix: LatencyEntry<Options, Prepared> = {
  id: 'matrix',
  description: 'half the round-trip times between places, from a file; nodes are dealt to the places',
  options,
  async prepare(given, context) {
    const named = { directory: context.directory, name: given.file, path: 'file' };
    const columns = { required: ['from', 'to', 'rtt_ms'], optional: ['jitter_ms', 'loss'] };
    const table = new Ways(await readCsvFile(named, columns), given.samePlace);
    const { names } = table;
    const find = (name: string) => (names.includes(name) ? names.indexOf(name) : undefined);
    const placeOf = placesFromFile(given, { names, find }, context);
    table.requireWays(placeOf, given.file);
    const pairs = new Pairs(placeOf, (from) => {
      const ways = names.map((_, to) => table.way(from, to));
      return {
        mean: Float64Array.from(ways, (way) => way?.mean ?? Number.NaN),
        deviation: Float64Array.from(ways, (way) => way?.deviation ?? 0),
        loss: Float64Array.from(ways, (way) => way?.loss ?? 0),
      };
    });
    return { pairs, loss: table.losesAny ? (link) => pairs.loss(link) : undefined };
  },
  draw: ({ pairs }, random, link) => pairs.draw(random, link),
  loss: ({ loss }) => loss,
};

/** The ways of a file, by the places at their ends. */
class Ways {
  /** In the order in which the file names them first. */
  readonly names: readonly string[];
  readonly losesAny: boolean;
  readonly #ways = new Map<string, Way>();
  readonly #samePlace: Nanoseconds | undefined;

  constructor(lines: readonly CsvLine[], samePlace: Nanoseconds | undefined) {
    const places = new Map<string, number>();
    const placeOf = (name: string) => places.get(name) ?? places.set(name, places.size).size - 1;
    for (const line of lines) {
      const [from, to] = [placeOf(line.text('from')), placeOf(line.text('to'))];
      const key = `${from}>${to}`;
      if (this.#ways.has(key))
        line.refuse(`expected one line from ${line.text('from')} to ${line.text('to')}, got a second one`);
      this.#ways.set(key, wayOf(line));
    }
    this.names = [...places.keys()];
    this.losesAny = [...this.#ways.values()].some(({ loss }) => loss > 0);
    this.#samePlace = samePlace;
  }

  /** A line of its own, or that of the other direction; undefined where there is neither. */
  way(from: number, to: number): Way | undefined {
    const known = this.#ways.get(`${from}>${to}`) ?? this.#ways.get(`${to}>${from}`);
    if (known !== undefined || from !== to || this.#samePlace === undefined) return known;
    return { mean: this.#samePlace, deviation: 0, loss: 0 };
  }

  /** Throws a UsageError where two nodes have no way between their places. */
  requireWays(placeOf: Int32Array, file: string): void {
    const residents = new Map<number, number>();
    for (const place of placeOf) residents.set(place, (residents.get(place) ?? 0) + 1);
    for (const from of residents.keys()) {
      for (const to of residents.keys()) {
        if (this.way(from, to) !== undefined || (from === to && residents.get(from) === 1)) continue;
        const names = `from ${this.names[from]} to ${this.names[to]}`;
        const remedy = from === to ? ', or the option samePlace' : '';
        throw new UsageError('bad-file', `expected a line ${names}${remedy}, got none: ${file}`, 'file');
      }
    }
  }
}

function wayOf(line: CsvLine): Way {
  const rtt =
    line.number('rtt_ms', { most: RTT_MS_MAX }) ?? line.refuse('expected an rtt_ms, got an empty cell');
  const jitter = line.number('jitter_ms', { most: RTT_MS_MAX }) ?? 0;
  if (rtt === 0 && jitter > 0) line.refuse(`expected no jitter_ms where rtt_ms is 0, got ${jitter}`);
  const mean = Number((rtt * 500_000).toPrecision(15));
  return {
    mean,
    deviation: jitter === 0 ? 0 : (Math.SQRT2 * jitter) / rtt,
    loss: line.number('loss', { most: 1 }) ?? 0,
  };
}
