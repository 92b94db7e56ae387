/** The committed results of a world of the benchmark: runs.csv, curves.csv and tuning.csv, made of the results of many runs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PairedDifference, pairedDifference } from '../../src/report/statistics.js';
import { readCsv } from '../reproduction/curves.js';

/** Which model of a method: `adapted`, after a node’s own training, `mixed`, after averaging, or one with a name of its own. */
type Point = string;

export const RUN_COLUMNS = [
  'variant',
  'seed',
  'scenario',
  'trace',
  'params',
  'measured_at',
  'stopped',
  'rounds',
  'time_ns',
  'sent_bytes',
  'values_bytes',
  'index_bytes',
  'header_bytes',
  'framing_bytes',
  'retried_messages',
  'gradient_steps',
  'passes',
  'flops',
] as const;

export const CURVE_COLUMNS = [
  'variant',
  'seed',
  'round',
  'time_ns',
  'sent_bytes',
  'point',
  'mean',
  'worst',
] as const;

/** A run whose results lie in a folder. */
interface FinishedRun {
  readonly variant: string;
  readonly seed: number;
  /** Digest of its scenario. */
  readonly key: string;
  readonly folder: string;
}

type Row = Readonly<Record<string, string | number>>;

/** The row of a run, by RUN_COLUMNS. */
export function runRow({ variant, seed, key, folder }: FinishedRun): Row {
  const { fingerprints, measured_at, stopped, rounds, time_ns, traffic, work, scenario } =
    readSummary(folder);
  // Of the rows of a node, those that its method holds out included.
  const share = 1 - Number.parseFloat(scenario.data.validation) / 100;
  const parts = Object.entries(traffic.parts).map(([part, bytes]) => [`${part}_bytes`, bytes]);
  return {
    ...{ variant, seed, scenario: key, ...fingerprints, measured_at, stopped, rounds, time_ns },
    ...{ sent_bytes: traffic.bytes.sent, ...Object.fromEntries(parts) },
    ...{ retried_messages: traffic.messages.retried, ...work, passes: work.passes! * share },
  };
}

/** The rows of a run’s measurements, by CURVE_COLUMNS. `metric`: `accuracy` or `global-accuracy`. */
export function curveRows({ variant, seed, folder }: FinishedRun, metric: string): Row[] {
  const { measured_at } = readSummary(folder);
  const rows = readCsv(join(folder, 'metrics.csv')).filter(({ node }) => node === '');
  const ofMetric = new RegExp(`^${metric}(?::(.+))?-mean$`);
  return rows.flatMap(({ metric: name, round, time_ns, value }) => {
    const found = ofMetric.exec(name!);
    if (found === null) return [];
    const [, label] = found;
    const same = (other: string) =>
      rows.find((row) => row.time_ns === time_ns && row.metric === other)?.value ?? '';
    return [
      {
        ...{ variant, seed, round: round!, time_ns: time_ns!, sent_bytes: same('sent-bytes') },
        ...{ point: label ?? measured_at, mean: value!, worst: same(name!.replace(/-mean$/, '-worst')) },
      },
    ];
  });
}

function readSummary(folder: string) {
  return JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as {
    readonly fingerprints: Readonly<Record<string, string>>;
    readonly measured_at: Point;
    readonly stopped: string;
    readonly rounds: number;
    readonly time_ns: number;
    readonly traffic: {
      readonly messages: { readonly retried: number };
      readonly bytes: { readonly sent: number };
      readonly parts: Readonly<Record<string, number>>;
    };
    readonly work: Readonly<Record<string, number>>;
    readonly scenario: { readonly data: { readonly validation: string } };
  };
}

/** What was spent until a goal was reached first. */
export interface Price {
  readonly bytes: number;
  readonly seconds: number;
}

/** The results of one world. */
export class WorldResults {
  readonly runs: readonly Readonly<Record<string, string>>[];
  readonly variants: readonly string[];
  readonly seeds: readonly number[];
  readonly tuning: readonly Readonly<Record<string, string>>[];
  readonly #curves = new Map<string, Record<string, string>[]>();

