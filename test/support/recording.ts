/** Records an algorithm through a run: what its nodes send and keep, and every body that it encodes. */
import type { Algorithm } from '../../src/learning/algorithm.js';
import type { RoundState } from '../../src/learning/rounds.js';
import { type Broadcast, spy } from '../../src/testing/spy.js';

/** A body on the wire. */
interface RecordedBody {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** Changes to a run of the algorithm. */
export interface Departures<State> {
  /** Changes a state before the run. */
  init?(state: State, id: number): void;
  /** Whether a message is not really sent to `to`; it is recorded in any case. */
  lose?(message: Omit<Broadcast, 'to' | 'body'> & { readonly to: number }): boolean;
}

/** An algorithm that runs as before, and the records of its run so far. */
interface Recording<State, Options> {
  readonly algorithm: Algorithm<State, Options>;
  /** All that nodes send by `broadcast`, in order. */
  readonly sent: readonly Broadcast[];
  /** Encoded bodies in the order in which they are sent, each once. */
  readonly bodies: readonly RecordedBody[];
}

/** The algorithm with these changes, recorded. */
export function record<State, Options>(
  algorithm: Algorithm<State, Options>,
  { init, lose }: Departures<State> = {},
): Recording<State, Options> {
  const sent: Broadcast[] = [];
  const bodies: RecordedBody[] = [];
  const spied = spy(algorithm, {
    init: (state, node) => init?.(state, node.id),
    encoded: (type, _body, { bytes }) => bodies.push({ type, bytes }),
    broadcast(message) {
      sent.push(message);
      const { from, type, round } = message;
      return message.to.filter((to) => !lose?.({ from, to, type, round }));
    },
  });
  return { algorithm: spied, sent, bodies };
}

/** The algorithm, and a copy of a node's own state whenever one is evaluated, in order. */
export function recordStates<Own, Options>(
  algorithm: Algorithm<RoundState<Own>, Options>,
): { algorithm: Algorithm<RoundState<Own>, Options>; states: readonly Own[] } {
  const states: Own[] = [];
  const spied = spy(algorithm, { evaluate: ({ own }) => states.push(structuredClone(own)) });
  return { algorithm: spied, states };
}

/**
 * Whether two neighbours of these float32 values (zeros aside) stand one after the other in a body, at whatever offset:
 * single values may be there by chance.
 */
export function leaks(bodies: readonly RecordedBody[], values: Float32Array): boolean {
  const patterns = Array.from(values.subarray(1), (value, i) => [values[i]!, value])
    .filter((pair) => pair.every((value) => value !== 0))
    .map((pair) => Buffer.from(Float32Array.from(pair).buffer));
  return bodies.some(({ bytes }) => {
    const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return patterns.some((pattern) => haystack.includes(pattern));
  });
}
