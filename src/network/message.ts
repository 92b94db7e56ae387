/** Messages and attempts as the network sees them. It never asks which algorithm it carries. */
import type { Nanoseconds, Round } from '../units.js';
import type { EncodedBody } from '../wire/codec.js';

/** A broadcast encodes its body once; its messages share this object. */
export interface SharedBody extends EncodedBody {
  /** crc32 of `bytes`, computed once. */
  readonly crc32: number;
}

/** What a sender hands to the network. */
export interface Outgoing {
  readonly from: number;
  readonly to: number;
  /** Index of the message type in the run's table of types. */
  readonly type: number;
  /** The sender's round, for the header and the ledger. */
  readonly round: Round;
  readonly body: SharedBody;
  /** Retried until delivered or an end is down. */
  readonly reliable: boolean;
}

/** What arrives. */
export interface Delivered extends Outgoing {
  readonly sequence: number;
  readonly sentAt: Nanoseconds;
}

/** The four ends of an attempt: sent = delivered + dropped + cut + in flight. */
export type Outcome = 'delivered' | 'dropped' | 'cut';
