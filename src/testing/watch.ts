/** Follows an algorithm through a run: what it keeps, sends and receives, and whether it leaves alone what it shares. */
import { isDeepStrictEqual } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { type ArrayHashes, assertUnchanged, hashArrays } from '../compute/frozen.js';
import { visitArrays } from '../compute/plain-data.js';
import type { AnyAlgorithm, CodecContext, Computed, NodeContext } from '../learning/algorithm.js';
import type { Codec } from '../wire/codec.js';

/** Bodies of one message type that are kept for the laws of its codec. */
const BODIES_MAX = 6;

/** A codec of any body. */
export type AnyCodec = Codec<never, unknown>;

/** One message type as it was used. */
export interface WatchedType {
  /** A new codec at each call. */
  readonly make: () => AnyCodec;
  /** Copies of the first bodies that were encoded. */
  readonly bodies: unknown[];
  encoded: number;
}

/** An algorithm that behaves like the one it was made of, and what was seen of it. */
export interface Watch {
  readonly algorithm: AnyAlgorithm;
  readonly types: ReadonlyMap<string, WatchedType>;
  /** Throws where a state is no plain data, or where a shared array was changed. To be called after the run. */
  check(): void;
}

/** Something that nobody may change. */
interface FrozenValue {
  readonly what: string;
  readonly value: unknown;
  readonly hashes: ArrayHashes;
}

/** Wraps an algorithm for one run. */
export function watch(algorithm: AnyAlgorithm): Watch {
  const states: unknown[] = [];
  const frozen: FrozenValue[] = [];
  const types = new Map<string, WatchedType>();
  const freeze = (what: string, value: unknown) => frozen.push({ what, value, hashes: hashArrays(value) });
  const { computed } = algorithm.on;

  const wrapped = overriding(algorithm, {
    init(node: NodeContext<unknown>) {
      freeze(`initial params of node ${node.id}`, node.initialParams);
      if (node.role === 'learner') freeze(`shard of node ${node.id}`, node.shard);
      const state: unknown = algorithm.init(node);
      states.push(state);
      return state;
    },
    messages(context: CodecContext<unknown>) {
      const codecs = Object.entries(algorithm.messages(context));
      return Object.fromEntries(
        codecs.map(([name, codec]) => {
          const type = { make: () => algorithm.messages(context)[name]!, bodies: [], encoded: 0 };
          types.set(name, type);
          return [name, watchedCodec(name, codec, type, freeze)];
        }),
      );
    },
    on: overriding(
      algorithm.on,
      computed
        ? {
            computed(node: NodeContext<unknown>, state: unknown, result: Computed) {
              freeze(`output of "${result.name}" of node ${node.id}`, result.output);
              return computed(node, state, result);
            },
          }
        : {},
    ),
  });

  return {
    algorithm: wrapped,
    types,
    check() {
      for (const [node, state] of states.entries()) checkPlain(state, node);
      for (const item of frozen) assertUnchanged(item.value, item.hashes, item.what);
    },
  };
}

function watchedCodec(
  name: string,
  codec: AnyCodec,
  type: WatchedType,
  freeze: (what: string, value: unknown) => void,
): AnyCodec {
  return {
    id: codec.id,
    encode(body, random) {
      type.encoded++;
      if (type.bodies.length < BODIES_MAX) type.bodies.push(structuredClone(body));
      return codec.encode(body, random);
    },
    decode(bytes, indexBytes) {
      const decoded = codec.decode(bytes, indexBytes);
      freeze(`body of message "${name}"`, decoded);
      return decoded;
    },
  };
}

function checkPlain(state: unknown, node: number): void {
  visitArrays(state, () => {}, `state of node ${node}`);
  if (isDeepStrictEqual(deserialize(serialize(state)), state)) return;
  throw new Error(`state of node ${node}: writing it down and reading it back changes it`);
}

/** What `base` has, save for `own`; works for records and for instances of classes. */
function overriding<T extends object>(base: T, own: object): T {
  return Object.create(base, Object.getOwnPropertyDescriptors(own)) as T;
}
