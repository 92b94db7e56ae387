/** Sizes of messages, and the parts of the bytes that are sent, in wire order: header, index, values, body's header. */
import type { Bytes } from '../units.js';
import type { EncodedBody } from '../wire/codec.js';
import { HEADER_BYTES } from '../wire/header.js';
import type { Framing } from './framing.js';
import type { PartBytes } from './traffic.js';

/** Bytes of a message: its header and its body. */
export function messageBytes(body: EncodedBody): Bytes {
  return HEADER_BYTES + body.bytes.length;
}

/** What a message takes, and what its codec says of its parts: the audit asks whether they add up to it. */
export interface MessageSize extends PartBytes {
  readonly bytes: Bytes;
}

/** The size of one attempt at a whole message, with its packets. */
export function sizeOf(body: EncodedBody, framing?: Framing): MessageSize {
  const message = messageBytes(body);
  const packets = framing?.ofMessage(message) ?? 0;
  return {
    bytes: message + packets,
    values: body.valuesBytes,
    index: body.indexBytes,
    header: HEADER_BYTES + body.headerBytes,
    framing: packets,
  };
}

/** The parts of the first `sent` bytes of an attempt. They add up to `sent`. */
export function partsOfPrefix(body: EncodedBody, sent: Bytes, framing?: Framing): PartBytes {
  const prefix = framing?.ofPrefix(sent) ?? { message: sent, framing: 0 };
  let left = prefix.message;
  const take = (size: Bytes): Bytes => {
    const taken = Math.min(size, left);
    left -= taken;
    return taken;
  };
  const header = take(HEADER_BYTES);
  const index = take(body.indexBytes);
  const values = take(body.valuesBytes);
  return { values, index, header: header + take(body.headerBytes), framing: prefix.framing };
}
