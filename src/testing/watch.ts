/** Follows an algorithm through a run: what it keeps and sends, and whether it changes arrays that it does not own. */
import { isDeepStrictEqual } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { type ArrayHashes, assertUnchanged, hashArrays } from '../compute/frozen.js';
import { checkPlain } from '../compute/plain-data.js';
import type { AnyAlgorithm } from '../learning/algorithm.js';
import { type AnyCodec, spy } from './spy.js';

/** How many bodies of each message type are kept, to check the laws of its codec. */
const BODIES_MAX = 6;

/** One message type as it was used. */
interface WatchedType {
  /** A new codec at each call. */
  readonly make: () => AnyCodec;
  /** Copies of the first bodies that were encoded. */
  readonly bodies: unknown[];
  encoded: number;
}

/** An algorithm that behaves like the watched one, and what it did. */
export interface Watch {
  readonly algorithm: AnyAlgorithm;
  readonly types: ReadonlyMap<string, WatchedType>;
  /** Throws where a state is not plain data, or where a frozen array was changed. To be called after the run. */
  check(): void;
}

/** A value whose arrays nobody may change. */
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
  let before = serialize(undefined);
  const freeze = (what: string, value: unknown) => frozen.push({ what, value, hashes: hashArrays(value) });
  const watched = spy<unknown, unknown>(algorithm, {
    init(state, node) {
      freeze(`initial params of node ${node.id}`, node.initialParams);
      if (node.role === 'learner') freeze(`shard of node ${node.id}`, node.shard);
      states.push(state);
    },
    evaluate(state) {
      before = serialize(state);
    },
    evaluated(state) {
      if (!before.equals(serialize(state)))
        throw new Error('expected evaluate to change no state, got a state that differs afterwards');
    },
    computed(node, { name, output }) {
      freeze(`output of "${name}" of node ${node.id}`, output);
    },
    messageType(name, make) {
      types.set(name, { make, bodies: [], encoded: 0 });
    },
    encoded(name, body) {
      const type = types.get(name)!;
      type.encoded++;
      if (type.bodies.length < BODIES_MAX) type.bodies.push(structuredClone(body));
    },
    decoded(name, body) {
      freeze(`body of message "${name}"`, body);
    },
  });
  return {
    algorithm: watched,
    types,
    check() {
      for (const [node, state] of states.entries()) checkState(state, node);
      for (const item of frozen) assertUnchanged(item.value, item.hashes, item.what);
    },
  };
}

function checkState(state: unknown, node: number): void {
  checkPlain(state, `state of node ${node}`);
  if (isDeepStrictEqual(deserialize(serialize(state)), state)) return;
  throw new Error(
    `state of node ${node}: expected plain data, got a state that v8.serialize and v8.deserialize do not give back unchanged`,
  );
}
