/** The tables of the benchmark, as Markdown. */
import { estimate, type PairedDifference, signed } from '../../src/report/statistics.js';
import { seedsText } from '../reproduction/table.js';
import type { Price, WorldResults } from './results.js';

/** What others are compared with. */
const REFERENCE = 'local-only';

/** By accuracy: all methods of a world. `target`: percent, where bytes and time to it are the question. */
export function worldTable(results: WorldResults, target: number | undefined): string[] {
  const goal = goalOf(results, target);
  const sorted = [...results.variants].sort((a, b) => centre(results, b) - centre(results, a));
  const carried = results.variants.some((variant) => results.mean(variant, 'framing_bytes') > 0);
  const rows = sorted.map((variant, place) => {
    const point = results.pointOf(variant);
    const other = results.accuracies(variant, point === 'adapted' ? 'mixed' : 'adapted');
    return [
      place + 1,
      variant,
      interval(results.accuracies(variant)!),
      point,
      other === undefined ? '–' : interval(other),
      interval(results.worst(variant)),
      variant === REFERENCE ? '–' : differenceText(results.difference(variant, REFERENCE)),
      results.mean(variant, 'passes').toFixed(0),
      megabytes(results.mean(variant, 'sent_bytes')),
      ...(carried
        ? [
            megabytes(results.mean(variant, 'framing_bytes')),
            results.mean(variant, 'retried_messages').toFixed(0),
          ]
        : []),
      seconds(results.mean(variant, 'time_ns') / 1e9),
      priceText(results.prices(variant, goal)),
    ];
  });
  const titles = [
    '',
    `method (seeds ${seedsText(results.seeds)})`,
    'accuracy, %',
    'point',
    'at the other point, %',
    'worst node, %',
    `against ${REFERENCE}, pp`,
    'passes',
    'sent, MB',
    ...(carried ? ['of it packets, MB', 'sent again, messages'] : []),
    'time, s',
    target === undefined ? 'sent until 2 pp above training alone' : `sent until ${target} %`,
  ];
  return markdown(titles, rows);
}

/** Percent that has to be reached, by seed: the target, or two points above where the reference ends. */
function goalOf(results: WorldResults, target: number | undefined): (seed: number) => number {
  const reference = results.accuracies(REFERENCE)!;
  return (seed) => target ?? reference[results.seeds.indexOf(seed)]! + 2;
}

/** A column of the table of all worlds. */
interface Column {
  readonly title: string;
  readonly results: WorldResults;
  /** It counts for no rank. */
  readonly control?: boolean;
}

/**
 * Methods in rows, worlds in columns. Bold: not to be told from the best of the column, since the paired interval of the
 * difference has 0 in it. Those that are so in most worlds come first, then those of the better mean rank; worlds that are controls do
 * not count. `partners`: with whom the nodes of a method talk. `controls`: no methods but what they are compared with; they are
 * neither ranked nor bold, and come last. `most`: how many rows, besides those that are shown always.
 */
export function leaderboard(
  columns: readonly Column[],
  partners: (variant: string) => string,
  controls: readonly string[] = [],
  most = Number.POSITIVE_INFINITY,
  always: readonly string[] = [],
): string[] {
  const counting = columns.filter(({ control }) => !control);
  if (counting.length === 0) return [];
  const common = columns[0]!.results.variants.filter(
    (variant) =>
      !controls.includes(variant) && columns.every(({ results }) => results.variants.includes(variant)),
  );
  const ranks = columns.map(({ results }) => ranksIn(results, common));
  const isCounting = columns.map(({ control }) => !control);
  const sum = (of: (place: number) => number) =>
    columns.reduce((total, _, place) => total + (isCounting[place] ? of(place) : 0), 0);
  const tops = (variant: string) => sum((place) => (ranks[place]!.get(variant)!.isTop ? 1 : 0));
  const rank = (variant: string) => sum((place) => ranks[place]!.get(variant)!.rank);
  const ranked = [...common].sort((a, b) => tops(b) - tops(a) || rank(a) - rank(b));
  const shown = ranked.filter((variant, place) => place < most || always.includes(variant));
  const rows = shown.map((variant) => [
    variant,
    partners(variant),
    ...columns.map(({ results }, place) => {
      const text = interval(results.accuracies(variant)!);
      return ranks[place]!.get(variant)!.isTop ? `**${text}**` : text;
    }),
  ]);
  const references = controls.map((variant) => [
    `*${variant}*`,
    partners(variant),
    ...columns.map(({ results }) =>
      results.variants.includes(variant) ? interval(results.accuracies(variant)!) : '–',
    ),
  ]);
  return markdown(
    ['method', 'talks to', ...columns.map(({ title }) => title)],
    [...rows, ...references.filter(([, , ...cells]) => cells.some((cell) => cell !== '–'))],
  );
}

