/**
 * `tcp`: each message is a TCP connection that starts slowly (RFC 5681). In the k-th round trip, from 0 on, the sender may
 * send initialWindow · 2^k bytes and then waits for acknowledgements; once that reaches `window`, it sends at most window ÷
 * round-trip time. The round-trip time is twice the latency of the attempt.
 */
import { z } from 'zod';
import { size } from '../../options/index.js';
import type { Bytes } from '../../units.js';
import type { TransportEntry } from './transport.js';

const window = (what: string) => size().refine((bytes) => bytes >= 1, `expected ${what} of at least 1 byte`);

const options = z.strictObject({
  initialWindow: window('an initial window')
    .prefault('14600B')
    .describe('bytes that may be sent before the first acknowledgement: ten segments of 1,460 (RFC 6928)'),
  window: window('a window')
    .prefault('4MB')
    .describe('most bytes under way: the smaller one of the buffers of sender and receiver'),
  handshake: z
    .boolean()
    .prefault(false)
    .describe('whether each message opens a connection, a round trip before its first byte'),
});

/** Slow start, and a window. */
export const tcp: TransportEntry<z.output<typeof options>> = {
  id: 'tcp',
  description: 'a sender starts slowly, and has at most a window of bytes under way',
  options,
  pace({ initialWindow, window, handshake }, { bytes, latency }) {
    const round = 2 * latency;
    if (round === 0) return undefined;
    const windows: Bytes[] = [];
    let sent = 0;
    for (let next = initialWindow; next < window && sent < bytes; next *= 2) {
      windows.push(next);
      sent += next;
    }
    return { delay: handshake ? round : 0, windows, round, limit: (8e9 * window) / round };
  },
};
