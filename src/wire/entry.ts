/** What the list of codecs holds. */
import type { Entry } from '../options/index.js';
import type { VectorCodec } from './codec.js';

/** A codec for vectors that a scenario can name. */
export interface CodecEntry<Options> extends Entry<Options> {
  /** Whether it leaves coordinates out, so that a receiver has some of a vector only. Default: false. */
  readonly sparse?: boolean;
  /** The codec for vectors of `length` coordinates. Throws UsageError where the options do not fit that length. */
  create(options: Options, vector: { readonly length: number }): VectorCodec;
}
