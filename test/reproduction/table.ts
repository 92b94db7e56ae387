/** The tables of docs/reproduction.md, and those that it has in common with docs/studies.md. */
import { join } from 'node:path';
import { estimate, pairedDifference, signed } from '../../src/report/statistics.js';
import { type Claim, mean, verdictOf } from './claim.js';
import { claims } from './claims.js';
import { roundsTable } from './claims-deprl.js';
import { leastLossTable } from './claims-transference.js';
import { type Curves, readCsv } from './curves.js';

/** Tables that are not of accuracies. */
const OWN_TABLES: Readonly<Record<string, (curves: Curves) => string[]>> = {
  'deprl-rounds-small': roundsTable,
  'transference-data-small': leastLossTable,
};

/** Two variants of which the first minus the second is given, each at the scenario's point or behind `@` at another. */
export type Pair = readonly [string, string];

/** Pairs that the text compares, where no claim does. */
const PAIRS: Readonly<Record<string, readonly Pair[]>> = {
  'l2c-hundred-small': [
    ['true-groups', 'local-only'],
    ['true-groups', 'l2c'],
    ['l2c', 'd-psgd@adapted'],
  ],
  'mce-pl-small': [['mce-pl@adapted', 'd-psgd@adapted']],
  'mce-pl-classes-small': [3, 4, 5].flatMap((count): Pair[] => [
    [`classes-${count}-mce-pl`, `classes-${count}-d-psgd`],
    [`classes-${count}-mce-pl@adapted`, `classes-${count}-d-psgd@adapted`],
  ]),
};

/** The claims of a scenario with its results, as tables in Markdown between two markers. */
export function verdictTable(scenario: string, curves: Curves): string {
  const own = claims.filter((claim) => claim.scenario === scenario);
  return [
    beginning(scenario),
    ...(OWN_TABLES[scenario] ?? methodTable)(curves),
    ...pairTable(PAIRS[scenario] ?? [], curves),
    ...claimTable(
      'claim',
      own.filter(({ byConstruction }) => !byConstruction),
      curves,
    ),
    ...claimTable(
      'holds by construction',
      own.filter(({ byConstruction }) => byConstruction),
      curves,
    ),
    END,
  ].join('\n');
}

function claimTable(title: string, own: readonly Claim[], curves: Curves): string[] {
  if (own.length === 0) return [];
  const rows = own.map((claim) => {
    const { holds, figure } = verdictOf(claim, curves);
    const seeds = claim.seeds ? ` (seeds ${seedsText(claim.seeds)})` : '';
    return `| ${claim.says}${seeds} | ${claim.expected} | ${figure} | ${holds ? 'holds' : '**does not hold**'} |`;
  });
  return [
    `| ${title} (seeds ${seedsText(curves.seeds)}) | expected | got: mean ± interval (least … most) | |`,
    '|---|---|---|---|',
    ...rows,
    '',
  ];
}

/** `1 to 5`. */
export function seedsText(seeds: readonly number[]): string {
  const isRow = seeds.every((seed, i) => seed === seeds[0]! + i);
  return isRow && seeds.length > 2 ? `${seeds[0]} to ${seeds.at(-1)}` : seeds.join(', ');
}

/** What others are compared with: the first of these that there is. */
const REFERENCES = ['local-only', 'local-weights', 'independent', 'isolated'];

/** How far above the reference the relative target lies. */
const ABOVE = 0.02;

/** Runs of other scenarios that had to come before: by variant, or the method in its name; their bytes are added. */
const EARLIER: Readonly<Record<string, { scenario: string; variant: string; seed: string }>> = {
  'meta-l2c-frozen': { scenario: 'l2c-small', variant: 'meta-l2c', seed: '1' },
  'frozen-encoder': { scenario: 'l2c-small', variant: 'meta-l2c', seed: '1' },
};

/** By variant: accuracy at both points of a round, against the reference, and what it took; where accuracy was measured. */
export function methodTable(curves: Curves): string[] {
  const first = curves.variants[0]!;
  if (curves.rounds(first, curves.seeds[0]!, 'accuracy-mean').length === 0) return [];
  const reference = REFERENCES.find((name) => curves.variants.includes(name));
  const against: Column[] = reference
    ? [[`against ${reference}, pp`, (variant) => difference(curves, variant, reference)]]
    : [];
  const target: Column[] = reference
    ? [[`to ${reference} + 2 pp`, (variant) => price(curves, variant, reference)]]
    : [];
  const columns: Column[] = [
    [`variant (seeds ${seedsText(curves.seeds)})`, (variant) => variant],
    ['adapted, %', (variant) => accuracyAt(curves, variant, 'accuracy-mean', 'adapted')],
    ['mixed, %', (variant) => accuracyAt(curves, variant, 'accuracy-mean', 'mixed')],
    ['worst node, %', (variant) => interval(percents(curves, variant, 'accuracy-worst'))],
    ...against,
    ['gradient steps', (variant) => rounded(mean(numbers(curves, variant, 'gradient_steps')))],
    ['passes', (variant) => rounded(mean(numbers(curves, variant, 'passes')))],
    ['GFLOP', (variant) => figure(mean(numbers(curves, variant, 'flops')) / 1e9)],
    ['sent, MB', (variant) => sent(curves, variant)],
    ...target,
  ];
  const used = columns
    .map(([title, cell]) => [title, ...curves.variants.map(cell)])
    .filter(([, ...cells]) => cells.some((text) => text !== '–'));
  const line = (row: number) => `| ${used.map((column) => column[row]).join(' | ')} |`;
  return [line(0), `|${'---|'.repeat(used.length)}`, ...curves.variants.map((_, v) => line(v + 1)), ''];
}

