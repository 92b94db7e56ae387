/**
 * Pruning: nodes choose from whom they receive. The sender must stop sending, so a node answers each in-neighbour
 * that it is left out (`prune`) or kept (`keep`), by messages without a body. A node waits for these answers before its
 * next round, and so sends no vector that nobody uses.
 */
import type { z } from 'zod';
import type { Algorithm, NodeContext } from '../../learning/algorithm.js';
import { type AnyMessageType, isMessage, messageType } from '../../learning/messages.js';
import { type Phase, phase } from '../../learning/phases.js';
import type { RoundOptions, RoundState } from '../../learning/rounds.js';
import { byNumber } from '../../numbers.js';
import { count } from '../../options/index.js';
import { empty } from '../../wire/control.js';

/** Options of an algorithm that prunes; its schema spreads them in. */
export const pruningOptions = {
  keep: count(0)
    .optional()
    .describe('number of neighbours that each node keeps after pruneAfter rounds; default: all'),
  pruneAfter: count()
    .default(10)
    .describe('rounds after which each node chooses the neighbours that it keeps (T0)'),
};

/** Validated {@link pruningOptions}. */
type PruningOptions = z.output<z.ZodObject<typeof pruningOptions>>;

/** Whether neighbours are chosen in this round. */
export function isPruningRound({ options, round }: NodeContext<PruningOptions>): boolean {
  return options.keep !== undefined && round + 1 === options.pruneAfter;
}

/** Whether neighbours were chosen in an earlier round. */
export function isPruned({ options, round }: NodeContext<PruningOptions>): boolean {
  return options.keep !== undefined && round + 1 > options.pruneAfter;
}

/** With whom a node mixes, and which of its receivers have answered. Plain data. */
export interface ChosenLinks {
  /** The in-neighbours with which the node mixes, and the node itself; ascending. */
  active: number[];
  /** Whether they have been chosen; until then, all in-neighbours are active. */
  chosen: boolean;
  /** Out-neighbours that have answered whether they keep this node. */
  answeredBy: number[];
}

/** What an algorithm's state must have. */
export interface PruningState {
  links: ChosenLinks;
}

const PRUNE = messageType('prune', () => empty);
const KEEP = messageType('keep', () => empty);

/** The message types of these options, header only; an algorithm that may prune declares them beside its own. */
export function pruningMessages({ keep }: PruningOptions): readonly AnyMessageType[] {
  return keep === undefined ? [] : [PRUNE, KEEP];
}

/** Before the choice: all neighbours are active. */
export function startLinks(node: NodeContext): ChosenLinks {
  return { active: everybody(node), chosen: false, answeredBy: [] };
}

function everybody(node: NodeContext): number[] {
  return [...node.neighbors.in, node.id].sort(byNumber);
}

/** From whom a node expects a vector. */
export function sendersOf(node: NodeContext, { active }: ChosenLinks): number[] {
  return active.filter((id) => id !== node.id);
}

/**
 * Keeps the `keep` in-neighbours with the largest weights, and answers all of them: by reliable messages, since a sender
 * without an answer would continue to send vectors.
 */
export function prune(
  node: NodeContext<PruningOptions>,
  links: ChosenLinks,
  { members, weights }: { readonly members: readonly number[]; readonly weights: ArrayLike<number> },
): void {
  const senders = sendersOf(node, links);
  const kept = strongest(members, weights, { self: node.id, keep: node.options.keep! });
  for (const type of [PRUNE, KEEP]) {
    const to = senders.filter((id) => kept.includes(id) === (type === KEEP));
    if (to.length > 0) node.broadcast(type.name, null, { to, reliable: true });
  }
  links.active = kept;
  links.chosen = true;
}

/** The phase in which a node waits until all its receivers have answered whether they keep it. */
export function pruningPhase<Options extends PruningOptions>(): Phase<PruningState, Options> {
  return phase({
    when: isPruningRound,
    expect: (node, { links }) => node.neighbors.out.filter((id) => !links.answeredBy.includes(id)),
  });
}

/**
 * Adds the handling of `prune` and `keep` to an algorithm made of rounds. A node that is left out removes its link. A
 * message of type `exchange` from a node that was left out is ignored, and answered by `prune` again. New neighbours are
 * active until the choice is made; neighbours whose link was removed are not active.
 */
export function withPruning<State extends PruningState, Options extends RoundOptions>(
  algorithm: Algorithm<RoundState<State>, Options>,
  exchange: AnyMessageType,
): Algorithm<RoundState<State>, Options> {
  const { on } = algorithm;
  return {
    ...algorithm,
    on: {
      ...on,
      message(node, state, received) {
        const { links } = state.own;
        const { from } = received;
        if (isMessage(PRUNE, received) || isMessage(KEEP, received)) {
          if (!links.answeredBy.includes(from)) links.answeredBy.push(from);
          if (isMessage(PRUNE, received)) node.disconnect(from);
          // What a phase waits for has changed, as it does with the topology.
          return on.topology!(node, state);
        }
        if (isMessage(exchange, received) && links.chosen && !links.active.includes(from)) {
          node.ignore(received);
          return node.send(from, PRUNE.name, null, { reliable: true });
        }
        on.message!(node, state, received);
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

/** `self` and the `keep` other members of the largest weights, ties to the lowest node; ascending. */
export function strongest(
  members: readonly number[],
  weights: ArrayLike<number>,
  { self, keep }: { readonly self: number; readonly keep: number },
): number[] {
  const others = members
    .map((node, k) => ({ node, weight: weights[k]! }))
    .filter(({ node }) => node !== self)
    .sort((a, b) => byNumber(b.weight, a.weight) || byNumber(a.node, b.node));
  return [self, ...others.slice(0, keep).map(({ node }) => node)].sort(byNumber);
}
