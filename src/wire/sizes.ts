/** Sizes of a body's parts that are known before anything is encoded. */
import type { Bytes } from '../units.js';
import type { Codec } from './codec.js';

/** Bytes of each part; a part that is absent depends on the content. */
export interface PartSizes {
  readonly index?: Bytes;
  readonly values?: Bytes;
  readonly header?: Bytes;
}

/** A codec that says which of its parts have one size for every body: `record` then needs no lengths for them. */
export interface SizedCodec<Body, Decoded = Body> extends Codec<Body, Decoded> {
  readonly sizes: PartSizes;
}

/** The sizes that a codec declares; none for one that does not. */
export function sizesOf(codec: Codec<never, unknown>): PartSizes {
  return (codec as Partial<SizedCodec<never, unknown>>).sizes ?? {};
}
