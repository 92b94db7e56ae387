/** The tables of docs/reproduction.md. */
import { claims } from './claims.js';
import type { Curves } from './curves.js';

/** What the results of a scenario say of its claims, as a table in Markdown between two markers. */
export function verdictTable(scenario: string, curves: Curves): string {
  const rows = claims
    .filter((claim) => claim.scenario === scenario)
    .map((claim) => {
      const { holds, figure } = claim.check(curves);
      return `| ${claim.says} | ${claim.expected} | ${figure} | ${holds ? 'holds' : '**does not hold**'} |`;
    });
  return [
    beginning(scenario),
    `| claim (seeds ${curves.seeds.join(', ')}) | expected | got: mean (least … most) | |`,
    '|---|---|---|---|',
    ...rows,
    END,
  ].join('\n');
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

const END = '<!-- end -->';

function beginning(scenario: string): string {
  return `<!-- ${scenario} -->`;
}
