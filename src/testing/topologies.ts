/** The laws of a topology entry, for our own entries and for those of users. */
import { assert, UsageError } from '../errors.js';
import { Random } from '../random.js';
import { buildTopology } from '../topology/build.js';
import { components } from '../topology/components.js';
import type { TopologyEntry } from '../topology/entry.js';
import type { MixingRow } from '../topology/mixing/index.js';
import { columnSums, mixingRows } from '../topology/mixing/index.js';
import { isSymmetric } from '../topology/neighbor-lists.js';
import type { Neighbors } from '../topology/neighbors.js';
import { spectralGap } from '../topology/spectral.js';

/** The numbers of nodes for which a graph was built, and those that the entry refused, with its reasons. @public */
export interface TopologyReport {
  readonly built: readonly number[];
  readonly refused: ReadonlyArray<{ readonly nodes: number; readonly reason: string }>;
}

const DEFAULT_SIZES = [1, 2, 3, 4, 7, 8, 16, 33];

/**
 * Checks that an entry keeps its contract at several numbers of nodes: the same stream gives the same graph, edge keys
 * included; nodes are numbered without gaps; neighbour lists are ascending, without self loops, and agree with each
 * other; mixing rows sum to 1, and with Metropolis–Hastings the columns too. Where rounds differ, that holds of each. A number of nodes that the entry refuses
 * with a UsageError is reported, not checked; it must accept at least one. Throws an AssertionError at the first law
 * that is broken.
 *
 * @param choice.options - as in a scenario, without `use`; defaults are filled in
 * @param choice.sizes - numbers of nodes, by default 1, 2, 3, 4, 7, 8, 16 and 33
 * @public
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
    `topology "${entry.id}": expected a graph for at least one number of nodes, got: ${refused[0]?.reason}`,
  );
  return { built, refused };
}

function checkSize(entry: TopologyEntry, options: unknown, nodes: number): void {
  const where = `topology "${entry.id}" with ${nodes} nodes`;
  const build = () =>
    buildTopology(entry, options, {
      nodes,
      random: new Random('conformance'),
      roundRandom: (round) => new Random(`conformance/round ${round}`),
      allowDisconnected: true,
    });
  const { graph, neighbors, linksAt } = build();
  assert(
    JSON.stringify(graph.export()) === JSON.stringify(build().graph.export()),
    `${where}: expected the same graph from the same stream, edge keys and order included`,
  );
  checkLinks(neighbors, where);
  if (linksAt) checkRounds(linksAt, build().linksAt!, where);
  assert(
    graph.type !== 'undirected' || isSymmetric(neighbors),
    `${where}: expected every link of an undirected graph in both directions`,
  );
  const gap = isSymmetric(neighbors)
    ? spectralGap(mixingRows(neighbors, 'metropolis-hastings'), neighbors)
    : 0;
  assert(gap > -1e-9 && gap <= 1, `${where}: expected a spectral gap between 0 and 1, got ${gap}`);
}

/** Rounds of a topology that differs from round to round, as far as they are looked at. */
const ROUNDS = 5;

/** Each round keeps the laws, and is the same in whatever order rounds are built. */
function checkRounds(
  linksAt: (round: number) => Neighbors,
  again: (round: number) => Neighbors,
  where: string,
): void {
  const rounds = Array.from({ length: ROUNDS }, (_, round) => round);
  const forwards = rounds.map(linksAt);
  const backwards = rounds.toReversed().map(again).reverse();
  for (const round of rounds) {
    const { out } = forwards[round]!;
    checkLinks(forwards[round]!, `${where}, round ${round}`);
    assert(
      String(out.map((list) => `[${list}]`)) === String(backwards[round]!.out.map((list) => `[${list}]`)),
      `${where}: expected the same links of round ${round} from the same stream, in whatever order rounds are built`,
    );
  }
}

/** Lists, components and mixing rows. */
function checkLinks(neighbors: Neighbors, where: string): void {
  const { nodes } = neighbors;
  checkLists(neighbors, where);
  const members = components(neighbors).reduce((sum, component) => sum + component.length, 0);
  assert(
    members === nodes,
    `${where}: expected every node in exactly one component, got ${members} members of components`,
  );
  checkRows(mixingRows(neighbors, 'uniform'), neighbors, where);
  if (!isSymmetric(neighbors)) return;
  const rows = mixingRows(neighbors, 'metropolis-hastings');
  checkRows(rows, neighbors, where);
  for (const [node, sum] of columnSums(rows, neighbors).entries()) {
    assert(
      Math.abs(sum - 1) < 1e-12,
      `${where}: expected column ${node} of the Metropolis–Hastings weights to sum to 1, got ${sum}`,
    );
  }
}

function checkLists(neighbors: Neighbors, where: string): void {
  const links = { out: new Set<string>(), in: new Set<string>() };
  for (let node = 0; node < neighbors.nodes; node++) {
    for (const side of ['out', 'in'] as const) {
      let last = -1;
      for (const other of neighbors[side][node]!) {
        assert(
          other > last && other < neighbors.nodes,
          `${where}: expected ascending nodes from 0 to ${neighbors.nodes - 1} in ${side}[${node}], got ${other} after ${last}`,
        );
        assert(
          other !== node,
          `${where}: expected no node to be its own neighbour, got node ${node} in ${side}[${node}]`,
        );
        last = other;
        links[side].add(side === 'out' ? `${node}>${other}` : `${other}>${node}`);
      }
    }
  }
  assert(
    links.out.size === links.in.size && [...links.out].every((link) => links.in.has(link)),
    `${where}: expected the same links in the lists \`in\` and \`out\``,
  );
}

function checkRows(rows: readonly MixingRow[], neighbors: Neighbors, where: string): void {
  for (const [node, row] of rows.entries()) {
    assert(
      row.neighbors.length === neighbors.in[node]!.length,
      `${where}: expected one weight for each neighbour in row ${node}`,
    );
    assert(
      row.self > 0 && row.neighbors.every((weight) => weight > 0),
      `${where}: expected weights above 0 in row ${node}`,
    );
    const sum = row.neighbors.reduce((total, weight) => total + weight, 0) + row.self;
    assert(sum === 1, `${where}: expected row ${node} to sum to exactly 1, got ${sum}`);
  }
}
