/**
 * The log of spans: what each node did and when, and the life of each attempt at a message. It is written while a run goes
 * on, if somebody asks for it, and changes nothing in the run.
 */
import type { Framing } from '../network/framing.js';
import type { Outcome } from '../network/message.js';
import { partsOfPrefix } from '../network/parts.js';
import { type Attempt, NONE } from '../network/sharing/sharing.js';
import type { PartBytes } from '../network/traffic.js';
import type { Bytes, Nanoseconds, Round } from '../units.js';

/** What a node does: it computes, waits for something (messages, or a time), or is down. */
type Activity = 'compute' | 'wait' | 'down';

/** A node did one thing. Spans of a node follow each other without gaps or overlaps. */
export interface NodeSpan {
  readonly node: number;
  readonly kind: Activity;
  readonly start: Nanoseconds;
  readonly end: Nanoseconds;
  /** The node's round at the start. */
  readonly round: Round;
}

/** One attempt at a message. */
export interface MessageSpan extends PartBytes {
  /** Numbers the messages of a sender. Attempts at one message have the same. */
  readonly sequence: number;
  /** 1 for the first attempt. */
  readonly attempt: number;
  readonly from: number;
  readonly to: number;
  readonly type: string;
  /** Of the sender. */
  readonly round: Round;
  /** When the message was given to the network; of a further attempt, too. */
  readonly queued: Nanoseconds;
  /** When its first byte left the uplink; undefined if none did. */
  readonly txStart: Nanoseconds | undefined;
  /** When its last byte left, or it was cut before; undefined if none had left by the end. */
  readonly txEnd: Nanoseconds | undefined;
  /** When it arrived, was lost or was cut; undefined if it is under way at the end of the run. */
  readonly arrived: Nanoseconds | undefined;
  /** `ignored`: it arrived, but too late to be used. */
  readonly outcome: Outcome | 'ignored' | 'in-flight';
}

/** Takes spans, in the order in which they end. */
export interface SpanSink {
  /** Rounds that are logged: 1 for all, k for every k-th. */
  readonly every: Round;
  node(span: NodeSpan): void;
  message(span: MessageSpan): void;
}

/** What a node is doing. */
interface Ongoing {
  readonly kind: Activity;
  readonly start: Nanoseconds;
  readonly round: Round;
}

/** What has not been written yet. Plain data. */
export interface SpanState {
  readonly nodes: readonly Ongoing[];
  readonly message: MessageSpan | undefined;
}

/** What the log asks of a run. */
interface SpanContext {
  readonly nodes: number;
  readonly now: () => Nanoseconds;
  readonly roundOf: (node: number) => Round;
  /** The name of a message type. */
  readonly typeOf: (type: number) => string;
  /** What packets add to messages. */
  readonly framing?: Framing | undefined;
}

/** Turns what happens in a run into spans. */
export class SpanLog {
  readonly #sink: SpanSink;
  readonly #context: SpanContext;
  #nodes: Ongoing[];
  /** The message that arrived last: whether it is ignored is known only when its receiver has seen it. */
  #message: MessageSpan | undefined;

  constructor(sink: SpanSink, context: SpanContext) {
    this.#sink = sink;
    this.#context = context;
    this.#nodes = Array.from({ length: context.nodes }, () => ({ kind: 'wait', start: 0, round: 0 }));
  }

  /** From now on the node does this. */
  turn(node: number, kind: Activity): void {
    this.#close(node);
    this.#nodes[node] = { kind, start: this.#context.now(), round: this.#context.roundOf(node) };
  }

  /** An attempt is over, after `sent` of its bytes. */
  ended(attempt: Attempt, outcome: Outcome, sent: Bytes): void {
    this.#flush();
    this.#message = this.#spanOf(attempt, outcome, sent);
  }

  /** The message that has just been delivered is not used. */
  ignored({ from, to, round }: Pick<MessageSpan, 'from' | 'to' | 'round'>): void {
    const last = this.#message;
    if (last?.outcome !== 'delivered' || last.arrived !== this.#context.now()) return;
    if (last.from === from && last.to === to && last.round === round)
      this.#message = { ...last, outcome: 'ignored' };
  }

  /** The run is over: writes what is going on, and the attempts under way. */
  end(underWay: Iterable<Attempt>): void {
    for (const node of this.#nodes.keys()) this.turn(node, this.#nodes[node]!.kind);
    this.#flush();
    for (const attempt of underWay) {
      this.#message = this.#spanOf(attempt, 'in-flight', attempt.bytes);
      this.#flush();
    }
  }

  save(): SpanState {
    return { nodes: [...this.#nodes], message: this.#message };
  }

  load({ nodes, message }: SpanState): void {
    this.#nodes = [...nodes];
    this.#message = message;
  }

  #close(node: number): void {
    const { kind, start, round } = this.#nodes[node]!;
    const end = this.#context.now();
    if (end > start && round % this.#sink.every === 0) this.#sink.node({ node, kind, start, end, round });
  }

  #flush(): void {
    const message = this.#message;
    this.#message = undefined;
    if (message && message.round % this.#sink.every === 0) this.#sink.message(message);
  }

  #spanOf({ message, tries, startedAt, leftAt }: Attempt, outcome: MessageSpan['outcome'], sent: Bytes) {
    const { sequence, from, to, type, round, sentAt, body } = message;
    const now = this.#context.now();
    return {
      ...{ sequence, attempt: tries, from, to, type: this.#context.typeOf(type), round, queued: sentAt },
      txStart: startedAt === NONE ? undefined : startedAt,
      txEnd: startedAt === NONE ? undefined : leftAt === NONE || leftAt > now ? now : leftAt,
      arrived: outcome === 'in-flight' ? undefined : now,
      ...partsOfPrefix(body, sent, this.#context.framing),
      outcome,
    };
  }
}
