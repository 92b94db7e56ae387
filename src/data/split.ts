/** The type of the entries of the list of splits, and functions that several splits use. */
import { assert, UsageError } from '../errors.js';
import { byNumber, roundToTotal, sum } from '../numbers.js';
import type { Entry } from '../options/index.js';
import type { Random } from '../random.js';
import type { Dataset, Shard, View } from './dataset.js';

/** What a split receives besides its options. @public */
export interface SplitContext {
  readonly dataset: Dataset;
  /** Learners, at least 1. */
  readonly nodes: number;
  /** The stream of that name within the split; the same object for the same name. */
  readonly random: (name?: string) => Random;
  /** Share of each node's training rows that is held out for validation, 0 ≤ share < 1. */
  readonly validation: number;
  /**
   * Directory of the scenario, against which relative paths in the options are resolved.
   * @defaultValue the current one
   */
  readonly directory?: string;
}

/**
 * How the rows of a data set are distributed, one shard per node. Law: training and validation rows of all nodes are
 * disjoint rows of [0, train), test rows are rows of [train, train + test), lists ascend, every node has a training
 * row, and the same options and streams give the same shards. The share of validation rows changes no other draw. A
 * view refers only to an attribute, labels and features that the data set has. The rows that it `deals` are all dealt.
 * @public
 */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export interface Split<Options = any> extends Entry<Options> {
  /** The shard of each node. Throws UsageError if the data do not allow what the options request. */
  split(options: Options, context: SplitContext): Shard[];
  /**
   * Which training rows the nodes have together, validation rows included.
   * @defaultValue all of them
   */
  deals?(options: Options, context: Pick<SplitContext, 'nodes'>): Dealt;
}

/**
 * Training rows that a split deals out: all; all of every class of which a node has a row; so many; any, as a file
 * says, for instance; or some `repeatedly`, to several nodes each.
 * @public
 */
export type Dealt = 'all' | 'whole-classes' | 'any' | 'repeatedly' | number;

/** What is wrong with the number of rows that the shards have together; undefined if they have all that were `dealt`. */
export function faultOfDealing(
  shards: readonly Shard[],
  { train, labels, attributes = 1 }: Dataset,
  dealt: Dealt,
): string | undefined {
  if (dealt === 'any' || dealt === 'repeatedly') return undefined;
  const own = new Set(shards.flatMap((shard) => [...shard.train, ...shard.validation]));
  if (typeof dealt === 'number')
    return own.size === dealt
      ? undefined
      : `expected ${dealt} training rows on all nodes together, got ${own.size}`;
  const labelOf = (row: number) => labels[row * attributes]!;
  const classes = new Set([...own].map(labelOf));
  for (let row = 0; row < train; row++)
    if (!own.has(row) && (dealt === 'all' || classes.has(labelOf(row))))
      return `expected every training row${dealt === 'all' ? '' : ' of the classes that nodes have'} on a node, but row ${row} is on none`;
  return undefined;
}

/**
 * Makes shards from each node's own rows: holds out validation rows, and sorts. `own[i]` and `test[i]` are in any order;
 * `views[i]` is undefined if node i sees its rows as they are stored. Throws UsageError for an impossible validation share.
 */
export function toShards(
  own: readonly Uint32Array[],
  test: readonly Uint32Array[],
  context: SplitContext,
  views: ReadonlyArray<View | undefined> = [],
): Shard[] {
  const { validation, random } = context;
  assert(own.length === test.length, 'every node has training and test rows');
  if (!(validation >= 0 && validation < 1)) {
    throw new UsageError(
      'bad-validation',
      `expected a share of validation rows of at least 0% and below 100%, got ${validation * 100}%`,
      'data.validation',
    );
  }
  return own.map((rows, node) => {
    // Decimal shares are meant exactly: 29 % of 100 rows are 29, though 0.29 × 100 is slightly less.
    const validationCount = Math.floor(Number((validation * rows.length).toPrecision(12)));
    const sorted = ascending(rows);
    const view = views[node];
    const rest = { test: ascending(test[node]!), ...(view && { view }) };
    if (validationCount === 0) return { train: sorted, validation: new Uint32Array(), ...rest };
    const shuffled = random(`node ${node}/validation`).shuffle(sorted.slice());
    return {
      train: ascending(shuffled.slice(validationCount)),
      validation: ascending(shuffled.slice(0, validationCount)),
      ...rest,
    };
  });
}

