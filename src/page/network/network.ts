/** The network of a run, as its views ask for it. */
import type { ColumnTable, PageData, PageRun, TextColumn } from '../data.js';
import { MessageLog } from './message-log.js';
import { type NodeSeries, seriesOf } from './series.js';
import { SpanLog } from './span-log.js';

/** What is known of the nodes of a run and of their links. */
export interface Network {
  readonly run: PageRun;
  /** Learners, and servers after them. */
  readonly nodes: number;
  readonly learners: number;
  /** Places of the nodes, within [−1, 1]. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** The group of each learner; undefined where there are none. */
  readonly group: Int32Array | undefined;
  readonly groups: number;
  /** What was measured of each node, by metric; that of the accuracy is the first, if there is one. */
  readonly series: ReadonlyMap<string, NodeSeries>;
  readonly topology: ColumnTable;
  readonly links: ColumnTable;
  /** Absent where the run has logged no spans. */
  readonly spans: SpanLog | undefined;
  readonly messages: MessageLog | undefined;
  readonly split: ColumnTable | undefined;
  /** Of tables that the page has in part: rows that it has, and all. */
  readonly sampled: ReadonlyMap<string, { readonly kept: number; readonly all: number }>;
}

const networks = new WeakMap<PageRun, Network>();

/** Whether the page has the networks of its runs. */
export function hasNetwork({ runs, tables }: PageData): boolean {
  return runs.every(({ index }) => tables[`${index}/layout`] !== undefined);
}

/** The network of a run; made once. */
export function networkOf({ tables }: PageData, run: PageRun): Network {
  const known = networks.get(run);
  if (known) return known;
  const table = (name: string): ColumnTable | undefined => tables[`${run.index}/${name}`];
  const layout = table('layout')!;
  const nodes = layout.length;
  const groups = table('groups');
  const group = groups && integers(groups, 'group');
  const spans = table('node-spans');
  const messages = table('message-spans');
  const network: Network = {
    run,
    nodes,
    learners: Math.min(nodes, run.nodes),
    x: numbers(layout, 'x'),
    y: numbers(layout, 'y'),
    group,
    groups: group ? group.reduce((most, one) => Math.max(most, one + 1), 0) : 0,
    series: seriesOf(table('metrics')!, nodes),
    topology: table('topology')!,
    links: table('links')!,
    spans: spans && new SpanLog(spans, nodes),
    messages: messages && new MessageLog(messages, run.end),
    split: table('split'),
    sampled: new Map(['network-sampling', 'span-sampling'].flatMap((name) => sampledIn(table(name)))),
  };
  networks.set(run, network);
  return network;
}

/** A column of numbers. */
export function numbers({ columns }: ColumnTable, name: string): Float64Array {
  return columns[name] as Float64Array;
}

/** A column of whole numbers. */
export function integers({ columns }: ColumnTable, name: string): Int32Array {
  return columns[name] as Int32Array;
}

/** A column of texts. */
function texts({ columns }: ColumnTable, name: string): TextColumn {
  return columns[name] as TextColumn;
}

function sampledIn(table: ColumnTable | undefined) {
  if (table === undefined) return [];
  const { dictionary, codes } = texts(table, 'table');
  const [kept, all] = [numbers(table, 'kept'), numbers(table, 'all')];
  return [...codes].map((code, row) => [dictionary[code]!, { kept: kept[row]!, all: all[row]! }] as const);
}

/** What a node is called. */
export function nodeName({ learners }: Pick<Network, 'learners'>, node: number): string {
  return node < learners ? `node ${node}` : `server ${node}`;
}
