/** The tables of docs/studies.md. */
import { join } from 'node:path';
import { mean } from './claim.js';
import { type Curves, readCsv, readCurves } from './curves.js';
import { beginning, END, interval, megabytes } from './table.js';

/** A scenario below scenarios/studies: it has tables and no claims. */
interface Study {
  readonly name: string;
  /** As the option `--seeds` takes them. */
  readonly seeds: string;
  /** Where every method is run under several conditions: the ends of the variants' names. */
  readonly conditions?: readonly string[];
}

const LOSSES = ['5', '20', '50'];

export const studies: readonly Study[] = [
  { name: 'methods', seeds: '101..105' },
  { name: 'fashion', seeds: '101..105' },
  {
    name: 'dropout',
    seeds: '101..102',
    conditions: [
      'calm',
      ...LOSSES.map((share) => `drop-${share}`),
      ...LOSSES.map((share) => `churn-${share}`),
    ],
  },
  {
    name: 'bandwidth',
    seeds: '101..102',
    conditions: ['1mbps', '10mbps', '100mbps'].flatMap((uplink) => [`${uplink}-fifo`, `${uplink}-fair`]),
  },
];

/** One run, as runs.csv has it. */
type Run = Readonly<Record<string, string>>;

/** The committed results of a study, as tables in Markdown between two markers. */
export function studyTables({ name, conditions }: Study): string {
  const folder = join('results', 'studies', name);
  const curves = readCurves(folder);
  const runs = readCsv(join(folder, 'runs.csv'));
  const tables = conditions ? conditionTables(conditions, curves, runs) : priceTable(curves, runs);
  return [beginning(name), ...tables, END].join('\n');
}

/** Accuracy, and what it took in bytes and virtual time. */
function priceTable(curves: Curves, runs: readonly Run[]): string[] {
  const rows = curves.variants.map((variant) => {
    const own = runs.filter((run) => run.variant === variant);
    const parts = ['values-bytes', 'index-bytes', 'header-bytes'].map((part) =>
      megabytes(mean(last(curves, variant, part))),
    );
    const cells = [
      variant,
      interval(percent(curves, variant, 'accuracy-mean')),
      interval(percent(curves, variant, 'accuracy-worst')),
      ofReached(own, (reached) => megabytes(mean(reached.map(({ target_bytes }) => Number(target_bytes))))),
      ...parts,
      seconds(own, 'time_ns'),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    `| method (seeds ${curves.seeds.join(', ')}) | accuracy, % | worst node, % | MB sent to 90 % | values, MB | indices, MB | headers, MB | virtual time, s |`,
    '|---|---|---|---|---|---|---|---|',
    ...rows,
  ];
}

/** One table per figure: methods in rows, conditions in columns. */
function conditionTables(conditions: readonly string[], curves: Curves, runs: readonly Run[]): string[] {
  const methods = curves.variants
    .filter((variant) => variant.endsWith(`-${conditions[0]}`))
    .map((variant) => variant.slice(0, -conditions[0]!.length - 1));
  const share = (variant: string, metric: string) => mean(percent(curves, variant, metric)).toFixed(1);
  const figures: [string, (variant: string, own: readonly Run[]) => string][] = [
    [
      'accuracy (worst node), %',
      (variant) => `${share(variant, 'accuracy-mean')} (${share(variant, 'accuracy-worst')})`,
    ],
    ['sent, MB', (_, own) => megabytes(mean(own.map(({ sent_bytes }) => Number(sent_bytes))))],
    ['virtual time, s', (_, own) => seconds(own, 'time_ns')],
  ];
  if (runs.some(({ target_bytes }) => target_bytes !== '')) {
    figures.push([
      'virtual time to 90 %, s',
      (_, own) => ofReached(own, (reached) => seconds(reached, 'target_time_ns')),
    ]);
  }
  return figures.flatMap(([title, figure]) => [
    `| ${title} (seeds ${curves.seeds.join(', ')}) | ${conditions.join(' | ')} |`,
    `|---|${'---|'.repeat(conditions.length)}`,
    ...methods.map((method) => {
      const cells = conditions.map((condition) => {
        const variant = `${method}-${condition}`;
        return figure(
          variant,
          runs.filter((run) => run.variant === variant),
        );
      });
      return `| ${method} | ${cells.join(' | ')} |`;
    }),
    '',
  ]);
}

function last(curves: Curves, variant: string, metric: string): number[] {
  return curves.seeds.map((seed) => curves.at(variant, seed, metric));
}

function percent(curves: Curves, variant: string, metric: string): number[] {
  return last(curves, variant, metric).map((value) => 100 * value);
}

function seconds(runs: readonly Run[], column: 'time_ns' | 'target_time_ns'): string {
  return mean(runs.map((run) => Number(run[column]) / 1e9)).toFixed(1);
}

/** The figure of the runs that reached their target, and how many did, unless all did. */
function ofReached(runs: readonly Run[], figure: (reached: readonly Run[]) => string): string {
  const reached = runs.filter(({ target_bytes }) => target_bytes !== '');
  if (reached.length === 0) return '–';
  const some = reached.length < runs.length ? ` (${reached.length} of ${runs.length} seeds)` : '';
  return `${figure(reached)}${some}`;
}