  /** `folder`: `results/benchmark/<world>`. `guest`: the results of one more method, which gets a name. */
  constructor(folder: string, guest?: { readonly folder: string; readonly variant: string }) {
    const read = (file: string): Record<string, string>[] => {
      const own = guest ? readCsv(join(guest.folder, file)) : [];
      return [...readCsv(join(folder, file)), ...own.map((row) => ({ ...row, variant: guest!.variant }))];
    };
    this.runs = read('runs.csv');
    this.tuning = read('tuning.csv');
    this.variants = [...new Set(this.runs.map(({ variant }) => variant!))];
    this.seeds = [...new Set(this.runs.map(({ seed }) => Number(seed)))].sort((a, b) => a - b);
    for (const row of read('curves.csv')) {
      const key = `${row.variant} ${row.seed} ${row.point}`;
      if (!this.#curves.has(key)) this.#curves.set(key, []);
      this.#curves.get(key)!.push(row);
    }
  }

  /** The rows of runs.csv, in the order of the seeds. */
  runsOf(variant: string): Readonly<Record<string, string>>[] {
    return this.seeds.map((seed) => {
      const run = this.runs.find((row) => row.variant === variant && Number(row.seed) === seed);
      if (run === undefined) throw new Error(`no run of ${variant} with seed ${seed}`);
      return run;
    });
  }

  /** The point of a round at which the best setting of a method was better on the rows that it was tuned on. */
  pointOf(variant: string): Point {
    const best = this.tuning.find((row) => row.variant === variant && row.is_best === '1');
    if (best === undefined) throw new Error(`no tuning of ${variant}`);
    return /:(.+)-mean$/.exec(best.metric!)?.[1] ?? this.runsOf(variant)[0]!.measured_at!;
  }

  /** Mean accuracies at the end, in percent, by seed; undefined where the method has no such models. */
  accuracies(variant: string, point = this.pointOf(variant)): number[] | undefined {
    return this.#last(variant, point, 'mean');
  }

  /** Those of the worst node. */
  worst(variant: string): number[] {
    return this.#last(variant, this.pointOf(variant), 'worst')!;
  }

  #last(variant: string, point: Point, column: 'mean' | 'worst'): number[] | undefined {
    const ends = this.seeds.map((seed) => this.#curve(variant, seed, point).at(-1));
    return ends.some((end) => end === undefined) ? undefined : ends.map((end) => 100 * Number(end![column]));
  }

  #curve(variant: string, seed: number, point: Point): readonly Readonly<Record<string, string>>[] {
    return this.#curves.get(`${variant} ${seed} ${point}`) ?? [];
  }

  /** The mean over seeds of a column of runs.csv. */
  mean(variant: string, column: (typeof RUN_COLUMNS)[number]): number {
    const values = this.runsOf(variant).map((run) => Number(run[column]));
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  }

  /** The first method minus the second, seed by seed, in points; each `variant` or `variant@mixed`. */
  difference(first: string, second: string): PairedDifference {
    const [a, b] = [first, second].map((name) => {
      const [variant, point] = name.split('@') as [string, Point | undefined];
      const values = this.accuracies(variant, point);
      if (values === undefined) throw new Error(`no ${point} models of ${variant}`);
      return values;
    });
    return pairedDifference(a!, b!);
  }

  /** By seed: what was spent until the accuracy first was `goal` percent, which may differ from seed to seed; undefined: never. */
  prices(variant: string, goal: (seed: number) => number): (Price | undefined)[] {
    const point = this.pointOf(variant);
    return this.seeds.map((seed) => {
      const row = this.#curve(variant, seed, point).find(({ mean }) => 100 * Number(mean) >= goal(seed));
      return row && { bytes: Number(row.sent_bytes), seconds: Number(row.time_ns) / 1e9 };
    });
  }
}
