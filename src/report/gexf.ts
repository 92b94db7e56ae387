/** A network that changes over time, as GEXF 1.3 for Gephi. */
import type { Nanoseconds } from '../units.js';

/** A number that holds from a time to a time. */
export interface Period {
  readonly start: Nanoseconds;
  readonly end: Nanoseconds;
  readonly value: number | undefined;
}

/** A link, and the periods in which it is there, with its weights. */
interface DynamicLink {
  readonly from: number;
  readonly to: number;
  readonly periods: readonly Period[];
}

/** A network over time. */
export interface DynamicNetwork {
  /** By node, what is shown of it, by the name of the figure. */
  readonly nodes: ReadonlyArray<Readonly<Record<string, readonly Period[]>>>;
  readonly links: readonly DynamicLink[];
}

/** The text of a GEXF file. Times are virtual, in seconds. */
export function formatGexf({ nodes, links }: DynamicNetwork): string {
  const figures = [...new Set(nodes.flatMap((node) => Object.keys(node)))];
  const attributes = figures.map(
    (name, k) => `      <attribute id="${k}" title="${escaped(name)}" type="double"/>`,
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<gexf xmlns="http://gexf.net/1.3" version="1.3">',
    '  <graph mode="dynamic" defaultedgetype="directed" timeformat="double" timerepresentation="interval">',
    ...(figures.length > 0
      ? ['    <attributes class="node" mode="dynamic">', ...attributes, '    </attributes>']
      : []),
    '    <attributes class="edge" mode="dynamic">',
    '      <attribute id="weight" title="Weight" type="double"/>',
    '    </attributes>',
    '    <nodes>',
    ...nodes.flatMap((node, id) => [
      `      <node id="${id}" label="${id}">`,
      ...valuesOf(Object.entries(node).map(([name, periods]) => [String(figures.indexOf(name)), periods])),
      '      </node>',
    ]),
    '    </nodes>',
    '    <edges>',
    ...links.flatMap(({ from, to, periods }) => [
      `      <edge id="${from}-${to}" source="${from}" target="${to}">`,
      ...valuesOf([['weight', periods]]),
      '        <spells>',
      ...joined(periods).map((period) => `          <spell ${interval(period)}/>`),
      '        </spells>',
      '      </edge>',
    ]),
    '    </edges>',
    '  </graph>',
    '</gexf>',
    '',
  ].join('\n');
}

function valuesOf(figures: ReadonlyArray<readonly [id: string, periods: readonly Period[]]>): string[] {
  const values = figures.flatMap(([id, periods]) =>
    periods.flatMap((period) =>
      period.value === undefined
        ? []
        : [`          <attvalue for="${id}" value="${period.value}" ${interval(period)}/>`],
    ),
  );
  return values.length > 0 ? ['        <attvalues>', ...values, '        </attvalues>'] : [];
}

/** Periods that follow each other as one. */
function joined(periods: readonly Period[]): Pick<Period, 'start' | 'end'>[] {
  const spells: Array<{ start: Nanoseconds; end: Nanoseconds }> = [];
  for (const { start, end } of periods) {
    const last = spells.at(-1);
    if (last?.end === start) last.end = end;
    else spells.push({ start, end });
  }
  return spells;
}

const interval = ({ start, end }: Pick<Period, 'start' | 'end'>) =>
  `start="${start / 1e9}" end="${end / 1e9}"`;

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
