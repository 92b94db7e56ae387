/** `topology-file`: places and the links between them from a file, with latencies of shortest paths. */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { readNamedFile } from '../../files/named-file.js';
import { duration } from '../../options/index.js';
import type { Nanoseconds } from '../../units.js';
import { propagationSpeed } from './distance.js';
import type { LatencyContext, LatencyEntry, LatencyLink, NodeBandwidths } from './latency.js';
import { Pairs } from './pairs.js';
import type { PlaceGraph } from './place-graph.js';
import { placeOptions, placesFromFile } from './places.js';
import { readShadowGraph } from './shadow-graph.js';
import { readTopoHubGraph } from './topohub-graph.js';

const options = z.strictObject({
  file: z
    .string()
    .min(1)
    .describe(
      'GML with latencies, as for Shadow, or JSON with distances, as of TopoHub; relative to the scenario',
    ),
  ...placeOptions,
  kind: z
    .string()
    .min(1)
    .optional()
    .describe('only places of this `type` are dealt to nodes, such as "City"; default: all of the file'),
  speed: propagationSpeed()
    .prefault('200000km/s')
    .describe('how fast a signal travels where the file has distances: in fibre two thirds of light'),
  samePlace: duration()
    .optional()
    .describe('latency between two nodes of a place for which the file has no link from itself to itself'),
  bandwidths: z
    .boolean()
    .default(true)
    .describe(
      'whether nodes have the bandwidths of hosts in the file in place of network.uplink and network.downlink',
    ),
});

type Options = z.output<typeof options>;

/** Where the nodes are, and what is between them. */
interface Prepared {
  readonly pairs: Pairs;
  readonly loss: ((link: LatencyLink) => number) | undefined;
  readonly linksOf: ((node: number) => NodeBandwidths) | undefined;
}

/** Draws nothing. */
export const topologyFile: LatencyEntry<Options, Prepared> = {
  id: 'topology-file',
  description: 'shortest paths between places in a file of Shadow (GML) or TopoHub (JSON)',
  options,
  async prepare(given, context) {
    const file = { directory: context.directory, name: given.file, path: 'file' };
    const text = await readNamedFile(file);
    const isJson = text.trimStart().startsWith('{');
    const graph = isJson ? readTopoHubGraph(text, file, given.speed) : readShadowGraph(text, file);
    const placeOf = settled(graph, given, context);
    requireWays(graph, placeOf, given);
    const pairs = new Pairs(placeOf, (from) => {
      const { latency, loss } = graph.waysFrom(from);
      const own = graph.own(from);
      latency[from] = own?.latency ?? given.samePlace ?? 0;
      loss[from] = own?.loss ?? 0;
      return { mean: latency, loss };
    });
    return {
      pairs,
      loss: graph.losesAny ? (link) => pairs.loss(link) : undefined,
      linksOf: given.bandwidths ? (node) => graph.places[placeOf[node]!]! : undefined,
    };
  },
  draw: ({ pairs }, random, link) => pairs.draw(random, link),
  loss: ({ loss }) => loss,
  bandwidths: ({ linksOf }) => linksOf,
};

/** The place of each node, as an index into the places of the graph. */
function settled({ places }: PlaceGraph, given: Options, context: LatencyContext): Int32Array {
  const eligible = [...places.keys()].filter(
    (k) => given.kind === undefined || places[k]!.kind === given.kind,
  );
  if (eligible.length === 0) {
    const kinds = [...new Set(places.flatMap(({ kind }) => kind ?? []))].join(', ');
    throw new UsageError(
      'bad-places',
      `expected a type of the file (${kinds || 'it has none'}), got ${given.kind}`,
      'kind',
    );
  }
  const names = eligible.map((k) => places[k]!.name);
  const find = (name: string): number | undefined => {
    const byName = names.indexOf(name);
    if (byName >= 0) return byName;
    const labelled = [...eligible.keys()].filter((k) => places[eligible[k]!]!.labels.includes(name));
    return labelled.length === 1 ? labelled[0] : undefined;
  };
  return placesFromFile(given, { names, find }, context).map((k) => eligible[k]!);
}

/** Throws a UsageError where a node cannot be reached from another one. */
function requireWays(graph: PlaceGraph, placeOf: Int32Array, { file, samePlace }: Options): void {
  const residents = new Map<number, number>();
  for (const place of placeOf) residents.set(place, (residents.get(place) ?? 0) + 1);
  const refuse = (message: string): never => {
    throw new UsageError('bad-file', `${message}: ${file}`, 'file');
  };
  const check = (from: number, to: number, latency: Nanoseconds): void => {
    const [a, b] = [graph.places[from]!.name, graph.places[to]!.name];
    if (!Number.isFinite(latency)) refuse(`expected a path from ${a} to ${b}, got none`);
    if (!Number.isSafeInteger(latency)) refuse(`expected a path from ${a} to ${b} of at most 104 days`);
  };
  // All can reach each other where all reach one of them, and that one all of them.
  const hub = placeOf[0]!;
  const ways = graph.waysFrom(hub);
  const back = graph.reversed().waysFrom(hub);
  for (const [place, count] of residents) {
    check(hub, place, ways.latency[place]!);
    check(place, hub, back.latency[place]!);
    if (count > 1 && graph.own(place) === undefined && samePlace === undefined) {
      const { name } = graph.places[place]!;
      refuse(
        `expected a link from ${name} to itself for its ${count} nodes, or the option samePlace, got neither`,
      );
    }
  }
}
