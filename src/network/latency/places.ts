/** Which node is at which place: as the scenario says, or dealt. */
import { z } from 'zod';
import { UsageError, unknownName } from '../../errors.js';
import { roundToTotal, sum } from '../../numbers.js';
import { share } from '../../options/index.js';
import type { Random } from '../../random.js';
import { nodeSet, refuseUnknownNodes } from '../fields.js';

/** How far a sum of shares may be from 1, since decimal text is not exact. */
const SHARE_TOLERANCE = 1e-9;

/** Keys of a place that say which nodes are there: one of the two. */
export const residentKeys = {
  nodes: nodeSet().optional().describe('the nodes that are there'),
  share: share().optional().describe('share of the nodes that are named nowhere; drawn, in exact numbers'),
};

/** Nodes of a place: named, or a share of those that are named nowhere, 0 … 1. */
export interface Residents {
  readonly nodes?: readonly number[] | undefined;
  readonly share?: number | undefined;
}

const ONE_OF_THEM =
  'expected either nodes or a share for each place, such as { nodes: 0-3 } or { share: 40% }';

/** Whether exactly one of the two is given. */
export function hasResidents({ nodes, share }: Residents): boolean {
  return (nodes === undefined) !== (share === undefined);
}

/** Refuses shares of places that do not sum to 100 %, where there are some; returns what is wrong. */
export function faultOfShares(places: readonly Residents[]): string | undefined {
  const shares = places.flatMap((place) => place.share ?? []);
  const total = sum(shares);
  if (shares.length === 0 || Math.abs(total - 1) <= SHARE_TOLERANCE) return undefined;
  return `expected shares that sum to 100%, got a sum of ${Number((100 * total).toPrecision(6))}%`;
}

/** Options of entries whose places are listed in a file. */
export const placeOptions = {
  places: z
    .record(z.string(), z.strictObject(residentKeys).refine(hasResidents, { error: ONE_OF_THEM }))
    .optional()
    .describe(
      'nodes of places, such as { london: { nodes: 0-3 }, tokyo: { share: 40% } }; default: see deal',
    ),
  deal: z
    .enum(['in-turn', 'random'])
    .default('in-turn')
    .describe(
      'how nodes get the places of the file where `places` is not given: in-turn (node i gets place i, and so on from the first one again) or random (as many nodes at each, drawn which)',
    ),
};

/** Who lives where, as options say. */
interface PlaceChoice {
  readonly places?: Readonly<Record<string, Residents>> | undefined;
  readonly deal: 'in-turn' | 'random';
}

/** Nodes of a run and the stream that deals them. */
interface Nodes {
  readonly nodes: number;
  readonly random: Random;
}

/**
 * The place of each node, as an index into the places of a file; `find` gives the index of a place by its name, or
 * undefined. Throws a UsageError at `places`.
 */
export function placesFromFile(
  { places, deal }: PlaceChoice,
  known: { readonly names: readonly string[]; readonly find: (name: string) => number | undefined },
  { nodes, random }: Nodes,
): Int32Array {
  if (places === undefined) {
    const inTurn = Int32Array.from({ length: nodes }, (_, node) => node % known.names.length);
    return deal === 'random' ? random.shuffle(inTurn) : inTurn;
  }
  const fault = faultOfShares(Object.values(places));
  if (fault !== undefined) throw new UsageError('bad-places', fault, 'places');
  const indices = Object.keys(places).map((name) => {
    const index = known.find(name);
    if (index === undefined) throw unknownName('place', name, known.names, `places.${name}`);
    return index;
  });
  const settled = settle(Object.entries(places), { nodes, random }, 'places');
  return settled.map((place) => indices[place]!);
}

/**
 * The place of each node, as an index into `places`: named nodes first, then shares of the others, in exact numbers. Throws a
 * UsageError below `path` where a node has two places or none, or does not exist.
 */
export function settle(
  places: readonly (readonly [name: string, residents: Residents])[],
  { nodes, random }: Nodes,
  path: string,
): Int32Array {
  const placeOf = new Int32Array(nodes).fill(-1);
  for (const [index, [name, { nodes: named = [] }]] of places.entries()) {
    refuseUnknownNodes(named, nodes, `${path}.${name}.nodes`);
    for (const node of named) {
      if (placeOf[node] !== -1) {
        const other = places[placeOf[node]!]![0];
        throw new UsageError(
          'bad-places',
          `expected every node at one place, got node ${node} at ${other} and at ${name}`,
          `${path}.${name}.nodes`,
        );
      }
      placeOf[node] = index;
    }
  }
  const rest = [...placeOf.keys()].filter((node) => placeOf[node] === -1);
  if (rest.length === 0) return placeOf;
  const shares = places.map(([, residents]) => residents.share ?? 0);
  if (sum(shares) === 0) {
    throw new UsageError('bad-places', `expected a place for every node, got none for node ${rest[0]}`, path);
  }
  const counts = roundToTotal(
    shares.map((part) => part * rest.length),
    rest.length,
  );
  const inTurn = counts.flatMap((count, index) => new Array<number>(count).fill(index));
  const dealt = random.shuffle(Int32Array.from(inTurn));
  for (const [k, node] of rest.entries()) placeOf[node] = dealt[k]!;
  return placeOf;
}
