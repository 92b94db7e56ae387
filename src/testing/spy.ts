/** Follows an algorithm through a run: wraps it in one that behaves alike and reports what happens. */
import type {
  Algorithm,
  CodecContext,
  Computed,
  EvaluationContext,
  Handlers,
  NodeContext,
} from '../learning/algorithm.js';
import type { Codec, CodecMemory, EncodedBody } from '../wire/codec.js';

/** A codec of any body. */
export type AnyCodec = Codec<never, unknown>;

/** What a node hands to the network at once, for one or more receivers. */
export interface Broadcast {
  readonly from: number;
  readonly to: readonly number[];
  readonly type: string;
  readonly round: number;
  readonly body: unknown;
}

/** What a spy reports; each function may be left out. */
interface Listeners<State, Options> {
  /** A node has made its first state. The listener may change it. */
  init?(state: State, node: NodeContext<Options>): void;
  /** A state is going to be evaluated. */
  evaluate?(state: State): void;
  /** A state was evaluated. */
  evaluated?(state: State): void;
  /** A node gets the output of its task; called before the node's handler. */
  computed?(node: NodeContext<Options>, result: Computed): void;
  /** A message type is declared; `make` gives a new codec of it. */
  messageType?(name: string, make: () => AnyCodec): void;
  /** A body has been encoded. */
  encoded?(type: string, body: unknown, encoded: EncodedBody): void;
  /** A body has been decoded. */
  decoded?(type: string, body: unknown): void;
  /** A node calls `broadcast` (or `send`). Returns the nodes to which the message is really sent. */
  broadcast?(message: Broadcast): readonly number[];
}

const HANDLERS = [
  'start',
  'message',
  'timer',
  'computed',
  'topology',
  'down',
  'up',
  'undelivered',
] as const satisfies ReadonlyArray<keyof Handlers<never, never>>;

/** Wraps an algorithm for one run. */
export function spy<State, Options>(
  algorithm: Algorithm<State, Options>,
  listeners: Listeners<State, Options>,
): Algorithm<State, Options> {
  type Handler = (node: NodeContext<Options>, ...rest: unknown[]) => unknown;
  const { broadcast } = listeners;
  const spied = new WeakMap<NodeContext<Options>, NodeContext<Options>>();
  const spiedNode = (node: NodeContext<Options>) => {
    if (!broadcast) return node;
    const known = spied.get(node) ?? withBroadcast(node, broadcast);
    spied.set(node, known);
    return known;
  };
  const handlers = HANDLERS.flatMap((name) => {
    const handler = algorithm.on[name] as Handler | undefined;
    if (!handler) return [];
    const follow: Handler = (node, ...rest) => {
      if (name === 'computed') listeners.computed?.(node, rest[1] as Computed);
      return handler.call(algorithm.on, spiedNode(node), ...rest);
    };
    return [[name, follow] as const];
  });
  return overriding(algorithm, {
    init(node: NodeContext<Options>) {
      const state = algorithm.init(node);
      listeners.init?.(state, node);
      return state;
    },
    evaluate(state: State, context: EvaluationContext<State, Options>) {
      listeners.evaluate?.(state);
      const evaluated = algorithm.evaluate(state, context);
      listeners.evaluated?.(state);
      return evaluated;
    },
    messages(context: CodecContext<Options>) {
      const codecs = Object.entries(algorithm.messages(context));
      return Object.fromEntries(
        codecs.map(([name, codec]) => {
          listeners.messageType?.(name, () => algorithm.messages(context)[name]!);
          return [name, withListeners(name, codec, listeners)];
        }),
      );
    },
    on: Object.fromEntries(handlers),
  });
}

function withListeners(
  type: string,
  codec: AnyCodec,
  { encoded, decoded }: Pick<Listeners<never, never>, 'encoded' | 'decoded'>,
): AnyCodec {
  return overriding(codec, {
    encode(body: never, random: never, memory: CodecMemory) {
      const result = codec.encode(body, random, memory);
      encoded?.(type, body, result);
      return result;
    },
    decode(bytes: Uint8Array, indexBytes: number, memory: CodecMemory) {
      const body = codec.decode(bytes, indexBytes, memory);
      decoded?.(type, body);
      return body;
    },
  });
}

function withBroadcast<Options>(
  node: NodeContext<Options>,
  listener: (message: Broadcast) => readonly number[],
): NodeContext<Options> {
  const broadcast: NodeContext['broadcast'] = (type, body, options) => {
    const { round, id: from } = node;
    const to = Array.from(options?.to ?? node.neighbors.out);
    return node.broadcast(type, body, { ...options, to: listener({ from, to, type, round, body }) });
  };
  const send: NodeContext['send'] = (to, type, body, options) => {
    broadcast(type, body, { ...options, to: [to] });
  };
  return new Proxy(node, {
    get(target, key) {
      if (key === 'broadcast') return broadcast;
      if (key === 'send') return send;
      const value: unknown = target[key as keyof NodeContext];
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** An object with the members of `base`, some of them replaced by those of `own`; works for instances of classes too. */
function overriding<T extends object>(base: T, own: object): T {
  return Object.create(base, Object.getOwnPropertyDescriptors(own)) as T;
}
