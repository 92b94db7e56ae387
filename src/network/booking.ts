/** What an attempt and its outcome add to the columns of a cell, and to the totals. */
import type { Bytes } from '../units.js';
import type { EncodedBody } from '../wire/codec.js';
import { messageBytes, partsOf, partsOfPrefix } from './parts.js';
import { BYTES, MESSAGES, PARTS, type PartBytes } from './traffic.js';

export function addAttempt(numbers: Float64Array, parts: PartBytes, retry: boolean): void {
  const bytes = sumOf(parts);
  numbers[MESSAGES.sent]! += 1;
  numbers[MESSAGES.inFlight]! += 1;
  if (retry) numbers[MESSAGES.retried]! += 1;
  numbers[BYTES.sent]! += bytes;
  numbers[BYTES.inFlight]! += bytes;
  addParts(numbers, parts, 1);
}

/** The end of an attempt that was not cut. */
export function addOutcome(numbers: Float64Array, parts: PartBytes, end: 'delivered' | 'dropped'): void {
  const size = sumOf(parts);
  numbers[MESSAGES.inFlight]! -= 1;
  numbers[MESSAGES[end]]! += 1;
  numbers[BYTES.inFlight]! -= size;
  numbers[BYTES[end]]! += size;
}

export function addCut(numbers: Float64Array, body: EncodedBody, sent: Bytes): void {
  const bytes = messageBytes(body);
  numbers[MESSAGES.inFlight]! -= 1;
  numbers[MESSAGES.cut]! += 1;
  numbers[BYTES.inFlight]! -= bytes;
  numbers[BYTES.cut]! += sent;
  numbers[BYTES.sent]! += sent - bytes;
  numbers[BYTES.unsent]! += bytes - sent;
  addParts(numbers, partsOf(body), -1);
  addParts(numbers, partsOfPrefix(body, sent), 1);
}

export const sumOf = ({ values, index, header, framing }: PartBytes): Bytes =>
  values + index + header + framing;

export function addParts(numbers: Float64Array, parts: PartBytes, times: number): void {
  numbers[PARTS.values]! += times * parts.values;
  numbers[PARTS.index]! += times * parts.index;
  numbers[PARTS.header]! += times * parts.header;
  numbers[PARTS.framing]! += times * parts.framing;
}
