/**
 * Nodes that choose from whom they receive. A node that leaves an in-neighbour out tells it by a message without a body
 * (`prune`), since it is the sender who must stop; those who are kept are told too (`keep`), so that everybody knows
 * where it stands before its next round, and no vector is sent in vain.
 */

import type { Algorithm, NodeContext } from '../../learning/algorithm.js';
import type { Phase, RoundOptions, RoundState } from '../../learning/rounds.js';
import { byNumber } from '../../learning/vectors.js';
import { count } from '../../options/index.js';
import { empty } from '../../wire/control.js';
import { strongest } from './mixing-logits.js';

/** Options of an algorithm that prunes; its schema spreads them in. */
export const pruningOptions = {
  keep: count(0)
    .optional()
    .describe('neighbours that a node keeps after pruneAfter rounds; without it nobody is left out'),
  pruneAfter: count().default(10).describe('rounds after which neighbours are chosen (T0)'),
};

/** Validated {@link pruningOptions}. */
export interface PruningOptions {
  readonly keep?: number | undefined;
  readonly pruneAfter: number;
}

/** Whether neighbours are chosen in this round. */
export function isPruningRound({ options, round }: NodeContext<PruningOptions>): boolean {
  return options.keep !== undefined && round + 1 === options.pruneAfter;
}

/** Whether they have been chosen in an earlier round. */
export function isPruned({ options, round }: NodeContext<PruningOptions>): boolean {
  return options.keep !== undefined && round + 1 > options.pruneAfter;
}

/** Whom a node mixes, and what its receivers have said. Plain data. */
export interface ChosenLinks {
  /** In-neighbours that count, and the node itself; ascending. */
  active: number[];
  /** Whether neighbours were chosen; until then all that there are count. */
  chosen: boolean;
  /** Out-neighbours that have said whether they keep this node. */
  told: number[];
}

/** What an algorithm's state must have. */
export interface PruningState {
  links: ChosenLinks;
}

/** The message types, header only; an algorithm that may prune merges them into its own. */
export const pruningMessages = { prune: empty, keep: empty };

/** Everybody counts. */
export function startLinks(node: NodeContext): ChosenLinks {
  return { active: everybody(node), chosen: false, told: [] };
}

function everybody(node: NodeContext): number[] {
  return [...node.neighbors.in, node.id].sort(byNumber);
}

/** From whom a node expects something. */
export function sendersOf(node: NodeContext, { active }: ChosenLinks): number[] {
  return active.filter((id) => id !== node.id);
}

/**
 * Keeps the `keep` in-neighbours with the largest weights, and says so to all: retried until delivered, since silence
 * would cost more.
 */
export function prune(
  node: NodeContext<PruningOptions>,
  links: ChosenLinks,
  { members, weights }: { readonly members: readonly number[]; readonly weights: ArrayLike<number> },
): void {
  const senders = sendersOf(node, links);
  const kept = strongest(members, weights, { self: node.id, keep: node.options.keep! });
  for (const type of ['prune', 'keep'] as const) {
    const to = senders.filter((id) => kept.includes(id) === (type === 'keep'));
    if (to.length > 0) node.broadcast(type, null, { to, reliable: true });
  }
  links.active = kept;
  links.chosen = true;
}

/** The phase in which a node waits until all its receivers have said whether they keep it. */
export function pruningPhase<Options extends PruningOptions>(): Phase<PruningState, Options> {
  return {
    when: isPruningRound,
    expect: (node, { links }) => node.neighbors.out.filter((id) => !links.told.includes(id)),
  };
}

/**
 * Adds the handling of `prune` and `keep` to an algorithm made of rounds. A node that is left out removes its link. A
 * message of type `exchange` from a node that no longer counts is ignored, and its sender told again. New neighbours count
 * until the choice is made; those that are gone never do.
 */
export function withPruning<State extends PruningState, Options extends RoundOptions>(
  algorithm: Algorithm<RoundState<State>, Options>,
  exchange: string,
): Algorithm<RoundState<State>, Options> {
  const { on } = algorithm;
  return {
    ...algorithm,
    on: {
      ...on,
      message(node, state, message) {
        const { links } = state.own;
        const { from, type } = message;
        if (type === 'prune' || type === 'keep') {
          if (!links.told.includes(from)) links.told.push(from);
          if (type === 'prune') node.disconnect(from);
          // What a phase waits for has changed, as it does with the topology.
          return on.topology!(node, state);
        }
        if (type === exchange && links.chosen && !links.active.includes(from)) {
          node.ignore(message);
          return node.send(from, 'prune', null, { reliable: true });
        }
        on.message!(node, state, message);
      },
      topology(node, state) {
        const { links } = state.own;
        const all = everybody(node);
        links.active = links.chosen ? links.active.filter((id) => all.includes(id)) : all;
        on.topology!(node, state);
      },
    },
  };
}