/** Paired differences; pairs of which a variant was not run are left out. */
export function pairTable(pairs: readonly Pair[], curves: Curves): string[] {
  if (pairs.length === 0) return [];
  const rows = pairs.flatMap(([first, second]) => {
    const [a, b] = [first, second].map((name) => namedPercents(curves, name));
    return a && b ? [`| ${describe(first)} − ${describe(second)} | ${paired(a, b)} |`] : [];
  });
  return ['| paired difference | pp |', '|---|---|', ...rows, ''];
}

const describe = (name: string): string => name.replace(/@(.*)$/, ' ($1)');

/** Accuracies by seed, for `variant` or `variant@mixed`. */
function namedPercents(curves: Curves, name: string): number[] | undefined {
  const [variant, point] = name.split('@') as [string, 'adapted' | 'mixed' | undefined];
  if (!curves.variants.includes(variant)) return undefined;
  const metric = 'accuracy-mean';
  return percents(curves, variant, point ? curves.metricAt(variant, metric, point)! : metric);
}

/** A column of a table: its title, and what it says of a variant; `–` for nothing. */
type Column = [title: string, cell: (variant: string) => string];

export function accuracyAt(
  curves: Curves,
  variant: string,
  metric: string,
  point: 'adapted' | 'mixed',
): string {
  const name = curves.metricAt(variant, metric, point);
  if (name === undefined) return '–';
  const text = interval(percents(curves, variant, name));
  // The point that the scenario reports.
  return name === metric ? `**${text}**` : text;
}

/** Paired over the seeds, at the point that the scenario reports. */
function difference(curves: Curves, variant: string, reference: string): string {
  if (variant === reference) return '–';
  const metric = 'accuracy-mean';
  return paired(percents(curves, variant, metric), percents(curves, reference, metric));
}

/** `+1.7 ± 0.9 (5/5)`: the mean of the differences seed by seed, its interval, and how many have its sign. */
export function paired(values: readonly number[], others: readonly number[]): string {
  const { mean: centre, margin, agree, count } = pairedDifference(values, others);
  const value = signed(centre, 1);
  return Number.isNaN(margin) ? value : `${value} ± ${margin.toFixed(1)} (${agree}/${count})`;
}

/** Bytes and virtual time until the accuracy was first two points above the last one of the reference. */
export function price(curves: Curves, variant: string, reference: string): string {
  const reached = curves.seeds.flatMap((seed) => {
    const goal = curves.at(reference, seed, 'accuracy-mean') + ABOVE;
    const rounds = curves.rounds(variant, seed, 'accuracy-mean');
    const round = rounds.find((one) => curves.at(variant, seed, 'accuracy-mean', { round: one }) >= goal);
    if (round === undefined || curves.rounds(variant, seed, 'sent-bytes').length === 0) return [];
    return [
      {
        bytes: curves.at(variant, seed, 'sent-bytes', { round }),
        time: curves.at(variant, seed, 'time', { round }),
      },
    ];
  });
  if (reached.length === 0) return '–';
  const some = reached.length < curves.seeds.length ? ` (${reached.length}/${curves.seeds.length})` : '';
  const bytes = megabytes(mean(reached.map((one) => one.bytes)));
  return `${bytes} MB, ${figure(mean(reached.map((one) => one.time)))} s${some}`;
}

/** Bytes sent, and those of the run that had to come before. */
export function sent(curves: Curves, variant: string): string {
  const own = megabytes(mean(numbers(curves, variant, 'sent_bytes')));
  const method = Object.keys(EARLIER).find((name) => variant === name || variant.startsWith(`${name}-`));
  const earlier = EARLIER[method ?? ''];
  if (!earlier) return own;
  const rows = readCsv(join('results', 'papers', earlier.scenario, 'runs.csv'));
  const run = rows.find((row) => row.variant === earlier.variant && row.seed === earlier.seed);
  return `${own} + ${megabytes(Number(run!.sent_bytes))} before`;
}

function numbers(curves: Curves, variant: string, column: string): number[] {
  return curves.runsOf(variant).map((run) => Number(run[column]));
}

const rounded = (value: number): string => Math.round(value).toLocaleString('en');

/** Last values of a share, in percent, by seed. */
export function percents(curves: Curves, variant: string, metric: string): number[] {
  return curves.seeds.map((seed) => 100 * curves.at(variant, seed, metric));
}

/** `87.1 ± 0.9`: the mean over seeds and its 95 % confidence interval. */
function interval(values: readonly number[]): string {
  const { mean: centre, margin } = estimate(values);
  return Number.isNaN(margin) ? centre.toFixed(1) : `${centre.toFixed(1)} ± ${margin.toFixed(1)}`;
}

/** Three digits. */
function figure(value: number): string {
  return value >= 100 ? rounded(value) : Number(value.toPrecision(3)).toString();
}

export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 1);
}

/** The document with the tables of these scenarios put between their markers. */
export function withTables(document: string, tables: ReadonlyMap<string, string>): string {
  let text = document;
  for (const [scenario, table] of tables) {
    const start = text.indexOf(beginning(scenario));
    if (start < 0) continue;
    const end = text.indexOf(END, start) + END.length;
    text = text.slice(0, start) + table + text.slice(end);
  }
  return text;
}

export const END = '<!-- end -->';

export function beginning(scenario: string): string {
  return `<!-- ${scenario} -->`;
}
