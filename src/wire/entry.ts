/** The type of the entries of the list of codecs. */
import type { Entry } from '../options/index.js';
import type { VectorCodec, VectorLayout } from './codec.js';

/** A codec for vectors that a scenario can name. @public */
export interface CodecEntry<Options> extends Entry<Options> {
  /**
   * Whether it leaves coordinates out, so that receivers get only a part of a vector.
   * @defaultValue false
   */
  readonly sparse?: boolean;
  /** The codec for vectors of that layout. Throws UsageError if the options do not fit it. */
  create(options: Options, vector: VectorLayout): VectorCodec;
}
