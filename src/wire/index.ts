/** Codecs: what turns a message body into bytes and back. */

export type { CodecMemory, VectorBody, VectorCodec, VectorLayout, VectorView } from './codec.js';
export { type Codec, CorruptBodyError, type EncodedBody, OutOfStepError } from './codec.js';
export {
  type ChosenCodec,
  codecOption,
  codecs,
  createCodec,
  createContraction,
  createParamsCodec,
  denseCodecOption,
  paramsCodecOption,
  plainCodecOption,
} from './codecs.js';
export type { CodecEntry } from './entry.js';
