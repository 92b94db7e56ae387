/** The laws of a topology entry, for the project's own entries and for users' ones. */
import { assert, UsageError } from '../errors.js';
import { Random } from '../random.js';
import { buildTopology } from '../topology/build.js';
import { components } from '../topology/components.js';
import type { TopologyEntry } from '../topology/entry.js';
import type { MixingRow } from '../topology/mixing/index.js';
import { mixingRows } from '../topology/mixing/index.js';
import { isSymmetric } from '../topology/neighbor-lists.js';
import type { Neighbors } from '../topology/neighbors.js';
import { spectralGap } from '../topology/spectral.js';

/** Which numbers of nodes were built, and which the entry refused, with its reason. */
export interface TopologyReport {
  readonly built: readonly number[];
  readonly refused: ReadonlyArray<{ readonly nodes: number; readonly reason: string }>;
}

const DEFAULT_SIZES = [1, 2, 3, 4, 7, 8, 16, 33];

/**
 * Checks that an entry keeps its contract at several numbers of nodes: the same stream gives the same graph, edge keys
 * included; nodes are dense; neighbour lists are ascending, without self loops, and agree with each other; mixing rows
 * sum to 1, and under Metropolis–Hastings the columns too. A size that the entry refuses with a UsageError is reported,
 * not checked; at least one must be built. Throws AssertionError at the first broken law.
 *
 * @param choice.options - as in a scenario, without `use`; defaults are filled in
 * @param choice.sizes - numbers of nodes, by default 1, 2, 3, 4, 7, 8, 16 and 33
 */
export function testTopology(
  entry: TopologyEntry,
  choice: { readonly options?: unknown; readonly sizes?: readonly number[] } = {},
): TopologyReport {
  const options = entry.options.parse(choice.options ?? {});
  const built: number[] = [];
  const refused: Array<{ nodes: number; reason: string }> = [];
  for (const nodes of choice.sizes ?? DEFAULT_SIZES) {
    try {
      checkSize(entry, options, nodes);
      built.push(nodes);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      refused.push({ nodes, reason: error.message });
    }
  }
  assert(
    built.length > 0,
    `topology "${entry.id}": expected a graph at one size at least, got: ${refused[0]?.reason}`,
  );
  return { built, refused };
}

function checkSize(entry: TopologyEntry, options: unknown, nodes: number): void {
  const where = `topology "${entry.id}" with ${nodes} nodes`;
  const build = () =>
    buildTopology(entry, options, { nodes, random: new Random('conformance'), allowDisconnected: true });
  const { graph, neighbors } = build();
  assert(
    JSON.stringify(graph.export()) === JSON.stringify(build().graph.export()),
    `${where}: expected the same graph from the same stream, edge keys and order included`,
  );
  checkLists(neighbors, where);
  assert(
    graph.type !== 'undirected' || isSymmetric(neighbors),
    `${where}: an undirected graph has every link both ways`,
  );
  const members = components(neighbors).reduce((sum, component) => sum + component.length, 0);
  assert(members === nodes, `${where}: every node is in one component`);
  checkRows(mixingRows(neighbors, 'uniform'), neighbors, where);
  if (!isSymmetric(neighbors)) return;
  const rows = mixingRows(neighbors, 'metropolis-hastings');
  checkRows(rows, neighbors, where);
  for (const [node, sum] of columnSums(rows, neighbors).entries()) {
    assert(
      Math.abs(sum - 1) < 1e-12,
      `${where}: column ${node} of Metropolis–Hastings sums to ${sum}, not 1`,
    );
  }
  const gap = spectralGap(rows, neighbors);
  assert(gap > -1e-9 && gap <= 1, `${where}: expected a spectral gap between 0 and 1, got ${gap}`);
}

function checkLists(neighbors: Neighbors, where: string): void {
  const links = { out: new Set<string>(), in: new Set<string>() };
  for (let node = 0; node < neighbors.nodes; node++) {
    for (const side of ['out', 'in'] as const) {
      let last = -1;
      for (const other of neighbors[side][node]!) {
        assert(
          other > last && other < neighbors.nodes,
          `${where}: ${side}[${node}] ascends within the nodes`,
        );
        assert(other !== node, `${where}: node ${node} is not its own neighbour`);
        last = other;
        links[side].add(side === 'out' ? `${node}>${other}` : `${other}>${node}`);
      }
    }
  }
  assert(
    links.out.size === links.in.size && [...links.out].every((link) => links.in.has(link)),
    `${where}: what one node sends is what another receives`,
  );
}

function checkRows(rows: readonly MixingRow[], neighbors: Neighbors, where: string): void {
  for (const [node, row] of rows.entries()) {
    assert(
      row.neighbors.length === neighbors.in[node]!.length,
      `${where}: row ${node} has a weight for each neighbour`,
    );
    assert(
      row.self > 0 && row.neighbors.every((weight) => weight > 0),
      `${where}: the weights of row ${node} are above 0`,
    );
    const sum = row.neighbors.reduce((total, weight) => total + weight, 0) + row.self;
    assert(sum === 1, `${where}: row ${node} sums to ${sum}, not to exactly 1`);
  }
}

function columnSums(rows: readonly MixingRow[], neighbors: Neighbors): Float64Array {
  const sums = Float64Array.from(rows, (row) => row.self);
  for (const [node, row] of rows.entries()) {
    for (const [k, other] of neighbors.in[node]!.entries()) sums[other]! += row.neighbors[k]!;
  }
  return sums;
}
