/** Packets: what the network below adds to a message, and what comes back for it. */
import { z } from 'zod';
import { count } from '../options/index.js';
import { size } from '../options/quantities.js';
import type { Bytes } from '../units.js';

const ackOptions = z.strictObject({
  size: size().prefault('40B').describe('bytes of an acknowledgement'),
  every: count(1).default(2).describe('number of packets that one acknowledgement is for'),
});

/** What a scenario says under `network.framing`. */
export const framingOptions = z.strictObject({
  mtu: size()
    .refine((bytes) => bytes >= 1, 'expected packets of at least 1B')
    .prefault('1460B')
    .describe(
      'bytes of a message that a packet holds at most; 1460B: an Ethernet frame less the headers of IPv4 and TCP',
    ),
  header: size()
    .prefault('40B')
    .describe('bytes that each packet has besides; 40B: the headers of IPv4 and TCP'),
  acks: ackOptions
    .optional()
    .describe(
      'acknowledgements, as bytes from receiver to sender when a message is delivered; default: none',
    ),
});

type FramingOptions = z.output<typeof framingOptions>;

/** Bytes on the wire from the first on: those of the message, and those of packets. */
interface SplitBytes {
  readonly message: Bytes;
  readonly framing: Bytes;
}

/** Cuts messages into packets: each has its header and then up to `mtu` bytes of the message, in their order. */
export class Framing {
  readonly #options: FramingOptions;

  constructor(options: FramingOptions) {
    this.#options = options;
  }

  /** Bytes of all headers of packets of a message. */
  ofMessage(message: Bytes): Bytes {
    return this.#packets(message) * this.#options.header;
  }

  /** What the first `sent` bytes on the wire are. */
  ofPrefix(sent: Bytes): SplitBytes {
    const { mtu, header } = this.#options;
    const whole = Math.floor(sent / (mtu + header));
    const begun = sent - whole * (mtu + header);
    const framing = whole * header + Math.min(begun, header);
    return { message: sent - framing, framing };
  }

  /** Bytes of the acknowledgements of a message that is delivered. */
  ofAcks(message: Bytes): Bytes {
    const { acks } = this.#options;
    return acks === undefined ? 0 : Math.ceil(this.#packets(message) / acks.every) * acks.size;
  }

  #packets(message: Bytes): number {
    return Math.ceil(message / this.#options.mtu);
  }
}
