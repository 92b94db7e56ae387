/**
 * Masks that may travel as differences from the one that was sent before, their reference. A receiver that lacks the
 * reference is out of step: it cannot use the mask, and requests a whole one by a message without a body (`whole`).
 */
import type { Algorithm, NodeContext } from '../../learning/algorithm.js';
import { isMessage, messageType } from '../../learning/messages.js';
import type { PhaseMessage } from '../../learning/phases.js';
import type { RoundState } from '../../learning/rounds.js';
import { empty } from '../../wire/control.js';
import { type MaskBody, type MaskView, maskOf } from '../../wire/mask.js';

/** A mask, numbered by the iteration (from 1) in which it was sent. */
interface NumberedMask {
  readonly id: number;
  readonly mask: Uint8Array;
}

/** What a node knows of the masks that it and its neighbours have sent. Plain data. */
export interface MaskReferences {
  /** The mask that was sent last, null if the next one must be sent whole; and the one received last, by sender. */
  lastSent: NumberedMask | null;
  lastReceived: Record<number, NumberedMask>;
  /** The receivers of the last mask: only they have the reference of the next one. */
  receivers: readonly number[];
  /** How many masks could not be used so far because their reference was missing. */
  outOfStep: number;
}

/** Before the first mask. */
export function startReferences(): MaskReferences {
  return { lastSent: null, lastReceived: {}, receivers: [], outOfStep: 0 };
}

/** A request for a whole mask. */
export const WHOLE = messageType('whole', () => empty);

/** A mask to be sent, with the reference from which a codec may take its difference; none in each `refresh`-th iteration. */
export function nextBody(
  node: NodeContext<{ readonly refresh: number }>,
  references: MaskReferences,
  mask: Uint8Array,
): MaskBody {
  const { lastSent, receivers: before } = references;
  const receivers = [...node.neighbors.out];
  const isWhole =
    lastSent === null ||
    node.round % node.options.refresh === 0 ||
    receivers.some((receiver) => !before.includes(receiver));
  references.lastSent = { id: node.round + 1, mask };
  references.receivers = receivers;
  return isWhole ? { mask } : { mask, reference: lastSent };
}

/** The masks of received messages of that type, except those whose reference is missing here. */
export function masksOf(
  node: NodeContext,
  references: MaskReferences,
  received: readonly PhaseMessage<MaskView>[],
  type: string,
): Uint8Array[] {
  return received.flatMap(({ from, body }) => {
    const mask = maskOf(body, references.lastReceived[from]);
    if (mask === undefined) {
      references.outOfStep++;
      node.ignore({ from, type, round: node.round, body });
      if (node.neighbors.out.includes(from)) node.send(from, WHOLE.name, null);
      return [];
    }
    references.lastReceived[from] = { id: node.round + 1, mask };
    return [mask];
  });
}

/**
 * Adds the handling of `whole` to an algorithm made of rounds. The next mask goes out whole also when the node was down,
 * or when a reliable mask was given up.
 */
export function withWholeMasks<State extends MaskReferences, Options>(
  algorithm: Algorithm<RoundState<State>, Options>,
): Algorithm<RoundState<State>, Options> {
  const { on } = algorithm;
  return {
    ...algorithm,
    on: {
      ...on,
      message(node, state, received) {
        if (isMessage(WHOLE, received)) state.own.lastSent = null;
        else on.message!(node, state, received);
      },
      up(node, state) {
        state.own.lastSent = null;
        on.up?.(node, state);
      },
      undelivered(_node, state) {
        state.own.lastSent = null;
      },
    },
  };
}
