/** The committed results of a paper's scenario: curves.csv, runs.csv and mixing.csv, made of the results of many runs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
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
  'trace',
  'params',
  'stopped',
  'rounds',
  'time_ns',
  'sent_bytes',
  'target_bytes',
  'target_time_ns',
] as const;

/** Rows of single nodes are kept in runs of at most this many nodes. */
const FEW_NODES = 4;
/** Metrics of pairs of nodes are kept in any case. */
const PAIRS = 'mask-overlap:';

/** Curves of all runs below `folder` (`<variant>/<seed>/metrics.csv`). */
export function pointsOf(folder: string): Point[] {
  return runsBelow(folder).flatMap(({ variant, seed, path }) => {
    const rows = readCsv(join(path, 'metrics.csv'));
    const isFew = new Set(rows.map(({ node }) => node)).size <= FEW_NODES + 1;
    return rows
      .filter(({ node, metric }) => isFew || node === '' || metric!.startsWith(PAIRS))
      .map((row) => ({
        variant,
        seed,
        round: Number(row.round),
        node: row.node === '' ? undefined : Number(row.node),
        metric: row.metric!,
        value: Number(row.value),
      }));
  });
}

/**
 * Mixing weights below `folder` where they have changed, as they stood at each measurement; a link that is left has
 * weight 0. To six digits where there are many nodes.
 */
export function weightsOf(folder: string): Weight[] {
  return runsBelow(folder).flatMap(({ variant, seed, path }) => {
    const times = readCsv(join(path, 'metrics.csv')).map((row) => [Number(row.time_ns), Number(row.round)]);
    const roundAt = (time: number) => times.find(([measured]) => measured! >= time)?.[1] ?? times.at(-1)![1]!;
    const changes = readCsv(join(path, 'topology.csv')).filter((row) => Number(row.time_ns) > 0);
    const last = new Map<string, Weight>();
    for (const row of changes) {
      const [round, from, to] = [roundAt(Number(row.time_ns)), Number(row.from), Number(row.to)];
      const exact = Number(row.weight);
      const weight = Math.max(from, to) < FEW_NODES ? exact : Number(exact.toPrecision(6));
      last.set(`${round} ${from} ${to}`, { variant, seed, round, from, to, weight });
    }
    return [...last.values()];
  });
}

/** One row per run, in the order of RUN_COLUMNS. */
export function runRowsOf(folder: string): (string | number)[][] {
  return runsBelow(folder).map(({ variant, seed, path }) => {
    const { fingerprints, stopped, rounds, time_ns, traffic, target } = JSON.parse(
      readFileSync(join(path, 'summary.json'), 'utf8'),
    );
    const reached = target?.reached ? [target.sent_bytes, target.time_ns] : ['', ''];
    const { trace, params } = fingerprints;
    return [variant, seed, trace, params, stopped, rounds, time_ns, traffic.bytes.sent, ...reached];
  });
}

/** The committed curves, and the figures that claims need from them. */
export class Curves {
  readonly points: readonly Point[];
  readonly weights: readonly Weight[];
  readonly variants: readonly string[];
  readonly seeds: readonly number[];
  readonly #at = new Map<string, number>();
  readonly #rounds = new Map<string, number[]>();

  constructor(points: readonly Point[], weights: readonly Weight[] = []) {
    this.points = points;
    this.weights = weights;
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

  /** All values in the order of the rounds. */
  series(variant: string, seed: number, metric: string, node?: number): number[] {
    return this.rounds(variant, seed, metric, node).map((round) =>
      this.at(variant, seed, metric, node === undefined ? { round } : { round, node }),
    );
  }

  /** W at a round: `uniform` 1/nodes before the first change; a node's own weight is the rest up to 1. */
  mixing(variant: string, seed: number, nodes: number, round = Infinity): number[][] {
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
  return new Curves(points, weights);
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

/** Result folders, by variant and then by seed; a scenario that compares nothing has the one variant `run`. */
function runsBelow(folder: string): { variant: string; seed: number; path: string }[] {
  const names = readdirSync(folder).sort();
  const variants = names.every((name) => /^\d+$/.test(name)) ? [{ variant: 'run', below: folder }] : [];
  if (variants.length === 0) {
    for (const name of names) variants.push({ variant: name, below: join(folder, name) });
  }
  return variants.flatMap(({ variant, below }) =>
    readdirSync(below)
      .map(Number)
      .sort((a, b) => a - b)
      .map((seed) => ({ variant, seed, path: join(below, String(seed)) })),
  );
}
