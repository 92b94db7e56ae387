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
  /**
   * Whether more of a vector of that length may be lost than there is: the mean of ‖v − Q(v)‖² is above ‖v‖² on normally distributed
   * numbers. What sends again what was lost before grows without bound with such a codec, so it is refused there.
   * @defaultValue no
   */
  expands?(options: Options, length: number): boolean;
  /** The codec for vectors of that layout. Throws UsageError if the options do not fit it. */
  create(options: Options, vector: VectorLayout): VectorCodec;
}
