/** What an attempt and its outcome add to the columns of a cell, and to the totals. */
import type { Bytes } from '../units.js';
import type { MessageSize } from './parts.js';
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

/** What was sent of an attempt, and its parts. */
export interface SentPart extends PartBytes {
  readonly bytes: Bytes;
}

export function addCut(numbers: Float64Array, size: MessageSize, gone: SentPart): void {
  const [bytes, sent] = [size.bytes, gone.bytes];
  numbers[MESSAGES.inFlight]! -= 1;
  numbers[MESSAGES.cut]! += 1;
  numbers[BYTES.inFlight]! -= bytes;
  numbers[BYTES.cut]! += sent;
  numbers[BYTES.sent]! += sent - bytes;
  numbers[BYTES.unsent]! += bytes - sent;
  addParts(numbers, size, -1);
  addParts(numbers, gone, 1);
}

/** Acknowledgements are bytes of packets that arrive at once, and no messages. */
export function addAcks(numbers: Float64Array, bytes: Bytes): void {
  numbers[BYTES.sent]! += bytes;
  numbers[BYTES.delivered]! += bytes;
  numbers[PARTS.framing]! += bytes;
}

export function addParts(numbers: Float64Array, parts: PartBytes, times: number): void {
  numbers[PARTS.values]! += times * parts.values;
  numbers[PARTS.index]! += times * parts.index;
  numbers[PARTS.header]! += times * parts.header;
  numbers[PARTS.framing]! += times * parts.framing;
}
