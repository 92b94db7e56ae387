/** A schedule: the links of each round, as the scenario states them. */
import { z } from 'zod';
import { quoted, UsageError } from '../../errors.js';
import { directedGraph, type Edge } from '../edges.js';
import { changingTopology, type TopologyEntry } from '../entry.js';

/** `3-5`: an edge; `3>5`: a link from 3 to 5 only. */
const LINK = /^(0|[1-9]\d{0,8})([->])(0|[1-9]\d{0,8})$/;

const link = z
  .string()
  .meta({ pattern: LINK.source })
  .refine((text) => LINK.test(text), {
    error: ({ input }) =>
      `expected an edge such as "3-5", or "3>5" for a link in one direction, got ${quoted(String(input))}`,
  });

const options = z.strictObject({
  rounds: z
    .array(z.array(link))
    .min(1)
    .describe('the edges of each round: "3-5", or "3>5" for a link from 3 to 5 only'),
  after: z
    .enum(['repeat', 'last'])
    .default('repeat')
    .describe('what comes after the last of these rounds: they begin again, or the last one stays'),
});

/** Rounds with edges that are named one by one. */
export const schedule: TopologyEntry<z.output<typeof options>> = changingTopology({
  id: 'schedule',
  description: 'the edges of each round, as the scenario lists them',
  options,
  rounds({ rounds, after }, { nodes }) {
    const links = rounds.map((list, round) => linksOf(list, nodes, `topology.rounds.${round}`));
    return {
      // Where the last round stays, as many rounds have had all edges.
      period: rounds.length,
      graph(round) {
        const place = after === 'repeat' ? round % links.length : Math.min(round, links.length - 1);
        return directedGraph(nodes, links[place]!);
      },
    };
  },
});

/** The directed links of a round. Throws UsageErrors with the place of the edge. */
function linksOf(list: readonly string[], nodes: number, path: string): Edge[] {
  const links = new Map<string, Edge>();
  for (const [k, text] of list.entries()) {
    const [, first, kind, second] = LINK.exec(text)!;
    const [a, b] = [Number(first), Number(second)];
    if (Math.max(a, b) >= nodes || a === b) {
      throw new UsageError(
        'unknown-node',
        `expected two different nodes from 0 to ${nodes - 1}, got "${text}"`,
        `${path}.${k}`,
      );
    }
    for (const edge of (kind === '>'
      ? [[a, b]]
      : [
          [a, b],
          [b, a],
        ]) as Edge[]) {
      const key = `${edge[0]}>${edge[1]}`;
      if (links.has(key)) {
        throw new UsageError(
          'multi-edge',
          `expected each link once in a round, got that from ${edge[0]} to ${edge[1]} again with "${text}"`,
          `${path}.${k}`,
        );
      }
      links.set(key, edge);
    }
  }
  return [...links.values()];
}
