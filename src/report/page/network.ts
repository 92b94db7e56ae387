/** The network of a run: its links, when they were there, what they carried, and where its nodes are drawn. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ColumnTable } from '../../page/data.js';
import type { Nanoseconds } from '../../units.js';
import type { TableGroup } from './group.js';
import { layout } from './layout.js';
import { readRecords } from './read-records.js';
import { samplingTable } from './sampling.js';

/** Links up to which a page has each of them, and changes of the topology. */
const LINKS_MAX = 250_000;
const CHANGES_MAX = 150_000;
/** Blocks of nodes into which links are added up where there are more. */
const BLOCKS = 250;

/** A directed link and what was sent over it. */
interface Link {
  readonly from: number;
  readonly to: number;
  messages: number;
  sent: number;
  delivered: number;
}

/** A link that is there from a time on, with its mixing weight (NaN: none is stated), or is gone. */
interface Change {
  readonly time: Nanoseconds;
  readonly from: number;
  readonly to: number;
  readonly there: boolean;
  readonly weight: number;
}

/**
 * `links`: `from`, `to`, `messages`, `sent_bytes`, `delivered_bytes` of each link that was used, or, of very many, sums over
 * blocks of nodes, whose size is `block`. `topology`: the changes of topology.csv, `time_ns`, `from`, `to`, `there`, `weight`.
 * `layout`: `node`, `x`, `y`. `network-sampling`: of which of these there are not all rows.
 */
export const networkTables: TableGroup = ({ folder, summary }) => {
  const { nodes: learners } = summary.scenario;
  let nodes = typeof learners === 'number' ? learners : 0;
  const links = readLinks(join(folder, 'traffic.csv'));
  const topology = readTopology(join(folder, 'topology.csv'), summary.time_ns);
  for (const { from, to } of [...links, ...topology.first]) nodes = Math.max(nodes, from + 1, to + 1);
  const { kept, all } = topology;
  return {
    links: linkTable(links, nodes),
    topology: changeTable(kept),
    layout: layoutTable(nodes, links, topology.first),
    ...samplingTable('network-sampling', [{ table: 'topology', kept: kept.length, all }]),
  };
};

function readLinks(path: string): Link[] {
  const links = new Map<string, Link>();
  if (!existsSync(path)) return [];
  const columns = ['from', 'to', 'sent_messages', 'sent_bytes', 'delivered_bytes'];
  for (const [from, to, messages, sent, delivered] of readRecords(path, columns)) {
    const key = `${from}>${to}`;
    let link = links.get(key);
    if (link === undefined) {
      link = { from: Number(from), to: Number(to), messages: 0, sent: 0, delivered: 0 };
      links.set(key, link);
    }
    link.messages += Number(messages);
    link.sent += Number(sent);
    link.delivered += Number(delivered);
  }
  return [...links.values()];
}

function linkTable(links: readonly Link[], nodes: number): ColumnTable {
  if (links.length > LINKS_MAX) return blockTable(links, Math.ceil(nodes / BLOCKS));
  return {
    length: links.length,
    columns: { ...sums(links), block: new Int32Array(links.length).fill(1) },
  };
}

function blockTable(links: readonly Link[], size: number): ColumnTable {
  const blocks = new Map<string, Link>();
  for (const { from, to, messages, sent, delivered } of links) {
    const [row, column] = [Math.floor(from / size), Math.floor(to / size)];
    const key = `${row}>${column}`;
    const block = blocks.get(key) ?? {
      ...{ from: row * size, to: column * size },
      ...{ messages: 0, sent: 0, delivered: 0 },
    };
    block.messages += messages;
    block.sent += sent;
    block.delivered += delivered;
    blocks.set(key, block);
  }
  const list = [...blocks.values()];
  return { length: list.length, columns: { ...sums(list), block: new Int32Array(list.length).fill(size) } };
}

function sums(links: readonly Link[]): ColumnTable['columns'] {
  return {
    from: Int32Array.from(links, ({ from }) => from),
    to: Int32Array.from(links, ({ to }) => to),
    messages: Float64Array.from(links, ({ messages }) => messages),
    sent_bytes: Float64Array.from(links, ({ sent }) => sent),
    delivered_bytes: Float64Array.from(links, ({ delivered }) => delivered),
  };
}

/** The changes that a page has, how many there are, and the first of each link. */
interface Topology {
  readonly kept: readonly Change[];
  readonly all: number;
  readonly first: readonly Change[];
}

function readTopology(path: string, end: Nanoseconds): Topology {
  const kept: Change[] = [];
  const first = new Map<string, Change>();
  let all = 0;
  if (!existsSync(path)) return { kept, all, first: [] };
  for (const change of changesIn(path)) {
    all++;
    const key = keyOf(change);
    if (!first.has(key)) first.set(key, change);
    if (all <= CHANGES_MAX) kept.push(change);
  }
  const sampled = all > CHANGES_MAX ? atMoments(path, end, momentsFor(first.size)) : kept;
  return { kept: sampled, all, first: [...first.values()] };
}

/** How often links can be told of without too many changes. */
const momentsFor = (links: number) => Math.max(1, Math.floor(CHANGES_MAX / links));

/** What has changed at the beginning, and since then at so many moments as far from each other. */
function atMoments(path: string, end: Nanoseconds, moments: number): Change[] {
  const kept: Change[] = [];
  const pending = new Map<string, Change>();
  const told = new Map<string, Change>();
  let moment = 0;
  const tell = () => {
    const time = (end * moment) / moments;
    for (const [key, change] of pending) {
      const last = told.get(key);
      told.set(key, change);
      const isSame = last?.there === change.there && Object.is(last.weight, change.weight);
      if (!isSame && (last || change.there)) kept.push({ ...change, time });
    }
    pending.clear();
  };
  for (const change of changesIn(path)) {
    while (moment < moments && change.time > (end * moment) / moments) {
      tell();
      moment++;
    }
    pending.set(keyOf(change), change);
  }
  tell();
  return kept;
}

function* changesIn(path: string): Generator<Change> {
  const columns = ['time_ns', 'change', 'from', 'to', 'weight'];
  for (const [time, change, from, to, weight] of readRecords(path, columns))
    yield {
      time: Number(time),
      from: Number(from),
      to: Number(to),
      there: change === 'add',
      weight: weight === '' ? Number.NaN : Number(weight),
    };
}

const keyOf = ({ from, to }: Change) => `${from}>${to}`;

function changeTable(changes: readonly Change[]): ColumnTable {
  return {
    length: changes.length,
    columns: {
      time_ns: Float64Array.from(changes, ({ time }) => time),
      from: Int32Array.from(changes, ({ from }) => from),
      to: Int32Array.from(changes, ({ to }) => to),
      there: Uint8Array.from(changes, ({ there }) => Number(there)),
      weight: Float64Array.from(changes, ({ weight }) => Math.fround(weight)),
    },
  };
}

/** Nodes lie the nearer the more they send to each other. */
function layoutTable(nodes: number, used: readonly Link[], known: readonly Change[]): ColumnTable {
  const sent = used.reduce((sum, link) => sum + link.sent, 0);
  const edges =
    sent > 0
      ? used.map((link) => ({ from: link.from, to: link.to, weight: (link.sent / sent) * used.length }))
      : known.map(({ from, to }) => ({ from, to, weight: 1 }));
  const { x, y } = layout(nodes, edges);
  return { length: nodes, columns: { node: Int32Array.from(x.keys()), x, y } };
}
