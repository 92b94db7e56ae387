/** What an attempt and its outcome add to the columns of a cell, and to the totals. */
import type { Bytes } from '../units.js';
import type { EncodedBody } from '../wire/codec.js';
import { type MessageSize, messageBytes, partsOfPrefix, sizeOf } from './parts.js';
import { BYTES, MESSAGES, PARTS, type PartBytes } from './traffic.js';

/** How an attempt ended that was not cut. */
export type End = 'delivered' | 'dropped';

export function addAttempt(numbers: Float64Array, size: MessageSize, retry: boolean): void {
  numbers[MESSAGES.sent]! += 1;
  numbers[MESSAGES.inFlight]! += 1;
  if (retry) numbers[MESSAGES.retried]! += 1;
  numbers[BYTES.sent]! += size.bytes;
  numbers[BYTES.inFlight]! += size.bytes;
  addParts(numbers, size, 1);
}

export function addEnd(numbers: Float64Array, { bytes }: MessageSize, end: End): void {
  numbers[MESSAGES.inFlight]! -= 1;
  numbers[MESSAGES[end]]! += 1;
  numbers[BYTES.inFlight]! -= bytes;
  numbers[BYTES[end]]! += bytes;
}

export function addCut(numbers: Float64Array, body: EncodedBody, sent: Bytes): void {
  const bytes = messageBytes(body);
  numbers[MESSAGES.inFlight]! -= 1;
  numbers[MESSAGES.cut]! += 1;
  numbers[BYTES.inFlight]! -= bytes;
  numbers[BYTES.cut]! += sent;
  numbers[BYTES.sent]! += sent - bytes;
  numbers[BYTES.unsent]! += bytes - sent;
  addParts(numbers, sizeOf(body), -1);
  addParts(numbers, partsOfPrefix(body, sent), 1);
}

export function addParts(numbers: Float64Array, parts: PartBytes, times: number): void {
  numbers[PARTS.values]! += times * parts.values;
  numbers[PARTS.index]! += times * parts.index;
  numbers[PARTS.header]! += times * parts.header;
  numbers[PARTS.framing]! += times * parts.framing;
}
