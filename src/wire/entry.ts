/** What the list of codecs holds. */
import type { Entry } from '../options.js';
import type { VectorCodec } from './codec.js';

/** A codec for vectors that a scenario can name. */
export interface CodecEntry<Options> extends Entry<Options> {
  /** The codec for vectors of `length` coordinates. Throws UsageError where the options do not fit that length. */
  create(options: Options, vector: { readonly length: number }): VectorCodec;
}
