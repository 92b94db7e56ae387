/**
 * Reads the network graph of Shadow (https://shadow.github.io/docs/guide/network_graph_spec.html): GML with the bandwidths of
 * hosts at nodes, and latency and packet loss of edges.
 */
import { quoted } from '../../errors.js';
import type { NamedFile } from '../../files/named-file.js';
import type { BitsPerSecond, Nanoseconds } from '../../units.js';
import { MAX_BANDWIDTH } from '../sharing/arithmetic.js';
import { GmlList } from './gml-list.js';
import { type GraphLink, type GraphPlace, PlaceGraph } from './place-graph.js';

/** Nanoseconds of each unit of time; without a unit it is a second. */
const TIMES: readonly (readonly [pattern: RegExp, ns: number])[] = [
  [/^(ns|nanoseconds?)$/, 1],
  [/^([uµμ]s|microseconds?)$/, 1e3],
  [/^(ms|milliseconds?)$/, 1e6],
  [/^(s|secs?|seconds?|)$/, 1e9],
  [/^(m|mins?|minutes?)$/, 60e9],
  [/^(h|hrs?|hours?)$/, 3600e9],
];

/** Bits per second of each unit of bandwidth. */
const BANDWIDTHS: readonly (readonly [pattern: RegExp, bits: number])[] = [
  [/^bits?$/, 1],
  [/^([kK]|[kK]ilo)bits?$/, 1e3],
  [/^(M|[mM]ega)bits?$/, 1e6],
  [/^(G|[gG]iga)bits?$/, 1e9],
  [/^(T|[tT]era)bits?$/, 1e12],
  [/^(Ki|[kK]ibi)bits?$/, 2 ** 10],
  [/^(Mi|[mM]ebi)bits?$/, 2 ** 20],
  [/^(Gi|[gG]ibi)bits?$/, 2 ** 30],
  [/^(Ti|[tT]ebi)bits?$/, 2 ** 40],
];

/** The graph of a file. Throws a UsageError with file and line. */
export function readShadowGraph(text: string, file: NamedFile): PlaceGraph {
  const top = GmlList.read(text, file);
  const [graph] = top.lists('graph');
  if (graph === undefined) return top.refuse('expected graph [ … ], got none');
  const indices = new Map<number | string, number>();
  const places = graph.lists('node').map((node, index): GraphPlace => {
    const id = node.value('id') ?? node.refuse('expected an id of the node, got none');
    if (indices.has(id)) node.refuse(`expected an id of its own for every node, got ${id} a second time`);
    indices.set(id, index);
    return {
      name: String(id),
      labels: ['label', 'city_code', 'country_code'].flatMap((name) => String(node.value(name) ?? '') || []),
      uplink: bandwidthOf(node, 'host_bandwidth_up', 'bandwidth_up'),
      downlink: bandwidthOf(node, 'host_bandwidth_down', 'bandwidth_down'),
    };
  });
  if (places.length === 0) graph.refuse('expected nodes, got none');
  const links = graph.lists('edge').flatMap((edge): GraphLink[] => {
    const end = (name: string) =>
      indices.get(edge.value(name) ?? '') ??
      edge.refuse(`expected the id of a node as ${name}, got ${edge.value(name) ?? 'none'}`);
    const link = { from: end('source'), to: end('target'), latency: latencyOf(edge), loss: lossOf(edge) };
    return graph.value('directed') === 1 ? [link] : [link, { ...link, from: link.to, to: link.from }];
  });
  return new PlaceGraph(places, links);
}

/** Above zero, as Shadow wants it. */
function latencyOf(edge: GmlList): Nanoseconds {
  const given = edge.value('latency') ?? edge.refuse('expected a latency of the edge, got none');
  const latency = Math.ceil(quantity(given, TIMES));
  if (latency > 0 && Number.isSafeInteger(latency)) return latency;
  return edge.refuse(`expected a latency above zero, such as "10 ms", got ${quoted(String(given))}`);
}

function lossOf(edge: GmlList): number {
  const loss = edge.value('packet_loss') ?? 0;
  if (typeof loss === 'number' && loss >= 0 && loss <= 1) return loss;
  return edge.refuse(`expected a packet_loss from 0 to 1, got ${quoted(String(loss))}`);
}

function bandwidthOf(node: GmlList, ...names: readonly string[]): BitsPerSecond | undefined {
  const given = node.value(...names);
  if (given === undefined) return undefined;
  const bandwidth = quantity(given, BANDWIDTHS);
  if (Number.isInteger(bandwidth) && bandwidth >= 1 && bandwidth <= MAX_BANDWIDTH) return bandwidth;
  const expected = `expected ${names[0]} in whole bits per second, at most 9000 Gbit, such as "100 Mbit"`;
  return node.refuse(`${expected}, got ${quoted(String(given))}`);
}

/** A number with one of the units; NaN for anything else. */
function quantity(given: number | string, units: typeof TIMES): number {
  const [, number, unit] = /^\s*(\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*([a-zA-Zµμ]*)\s*$/.exec(String(given)) ?? [];
  const factor = units.find(([pattern]) => unit !== undefined && pattern.test(unit))?.[1] ?? Number.NaN;
  return Number((Number(number) * factor).toPrecision(15));
}
