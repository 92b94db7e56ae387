/** The phases that rounds are made of: what a node computes, sends, waits for and combines, with their types. */
import type { TaskDefinition } from '../compute/task.js';
import type { NodeContext } from './algorithm.js';
import type { MessageType } from './messages.js';

/** A message of the present phase, as `combine` gets it. @public */
export interface PhaseMessage<View> {
  readonly from: number;
  readonly body: View;
}

/** A body and its receivers; `to` defaults to all out-neighbours. @public */
export interface Sending<Body> {
  readonly body: Body;
  readonly to?: ArrayLike<number>;
}

/**
 * One phase of a round, in the order in which its parts happen; all of them are optional. `Input` and `Output` are
 * those of the task, `Body` and `View` those of the message.
 * @public
 */
export interface PhaseSpec<State, Options, Input, Output, Body, View> {
  /** The type of the phase's messages; no other phase has it. Needed to send or expect anything. */
  readonly message?: MessageType<Body, View, Options>;
  /** Whether the phase takes place in this round; must be the same on all nodes that exchange messages. */
  when?(node: NodeContext<Options>, state: State): boolean;
  /** The task that the node computes, its input, and what becomes of its output. */
  readonly task?: TaskDefinition<Input, Output>;
  input?(node: NodeContext<Options>, state: State): NoInfer<Input>;
  computed?(node: NodeContext<Options>, state: State, output: Output): void;
  /** Send at the start of the phase, while the task runs. Default: after the task. */
  readonly overlap?: boolean;
  /** What to send: one body, or a list where receivers get different ones. */
  send?(node: NodeContext<Options>, state: State): Sending<NoInfer<Body>> | readonly Sending<NoInfer<Body>>[];
  /** Gets the body as its receivers will see it: with a lossy codec the sender may need that. */
  sent?(node: NodeContext<Options>, state: State, body: View): void;
  /** From whom a message is expected. Default: all in-neighbours where the phase has a message. */
  expect?(node: NodeContext<Options>, state: State): ArrayLike<number>;
  /** `received` is in ascending order of senders; messages that missed the deadline are not in it. */
  combine?(node: NodeContext<Options>, state: State, received: readonly PhaseMessage<View>[]): void;
}

/** A phase, whatever it computes and sends; made with {@link phase}. @public */
// biome-ignore lint/suspicious/noExplicitAny: the only type that every PhaseSpec of a state is assignable to.
export type Phase<State, Options> = PhaseSpec<State, Options, any, any, any, any>;

/**
 * Makes a phase whose parts the compiler checks against each other: `output` is what the task gives, the body that `send`
 * returns fits the message, and `combine` gets what its receivers see. State and options are those of the algorithm.
 * @public
 */
export function phase<State, Options, Input = never, Output = never, Body = never, View = never>(
  spec: PhaseSpec<NoInfer<State>, NoInfer<Options>, Input, Output, Body, View>,
): Phase<State, Options> {
  return spec;
}

/** The messages whose senders are in-neighbours now, with the senders' places in `node.neighbors.in`. @public */
export function fromNeighbors<View>(
  node: Pick<NodeContext, 'neighbors'>,
  received: readonly PhaseMessage<View>[],
): Array<{ neighbor: number; view: View }> {
  return received.flatMap(({ from, body }) => {
    const neighbor = node.neighbors.in.indexOf(from);
    return neighbor < 0 ? [] : [{ neighbor, view: body }];
  });
}

/** All learners but this one, ascending: for phases in which all nodes exchange messages. @public */
export function otherNodes({ id: own, nodes }: Pick<NodeContext, 'id' | 'nodes'>): number[] {
  return Array.from({ length: nodes }, (_, id) => id).filter((id) => id !== own);
}
