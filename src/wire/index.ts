/** Codecs: what turns a message body into bytes and back. */

export type { VectorBody, VectorCodec, VectorView } from './codec.js';
export { type Codec, CorruptBodyError, type EncodedBody } from './codec.js';
export { type ChosenCodec, codecOption, codecs, createCodec, denseCodecOption } from './codecs.js';
export type { CodecEntry } from './entry.js';
