/** Messages and attempts as the network sees them. It never asks which algorithm it carries. */
import type { Nanoseconds, Round } from '../units.js';
import type { ChecksummedBody } from '../wire/header.js';

/** What a sender hands to the network. */
export interface OutgoingMessage {
  readonly from: number;
  readonly to: number;
  /** Index of the message type in the run's table of types. */
  readonly type: number;
  /** The sender's round, for the header and the ledger. */
  readonly round: Round;
  readonly body: ChecksummedBody;
  /** Sent again until it is delivered, an end is down, or its tries are used up. */
  readonly reliable: boolean;
}

/** A message as the network carries it. @public */
export interface NetworkMessage extends OutgoingMessage {
  readonly sequence: number;
  readonly sentAt: Nanoseconds;
}

/** How an attempt can end. One that has not ended is in flight: sent = delivered + dropped + cut + in flight. */
export type Outcome = 'delivered' | 'dropped' | 'cut';
