/** The tables of docs/reproduction.md. */
import { mean } from './claim.js';
import { claims } from './claims.js';
import type { Curves } from './curves.js';

/** The claims of a scenario with its results, as a table in Markdown between two markers. */
export function verdictTable(scenario: string, curves: Curves): string {
  const rows = claims
    .filter((claim) => claim.scenario === scenario)
    .map((claim) => {
      const { holds, figure } = claim.check(curves);
      return `| ${claim.says} | ${claim.expected} | ${figure} | ${holds ? 'holds' : '**does not hold**'} |`;
    });
  return [
    beginning(scenario),
    ...accuracyTable(curves),
    `| claim (seeds ${curves.seeds.join(', ')}) | expected | got: mean (least … most) | |`,
    '|---|---|---|---|',
    ...rows,
    END,
  ].join('\n');
}

/** Last accuracies and bytes by variant, where accuracy was measured. */
function accuracyTable(curves: Curves): string[] {
  const first = curves.seeds[0]!;
  if (curves.rounds(curves.variants[0]!, first, 'accuracy-mean').length === 0) return [];
  const rows = curves.variants.map((variant) => {
    const all = (metric: string) => curves.seeds.map((seed) => curves.at(variant, seed, metric));
    const share = (metric: string) => interval(all(metric).map((value) => 100 * value));
    const cells = [
      variant,
      share('accuracy-mean'),
      share('accuracy-worst'),
      megabytes(mean(all('values-bytes'))),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| variant | accuracy, mean over nodes, % | worst node, % | values sent, MB |',
    '|---|---|---|---|',
    ...rows,
    '',
  ];
}

/** Two-sided 95 % quantiles of Student's t for 1, 2, … degrees of freedom. */
const STUDENT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

/** `87.1 ± 0.9`: the mean over seeds and its 95 % confidence interval. */
export function interval(values: readonly number[]): string {
  const centre = mean(values);
  const freedom = values.length - 1;
  if (freedom === 0) return centre.toFixed(1);
  const variance = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / freedom;
  const half = STUDENT[Math.min(freedom, STUDENT.length) - 1]! * Math.sqrt(variance / values.length);
  return `${centre.toFixed(1)} ± ${half.toFixed(1)}`;
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
