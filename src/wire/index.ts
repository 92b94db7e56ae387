/** Codecs: what turns a message body into bytes and back. */

export type { VectorBody, VectorCodec, VectorView } from './codec.js';
export { type Codec, CorruptBodyError, type EncodedBody } from './codec.js';
export { type ChosenCodec, codecList, codecOption, codecs, createCodec, denseCodecOption } from './codecs.js';
export { empty, number, numbers } from './control.js';
export type { CodecEntry } from './entry.js';
export { float16 } from './float16.js';
export { float32 } from './float32.js';
export {
  type ChosenMaskCodec,
  createMaskCodec,
  type MaskCodecEntry,
  maskCodecList,
  maskCodecOption,
  maskCodecs,
} from './mask-codecs.js';
export { record } from './record.js';
export { topK } from './top-k.js';
