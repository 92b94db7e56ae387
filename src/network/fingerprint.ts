/** What of each attempt is mixed into the fingerprint of the trace. */
import type { Trace } from '../kernel/trace.js';
import type { Bytes } from '../units.js';
import type { NetworkMessage, Outcome } from './message.js';

const OUTCOMES: Readonly<Record<Outcome, number>> = { delivered: 0, dropped: 1, cut: 2 };

/** Numbers from 0 to 2³² − 1 that one word tells apart. */
export const WORD = 2 ** 32;

/** An attempt at a message is made, with that many bytes. */
export function mixSent(
  trace: Trace,
  { from, to, type, round, sequence, body }: NetworkMessage,
  bytes: Bytes,
): void {
  trace.mix(from * WORD + sequence, 'sent: sender · 2^32 + sequence');
  trace.mix(to * 256 + type, 'sent: receiver · 256 + type');
  trace.mix(round, 'sent: round');
  trace.mix(bytes, 'sent: bytes');
  trace.mix(body.crc32, 'sent: crc32 of the body');
}

/** An attempt is over, after `sent` of its bytes. */
export function mixEnded(
  trace: Trace,
  { from, sequence, body }: NetworkMessage,
  outcome: Outcome,
  sent: Bytes,
): void {
  trace.mix(from * WORD + sequence, 'ended: sender · 2^32 + sequence');
  trace.mix(sent * 4 + OUTCOMES[outcome], 'ended: bytes sent · 4 + outcome (0 delivered, 1 dropped, 2 cut)');
  trace.mix(body.crc32, 'ended: crc32 of the body');
}
