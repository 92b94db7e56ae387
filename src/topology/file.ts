/** A topology from a file: edge list, GraphML, GEXF or GML. */
import { readFileSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { z } from 'zod';
import { quoted, UsageError } from '../errors.js';
import { directedGraph, type Edge } from './edges.js';
import type { TopologyEntry } from './entry.js';
import { readEdgeList } from './files/edge-list.js';
import { readGml } from './files/gml-graph.js';
import { type FileEdge, type FileGraph, fileError } from './files/read-graph.js';
import { readGexf, readGraphml } from './files/xml-graph.js';

/** Formats by the endings of files. */
const ENDINGS: Readonly<Record<string, 'gexf' | 'graphml' | 'gml'>> = {
  '.gexf': 'gexf',
  '.graphml': 'graphml',
  '.gml': 'gml',
};

/** How far above 1 rounding may take the sum of the weights into a node. */
const ROUNDING = 1e-9;

const options = z.strictObject({
  path: z.string().min(1).describe('the file; a relative path starts from the folder of the scenario'),
  format: z
    .enum(['edges', 'gexf', 'graphml', 'gml'])
    .optional()
    .describe('default: by the ending, .gexf, .graphml or .gml; every other file is a list of edges'),
  directed: z
    .boolean()
    .default(false)
    .describe(
      'whether a list of edges has a link from the first node of a line to the second only; other formats say so themselves',
    ),
  weights: z
    .boolean()
    .default(false)
    .describe(
      'whether the weights of edges are mixing weights, for `mixing: edge-weights`; default: they are passed over',
    ),
});

type Options = z.output<typeof options>;

/**
 * The nodes of the file get the numbers from 0 on: by their ids where these are all whole numbers, else in the order of their
 * ids by code units.
 */
export const file: TopologyEntry<Options> = {
  id: 'file',
  description: 'the graph in a file: a list of edges, GraphML, GEXF or GML',
  options,
  build(chosen, { nodes, directory = '.' }) {
    const text = textOf(resolve(directory, chosen.path), chosen.path);
    const read = readAs(text, chosen);
    const numbers = numbersOf(read, nodes, chosen.path);
    const links = linksOf(read.edges, numbers, chosen);
    if (chosen.weights) checkWeights(read.edges, numbers, { nodes, path: chosen.path });
    return directedGraph(nodes, links);
  },
};

function textOf(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is none' : String(error);
    throw new UsageError(
      'no-file',
      `expected a file ${quoted(name)} that can be read: ${reason}`,
      'topology.path',
    );
  }
}

function readAs(text: string, { path, format, directed }: Options): FileGraph {
  switch (format ?? ENDINGS[extname(path).toLowerCase()]) {
    case 'gexf':
      return readGexf(text, path);
    case 'graphml':
      return readGraphml(text, path);
    case 'gml':
      return readGml(text, path);
    default:
      return readEdgeList(text, path, directed);
  }
}

/** The number of each node by its id. */
function numbersOf({ nodes: listed, edges }: FileGraph, nodes: number, path: string): Map<string, number> {
  const lines = new Map<string, number>();
  for (const { id, line } of listed ?? []) {
    if (lines.has(id)) throw fileError(path, line, `expected every node once, got ${quoted(id)} again`);
    lines.set(id, line);
  }
  for (const { from, to, line } of edges) {
    for (const id of [from, to]) {
      if (lines.has(id)) continue;
      if (listed)
        throw fileError(path, line, `expected an edge between nodes of the file, got ${quoted(id)}`);
      lines.set(id, line);
    }
  }
  const ids = [...lines.keys()];
  const areNumbers = ids.every((id) => /^(0|[1-9]\d{0,14})$/.test(id));
  // A list of edges cannot name nodes without neighbours, but their numbers can be missing.
  if (!listed && areNumbers && ids.every((id) => Number(id) < nodes))
    return new Map(ids.map((id) => [id, Number(id)]));
  if (ids.length !== nodes) {
    throw new UsageError(
      'wrong-size',
      `expected as many nodes as ${quoted(path)} has, ${ids.length}, got ${nodes}: set nodes: ${ids.length}`,
      'nodes',
    );
  }
  ids.sort(areNumbers ? (a, b) => Number(a) - Number(b) : (a, b) => (a < b ? -1 : 1));
  return new Map(ids.map((id, number) => [id, number]));
}

/** Every link once. */
function linksOf(
  edges: readonly FileEdge[],
  numbers: ReadonlyMap<string, number>,
  { path, weights }: Options,
): Edge[] {
  const lines = new Map<string, number>();
  return edges.flatMap(({ from, to, isDirected, weight, line }): Edge[] => {
    const [a, b] = [numbers.get(from)!, numbers.get(to)!];
    if (a === b)
      throw fileError(
        path,
        line,
        `expected an edge between two nodes, got one from ${quoted(from)} to itself`,
      );
    if (weights && weight === undefined)
      throw fileError(path, line, 'expected a weight, since weights: true');
    if (weights && !(weight! > 0)) throw fileError(path, line, `expected a weight above 0, got ${weight}`);
    const both = isDirected ? [[a, b] as const] : [[a, b] as const, [b, a] as const];
    return both.map(([one, other]): Edge => {
      const key = `${one}>${other}`;
      const before = lines.get(key);
      if (before !== undefined) {
        throw fileError(
          path,
          line,
          `expected every link once, got that from ${quoted(from)} to ${quoted(to)} or back again, which line ${before} has`,
        );
      }
      lines.set(key, line);
      return weights ? [one, other, weight] : [one, other];
    });
  });
}

/** What is left of a row stays with the node, so there must be something left. */
function checkWeights(
  edges: readonly FileEdge[],
  numbers: ReadonlyMap<string, number>,
  { nodes, path }: { readonly nodes: number; readonly path: string },
): void {
  const sums = new Float64Array(nodes);
  const add = (id: string, weight: number, line: number) => {
    const node = numbers.get(id)!;
    sums[node]! += weight;
    if (sums[node]! > 1 + ROUNDING)
      throw fileError(
        path,
        line,
        `expected weights into node ${quoted(id)} that add up to at most 1, got ${sums[node]}`,
      );
  };
  for (const { from, to, isDirected, weight, line } of edges) {
    add(to, weight!, line);
    if (!isDirected) add(from, weight!, line);
  }
}
