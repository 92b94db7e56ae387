/** For tests of what stays at home: an algorithm that runs as before, and every body that it encoded. */
import type { AnyAlgorithm, CodecContext } from '../../src/learning/algorithm.js';
import type { Codec } from '../../src/wire/codec.js';

/** A body on the wire. */
export interface TappedBody {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** The algorithm, and its encoded bodies in the order in which they were sent, each once. */
export function wiretap<A extends AnyAlgorithm>(algorithm: A): { algorithm: A; bodies: TappedBody[] } {
  const bodies: TappedBody[] = [];
  const messages = (context: CodecContext<unknown>) =>
    Object.fromEntries(
      Object.entries(algorithm.messages(context)).map(([type, codec]): [string, Codec<never, unknown>] => [
        type,
        {
          ...codec,
          encode(body, random) {
            const encoded = codec.encode(body, random);
            bodies.push({ type, bytes: encoded.bytes });
            return encoded;
          },
        },
      ]),
    );
  return { algorithm: { ...algorithm, messages }, bodies };
}

/**
 * Whether two neighbours of these float32 values (zeros aside) stand one after the other in a body, at whatever offset:
 * single values may well be found by chance.
 */
export function leaks(bodies: readonly TappedBody[], values: Float32Array): boolean {
  const patterns = Array.from(values.subarray(1), (value, i) => [values[i]!, value])
    .filter((pair) => pair.every((value) => value !== 0))
    .map((pair) => Buffer.from(Float32Array.from(pair).buffer));
  return bodies.some(({ bytes }) => {
    const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return patterns.some((pattern) => haystack.includes(pattern));
  });
}
