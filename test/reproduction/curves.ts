/** The committed results of a paper's scenario: curves.csv, runs.csv and mixing.csv, made of the results of many runs. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One measured number of one run; `node` is undefined for a figure of the whole run. */
interface Point {
  readonly variant: string;
  readonly seed: number;
  readonly round: number;
  readonly node: number | undefined;
  readonly metric: string;
  readonly value: number;
}

/** From `round` on, `to` mixes what `from` sends with this weight. */
interface Weight {
  readonly variant: string;
  readonly seed: number;
  readonly round: number;
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}

export const CURVE_COLUMNS = ['variant', 'seed', 'round', 'node', 'metric', 'value'] as const;
export const MIXING_COLUMNS = ['variant', 'seed', 'round', 'from', 'to', 'weight'] as const;
export const RUN_COLUMNS = [
  'variant',
  'seed',
  'scenario',
  'trace',
  'params',
  'stopped',
  'rounds',
  'time_ns',
  'sent_bytes',
  'gradient_steps',
  'passes',
  'flops',
  'target_bytes',
  'target_time_ns',
  'measured_at',
] as const;

/** Rows of single nodes are kept in runs of at most this many nodes. */
const FEW_NODES = 4;
/** Metrics of pairs of nodes are kept in any case. */
const PAIRS = 'mask-overlap:';

/** A run whose results lie in a folder. */
interface FinishedRun {
  readonly variant: string;
  readonly seed: number;
  /** Digest of its scenario. */
  readonly key: string;
  readonly folder: string;
}

/** The curves of a run. */
export function pointsOf({ variant, seed, folder }: FinishedRun): Point[] {
  const rows = readCsv(join(folder, 'metrics.csv'));
  const isFew = new Set(rows.map(({ node }) => node)).size <= FEW_NODES + 1;
  const times = new Map(rows.map((row) => [Number(row.time_ns), Number(row.round)]));
  const ofRun = { variant, seed, node: undefined };
  return [
    ...[...times].map(([time, round]) => ({ ...ofRun, round, metric: 'time', value: time / 1e9 })),
    ...rows
      .filter(({ node, metric }) => isFew || node === '' || metric!.startsWith(PAIRS))
      .map((row) => ({
        variant,
        seed,
        round: Number(row.round),
        node: row.node === '' ? undefined : Number(row.node),
        metric: row.metric!,
        value: Number(row.value),
      })),
  ];
}

/**
 * The mixing weights of a run where they have changed, as they stood at each measurement; a link that is left has
 * weight 0. To six digits where there are many nodes.
 */
export function weightsOf({ variant, seed, folder }: FinishedRun): Weight[] {
  const times = readCsv(join(folder, 'metrics.csv')).map((row) => [Number(row.time_ns), Number(row.round)]);
  const roundAt = (time: number) => times.find(([measured]) => measured! >= time)?.[1] ?? times.at(-1)![1]!;
  const changes = readCsv(join(folder, 'topology.csv')).filter((row) => Number(row.time_ns) > 0);
  const last = new Map<string, Weight>();
  for (const row of changes) {
    const [round, from, to] = [roundAt(Number(row.time_ns)), Number(row.from), Number(row.to)];
    const exact = Number(row.weight);
    const weight = Math.max(from, to) < FEW_NODES ? exact : Number(exact.toPrecision(6));
    last.set(`${round} ${from} ${to}`, { variant, seed, round, from, to, weight });
  }
  return [...last.values()];
}

/** One row per run, by RUN_COLUMNS. */
export function runRowsOf({ variant, seed, key, folder }: FinishedRun): Record<string, string | number>[] {
  const summary = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'));
  const { fingerprints, stopped, rounds, time_ns, traffic, work, target, measured_at } = summary;
  const isReached = target?.reached === true;
  return [
    {
      variant,
      seed,
      scenario: key,
      ...fingerprints,
      stopped,
      rounds,
      time_ns,
      sent_bytes: traffic.bytes.sent,
      ...work,
      target_bytes: isReached ? target.sent_bytes : '',
      target_time_ns: isReached ? target.time_ns : '',
      measured_at,
    },
  ];
}

/** A row of runs.csv: one run. */
export type Run = Readonly<Record<string, string>>;

/** The committed curves, and the figures that claims need from them. */
export class Curves {
  readonly points: readonly Point[];
  readonly weights: readonly Weight[];
  readonly runs: readonly Run[];
  readonly variants: readonly string[];
  readonly seeds: readonly number[];
  readonly #at = new Map<string, number>();
  readonly #rounds = new Map<string, number[]>();

