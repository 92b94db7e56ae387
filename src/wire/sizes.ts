/** Sizes of the parts of a body that are the same for every body of a codec. */
import type { Bytes } from '../units.js';
import type { Codec } from './codec.js';

/** Bytes of each part; absent if the size depends on the content. @public */
export interface PartSizes {
  readonly index?: Bytes;
  readonly values?: Bytes;
  readonly header?: Bytes;
}

/**
 * A codec that declares which parts have the same size for every body: `record` then writes no lengths for them.
 * @public
 */
export interface SizedCodec<Body, Decoded = Body> extends Codec<Body, Decoded> {
  readonly sizes: PartSizes;
}

/** The sizes that a codec declares; empty if it declares none. */
export function sizesOf(codec: Codec<never, unknown>): PartSizes {
  return (codec as Partial<SizedCodec<never, unknown>>).sizes ?? {};
}
