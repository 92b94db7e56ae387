/** For tests of who is told what: an algorithm whose messages are written down, and may be kept from some receivers. */
import type { Algorithm, NodeContext } from '../../src/learning/algorithm.js';

/** What a node gave to the network: once a body, whoever gets it. */
export interface Sent {
  readonly from: number;
  readonly to: readonly number[];
  readonly type: string;
  readonly round: number;
  readonly body: unknown;
}

/** How a run departs from the algorithm. */
export interface Departures<State> {
  /** Changes a state before the run. */
  init?(state: State, id: number): void;
  /** Whether a message never leaves for `to`; it is written down all the same. */
  lose?(message: Omit<Sent, 'to' | 'body'> & { readonly to: number }): boolean;
}

/** The algorithm with these departures, and all that its nodes send by `broadcast`, in order. */
export function overheard<State, Options>(
  algorithm: Algorithm<State, Options>,
  { init, lose }: Departures<State> = {},
): { algorithm: Algorithm<State, Options>; sent: Sent[] } {
  const sent: Sent[] = [];
  const broadcast =
    (node: NodeContext<Options>): NodeContext['broadcast'] =>
    (type, body, options) => {
      const { round, id: from } = node;
      const to = Array.from(options?.to ?? node.neighbors.out);
      sent.push({ from, to, type, round, body });
      const kept = to.filter((one) => !lose?.({ from, to: one, type, round }));
      return node.broadcast(type, body, { ...options, to: kept });
    };
  const listening = (node: NodeContext<Options>) =>
    new Proxy(node, {
      get(target, key) {
        if (key === 'broadcast') return broadcast(target);
        const value: unknown = target[key as keyof NodeContext];
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  const handlers = Object.entries(algorithm.on).map(([name, handler]) => [
    name,
    (node: NodeContext<Options>, ...rest: unknown[]) =>
      (handler as (...all: unknown[]) => unknown)(listening(node), ...rest),
  ]);
  const heard: Algorithm<State, Options> = {
    ...algorithm,
    init(node) {
      const state = algorithm.init(node);
      init?.(state, node.id);
      return state;
    },
    on: Object.fromEntries(handlers) as Algorithm<State, Options>['on'],
  };
  return { algorithm: heard, sent };
}