/** The rows [from, from + length). */
export function rowRange(from: number, length: number): Uint32Array {
  return Uint32Array.from({ length }, (_, k) => from + k);
}

/** Every row of the test part. */
export function testRows({ train, test }: Dataset): Uint32Array {
  return rowRange(train, test);
}

/** Rows by class (by the first attribute), of the training part or of the test part; each ascending. */
export function rowsByClass(dataset: Dataset, part: 'train' | 'test'): Uint32Array[] {
  const from = part === 'train' ? 0 : dataset.train;
  const to = part === 'train' ? dataset.train : dataset.train + dataset.test;
  const { labels, classes, attributes = 1 } = dataset;
  const rows: number[][] = Array.from({ length: classes }, () => []);
  for (let row = from; row < to; row++) rows[labels[row * attributes]!]!.push(row);
  return rows.map((list) => Uint32Array.from(list));
}

/** How many of some rows each class has (by the first attribute). */
export function countLabels(rows: Iterable<number>, { labels, classes, attributes = 1 }: Dataset): number[] {
  const counts = Array<number>(classes).fill(0);
  for (const row of rows) counts[labels[row * attributes]!]! += 1;
  return counts;
}

/**
 * Distributes `rows` over `nodes` nodes at random. If `samples` is undefined, every row is used, in shares that differ by
 * at most one row, the larger ones first; otherwise each node gets that many. Throws a UsageError at `path` if there are
 * too few; `what` says in it which rows they are.
 */
export function dealRows(
  rows: Uint32Array,
  request: {
    readonly nodes: number;
    readonly samples: number | undefined;
    readonly what: string;
    readonly path: string;
  },
  random: Random,
): Uint32Array[] {
  const { nodes, samples, what, path } = request;
  if ((samples ?? 1) * nodes > rows.length) {
    throw new UsageError(
      'too-few-samples',
      `expected at most ${Math.floor(rows.length / nodes)} samples for each of ${nodes} nodes ` +
        `(there are ${rows.length} ${what}), got ${samples ?? 'at least 1'}`,
      path,
    );
  }
  const shuffled = random.shuffle(rows);
  const size = samples ?? Math.floor(rows.length / nodes);
  const larger = samples === undefined ? rows.length % nodes : 0;
  let from = 0;
  return Array.from({ length: nodes }, (_, node) => {
    const part = shuffled.slice(from, from + size + (node < larger ? 1 : 0));
    from += part.length;
    return part;
  });
}

/** Throws UsageError if the data have no classes. */
export function requireClasses(dataset: Dataset, split: string): void {
  if (dataset.classes > 0) return;
  throw new UsageError(
    'no-classes',
    `expected data with classes for the split "${split}", got "${dataset.id}", which has none`,
    'data.split.use',
  );
}

/** Throws UsageError if there are fewer training rows than nodes. */
export function requireRows({ dataset, nodes }: SplitContext): void {
  if (dataset.train >= nodes) return;
  throw new UsageError(
    'too-few-samples',
    `expected at least one training sample for each of ${nodes} nodes, got ${dataset.train}`,
    'data.train',
  );
}

/** Whole numbers that add up to `total`, in proportion to weights that are ≥ 0 and not all 0: {@link roundToTotal}. */
export function apportion(total: number, weights: readonly number[]): number[] {
  const all = sum(weights);
  assert(all > 0 && Number.isFinite(all), `apportion needs weights with a finite sum above 0, got ${all}`);
  return roundToTotal(
    weights.map((weight) => (total * weight) / all),
    total,
  );
}

function ascending(rows: Uint32Array): Uint32Array {
  // Rows that ascend already are not copied: many nodes may have the same test rows.
  for (let k = 1; k < rows.length; k++) {
    if (rows[k]! <= rows[k - 1]!) return rows.slice().sort(byNumber);
  }
  return rows;
}