/** Of each method: its rank, and whether it is not to be told from the best. */
function ranksIn(results: WorldResults, variants: readonly string[]) {
  const sorted = [...variants].sort((a, b) => centre(results, b) - centre(results, a));
  const best = sorted[0]!;
  const isTop = (variant: string) => {
    if (variant === best) return true;
    const { mean, margin } = results.difference(best, variant);
    return !(mean - margin > 0);
  };
  return new Map(sorted.map((variant, place) => [variant, { rank: place + 1, isTop: isTop(variant) }]));
}

/** What no other method beats in both accuracy and bytes, from the cheapest to the best. */
function paretoFront(results: WorldResults): string[] {
  const cost = (variant: string) => results.mean(variant, 'sent_bytes');
  return results.variants
    .filter((one) =>
      results.variants.every(
        (other) => other === one || cost(other) > cost(one) || centre(results, other) < centre(results, one),
      ),
    )
    .sort((a, b) => cost(a) - cost(b));
}

export function frontTable(results: WorldResults): string[] {
  const rows = paretoFront(results).map((variant) => [
    variant,
    megabytes(results.mean(variant, 'sent_bytes')),
    seconds(results.mean(variant, 'time_ns') / 1e9),
    interval(results.accuracies(variant)!),
  ]);
  return markdown(['none is better and sends less', 'sent, MB', 'time, s', 'accuracy, %'], rows);
}

/** Options of which at least so many values were tried; of two values, either is an edge. */
const VALUES = 3;

/**
 * Where the best setting has the lowest or the highest value that was tried, so that one farther out might be better: by how many points it
 * is above the next value, on the rows that it was tuned on and with the first two seeds.
 */
export function edgesTable(worlds: readonly Column[]): string[] {
  const found = new Map<string, string[]>();
  for (const { title, results } of worlds)
    for (const variant of results.variants) {
      const trials = results.tuning.filter((row) => row.variant === variant);
      const best = trials.find(({ is_best }) => is_best === '1')!;
      const first = trials.filter(({ seeds }) => seeds === '2');
      for (const option of Object.keys(best).filter((name) => name.startsWith('algorithm.'))) {
        const values = [...new Set(first.map((row) => Number(row[option])))].sort((a, b) => a - b);
        const place = values.indexOf(Number(best[option]));
        if (values.length < VALUES || (place > 0 && place < values.length - 1)) continue;
        const top = (value: number) =>
          Math.max(...first.filter((row) => Number(row[option]) === value).map(({ mean }) => Number(mean)));
        const gain = 100 * (top(values[place]!) - top(values[place === 0 ? 1 : place - 1]!));
        const key = `${variant} | ${option.slice('algorithm.'.length)} ${best[option]}`;
        found.set(key, [...(found.get(key) ?? []), `${title} (${signed(gain, 1)})`]);
      }
    }
  return markdown(
    ['method', 'best at the edge', 'in (points above the next value)'],
    [...found].map(([key, where]) => [...key.split(' | '), where.join(', ')]),
  );
}

const centre = (results: WorldResults, variant: string) => estimate(results.accuracies(variant)!).mean;

export function markdown(
  titles: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string[] {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(titles), `|${'---|'.repeat(titles.length)}`, ...rows.map(line), ''];
}

/** `+1.7 ± 0.9 (9/10)`: the mean of the differences, its interval, and how many have its sign. */
export function differenceText({ mean, margin, agree, count }: PairedDifference): string {
  return Number.isNaN(margin)
    ? signed(mean, 1)
    : `${signed(mean, 1)} ± ${margin.toFixed(1)} (${agree}/${count})`;
}

/** `87.1 ± 0.9` */
function interval(values: readonly number[]): string {
  const { mean, margin } = estimate(values);
  return Number.isNaN(margin) ? mean.toFixed(1) : `${mean.toFixed(1)} ± ${margin.toFixed(1)}`;
}

/** Means over the seeds if all got there, else how many did: a mean of these alone would be that of the lucky ones. */
function priceText(prices: readonly (Price | undefined)[]): string {
  const reached = prices.filter((price) => price !== undefined);
  if (reached.length === 0) return '–';
  if (reached.length < prices.length) return `${reached.length} of ${prices.length} seeds`;
  const mean = (of: (price: Price) => number) =>
    reached.reduce((sum, price) => sum + of(price), 0) / reached.length;
  return `${megabytes(mean(({ bytes }) => bytes))} MB, ${seconds(mean((price) => price.seconds))} s`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e7 ? 2 : bytes < 1e9 ? 1 : 0);
}

function seconds(value: number): string {
  return value.toFixed(value < 100 ? 1 : 0);
}