  constructor(points: readonly Point[], weights: readonly Weight[] = [], runs: readonly Run[] = []) {
    this.points = points;
    this.weights = weights;
    this.runs = runs;
    this.variants = [...new Set(points.map(({ variant }) => variant))];
    this.seeds = [...new Set(points.map(({ seed }) => seed))].sort((a, b) => a - b);
    for (const { variant, seed, round, node, metric, value } of points) {
      const line = `${variant} ${seed} ${metric} ${node}`;
      if (!this.#at.has(`${line} ${round}`)) {
        if (!this.#rounds.has(line)) this.#rounds.set(line, []);
        this.#rounds.get(line)!.push(round);
      }
      // The last measurement of a round counts.
      this.#at.set(`${line} ${round}`, value);
    }
  }

  /** The same with these seeds alone. */
  only(seeds: readonly number[]): Curves {
    const isWanted = ({ seed }: { readonly seed: number }) => seeds.includes(seed);
    const runs = this.runs.filter(({ seed }) => seeds.includes(Number(seed)));
    return new Curves(this.points.filter(isWanted), this.weights.filter(isWanted), runs);
  }

  /** The runs of a variant, in the order of the seeds. */
  runsOf(variant: string): readonly Run[] {
    const own = this.runs.filter((run) => run.variant === variant);
    return this.seeds.flatMap((seed) => own.filter((run) => Number(run.seed) === seed));
  }

  /**
   * The name of a metric of the models at a point of a round (`accuracy-mean` → `accuracy:mixed-mean`); undefined where the
   * variant has no such models.
   */
  metricAt(variant: string, metric: string, point: 'adapted' | 'mixed'): string | undefined {
    if (this.runsOf(variant)[0]?.measured_at === point) return metric;
    const other = metric.replace(/(-\w+)$/, `:${point}$1`);
    return this.rounds(variant, this.seeds[0]!, other).length > 0 ? other : undefined;
  }

  /** The value at a round, or the last one; throws where there is none. */
  at(variant: string, seed: number, metric: string, where: { round?: number; node?: number } = {}): number {
    const round = where.round ?? this.rounds(variant, seed, metric, where.node).at(-1);
    const value = this.#at.get(`${variant} ${seed} ${metric} ${where.node} ${round}`);
    if (value === undefined) {
      throw new Error(`no ${metric} of ${variant}, seed ${seed}, at round ${round}`);
    }
    return value;
  }

  /** Rounds at which it was measured, ascending. */
  rounds(variant: string, seed: number, metric: string, node?: number): readonly number[] {
    return this.#rounds.get(`${variant} ${seed} ${metric} ${node}`) ?? [];
  }

  /** All values in the order of the rounds; throws where there are none. */
  series(variant: string, seed: number, metric: string, node?: number): number[] {
    const rounds = this.rounds(variant, seed, metric, node);
    if (rounds.length === 0) throw new Error(`no ${metric} of ${variant}, seed ${seed}`);
    return rounds.map((round) =>
      this.at(variant, seed, metric, node === undefined ? { round } : { round, node }),
    );
  }

  /** W at a round: `uniform` 1/nodes before the first change; a node's own weight is the rest up to 1. */
  mixing(variant: string, seed: number, nodes: number, round = Infinity): number[][] {
    if (!this.variants.includes(variant)) throw new Error(`no results of ${variant}`);
    const mixing = Array.from({ length: nodes }, () => Array.from({ length: nodes }, () => 1 / nodes));
    for (const change of this.weights) {
      if (change.variant !== variant || change.seed !== seed || change.round > round) continue;
      mixing[change.to]![change.from] = change.weight;
    }
    return mixing.map((row, i) =>
      row.map((weight, j) =>
        i === j ? 1 - row.reduce((sum, w, k) => (k === i ? sum : sum + w), 0) : weight,
      ),
    );
  }
}

/** Reads `results/papers/<scenario>/`. */
export function readCurves(folder: string): Curves {
  const points = readCsv(join(folder, 'curves.csv')).map((row) => ({
    variant: row.variant!,
    seed: Number(row.seed),
    round: Number(row.round),
    node: row.node === '' ? undefined : Number(row.node),
    metric: row.metric!,
    value: Number(row.value),
  }));
  const file = join(folder, 'mixing.csv');
  const weights = (existsSync(file) ? readCsv(file) : []).map((row) => ({
    variant: row.variant!,
    seed: Number(row.seed),
    round: Number(row.round),
    from: Number(row.from),
    to: Number(row.to),
    weight: Number(row.weight),
  }));
  const table = join(folder, 'runs.csv');
  return new Curves(points, weights, existsSync(table) ? readCsv(table) : []);
}

/** Records of a CSV file of ours: no field of these is quoted. */
export function readCsv(file: string): Record<string, string>[] {
  const [header, ...lines] = readFileSync(file, 'utf8').trim().split(/\r?\n/);
  const columns = header!.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(columns.map((column, c) => [column, cells[c]!]));
  });
}
