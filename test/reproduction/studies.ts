/** The tables of docs/studies.md. */
import { join } from 'node:path';
import { mean } from './claim.js';
import { type Curves, type Run, readCurves } from './curves.js';
import {
  accuracyAt,
  beginning,
  END,
  megabytes,
  methodTable,
  type Pair,
  paired,
  pairTable,
  percents,
  price,
  seedsText,
  sent,
} from './table.js';

/** A scenario below scenarios/studies: it has tables and no claims. */
interface Study {
  readonly name: string;
  /** As the option `--seeds` takes them. */
  readonly seeds: string;
  /** Where every method is run under several conditions: the ends of the variants' names. */
  readonly conditions?: readonly string[];
  /** Variants that the text compares: the first minus the second, each at the study's point or behind `@` at another. */
  readonly pairs?: readonly Pair[];
}

/** What the texts on methods and fashion compare. */
const PAIRS = [
  ['l2c', 'd-psgd'],
  ['l2c', 'fedavg'],
  ['l2c-refit', 'l2c'],
  ['meta-l2c-frozen', 'l2c'],
  ['meta-l2c-frozen', 'd-psgd'],
  ['meta-l2c-frozen@mixed', 'local-only'],
  ['d-psgd', 'd-psgd@mixed'],
  ['fedavg', 'fedavg@mixed'],
  ['deprl', 'deprl@mixed'],
  ['fedrep', 'fedrep@mixed'],
  ['l2c', 'l2c@mixed'],
  ['d-psgd-top-k', 'd-psgd'],
] as const;

const LOSSES = ['5', '20', '50'];

export const studies: readonly Study[] = [
  { name: 'methods', seeds: '101..105', pairs: PAIRS },
  { name: 'fashion', seeds: '101..105', pairs: PAIRS },
  {
    name: 'dropout',
    seeds: '101..105',
    conditions: [
      'calm',
      ...LOSSES.map((share) => `drop-${share}`),
      ...LOSSES.map((share) => `churn-${share}`),
    ],
  },
  {
    name: 'bandwidth',
    seeds: '101..105',
    conditions: ['1mbps', '10mbps', '100mbps'].flatMap((uplink) => [`${uplink}-fifo`, `${uplink}-fair`]),
  },
];

/** The committed results of a study, as tables in Markdown between two markers. */
export function studyTables({ name, conditions, pairs = [] }: Study): string {
  const curves = readCurves(join('results', 'studies', name));
  const tables = conditions
    ? conditionTables(conditions, curves)
    : [...methodTable(curves), ...pairTable(pairs, curves), ...priceTable(curves)];
  return [beginning(name), ...tables, END].join('\n');
}

/** What the absolute target took, the parts of the bytes, and the time of the whole run. */
function priceTable(curves: Curves): string[] {
  const rows = curves.variants.map((variant) => {
    const own = curves.runsOf(variant);
    const parts = ['values-bytes', 'index-bytes', 'header-bytes'].map((part) =>
      megabytes(mean(curves.seeds.map((seed) => curves.at(variant, seed, part)))),
    );
    const cells = [
      variant,
      ofReached(own, (reached) => megabytes(mean(reached.map(({ target_bytes }) => Number(target_bytes))))),
      ofReached(own, (reached) => seconds(reached, 'target_time_ns')),
      ...parts,
      seconds(own, 'time_ns'),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| method | MB sent to 90 % | s to 90 % | values, MB | indices, MB | headers, MB | virtual time, s |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ];
}

/** A method under a condition. */
interface Cell {
  /** `<method>-<condition>`. */
  readonly variant: string;
  readonly method: string;
  readonly condition: string;
  /** The runs of the variant. */
  readonly own: readonly Run[];
}

/** One table per figure: methods in rows, conditions in columns. */
function conditionTables(conditions: readonly string[], curves: Curves): string[] {
  const methods = curves.variants
    .filter((variant) => variant.endsWith(`-${conditions[0]}`))
    .map((variant) => variant.slice(0, -conditions[0]!.length - 1));
  const worst = (variant: string) => mean(percents(curves, variant, 'accuracy-worst')).toFixed(1);
  const plain = (text: string) => text.replaceAll('**', '');
  const accuracy = (variant: string, point: 'adapted' | 'mixed') =>
    plain(accuracyAt(curves, variant, 'accuracy-mean', point));
  const figures: [string, (cell: Cell) => string][] = [
    [
      'accuracy adapted (worst node), %',
      ({ variant }) => `${accuracy(variant, 'adapted')} (${worst(variant)})`,
    ],
    ['accuracy mixed, %', ({ variant }) => accuracy(variant, 'mixed')],
    ['sent, MB', ({ variant }) => sent(curves, variant)],
    ['virtual time, s', ({ own }) => seconds(own, 'time_ns')],
  ];
  if (curves.runs.some(({ target_bytes }) => target_bytes !== '')) {
    figures.push([
      'virtual time to 90 %, s',
      ({ own }) => ofReached(own, (reached) => seconds(reached, 'target_time_ns')),
    ]);
  }
  figures.push([
    'sent and virtual time to local-only + 2 pp',
    ({ variant, condition }) => price(curves, variant, `local-only-${condition}`),
  ]);
  const against = (variant: string, other: string) =>
    variant === other
      ? '–'
      : paired(percents(curves, variant, 'accuracy-mean'), percents(curves, other, 'accuracy-mean'));
  if (conditions[0] === 'calm') {
    figures.push(
      ['accuracy adapted against calm, pp', ({ variant, method }) => against(variant, `${method}-calm`)],
      [
        'accuracy adapted against local-only, pp',
        ({ variant, condition }) => against(variant, `local-only-${condition}`),
      ],
    );
  }
  return figures.flatMap(([title, figure]) => {
    const cells = methods.map((method) =>
      conditions.map((condition) => {
        const variant = `${method}-${condition}`;
        return figure({ variant, method, condition, own: curves.runsOf(variant) });
      }),
    );
    if (cells.flat().every((cell) => cell === '–')) return [];
    return [
      `| ${title} (seeds ${seedsText(curves.seeds)}) | ${conditions.join(' | ')} |`,
      `|---|${'---|'.repeat(conditions.length)}`,
      ...methods.map((method, m) => `| ${method} | ${cells[m]!.join(' | ')} |`),
      '',
    ];
  });
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
