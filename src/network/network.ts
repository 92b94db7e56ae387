/**
 * The network: carries any message between any pair of nodes, charges every attempt to the ledger, and reports
 * to the layer above what became of it. It never asks which algorithm it carries. The model is described in
 * docs/network.md; this file is the life of an attempt, and a sharing discipline (`sharing/`) decides when it arrives.
 */
import { assert } from '../errors.js';
import type { EventKind, Kernel } from '../kernel/kernel.js';
import type { Streams } from '../random.js';
import type { BitsPerSecond, Bytes, Nanoseconds } from '../units.js';
import { HEADER_BYTES, writeHeader } from '../wire/header.js';
import { AttemptTable, messageOf } from './attempts.js';
import { Fates } from './fates.js';
import type { FaultAttempt, FaultLink, TaskFate } from './faults/fault.js';
import { mixEnded, mixSent, WORD } from './fingerprint.js';
import type { Framing } from './framing.js';
import type { LatencyModel } from './latency/index.js';
import type { Ledger, LiveAttempt } from './ledger.js';
import type { NetworkMessage, Outcome, OutgoingMessage } from './message.js';
import { NetworkLinks, type NetworkLinksState } from './network-links.js';
import { capacitiesOf, checkNetwork, framingOf, type NetworkOptions } from './options.js';
import { sizeOf } from './parts.js';
import { Retries, type RetriesState } from './retries.js';
import { createSharing } from './sharing/guarded.js';
import type { Links } from './sharing/links.js';
import { type Attempt, type CapacityChange, hasLeft, NONE, type Sharing } from './sharing/sharing.js';
import { paceOf } from './transports/index.js';
import { sharedLinksOf } from './zones.js';

/** What the network reports to the layer above. */
interface NetworkHandlers {
  /** An attempt is over, after `sent` of its bytes; before anybody is told of its message. */
  ended?(attempt: Attempt, outcome: Outcome, sent: Bytes): void;
  /** A message has arrived at a node that is up. */
  delivered(message: NetworkMessage): void;
  /** A reliable message was given up. Its sender, whom this concerns, may itself be down. */
  undelivered(message: NetworkMessage): void;
  /** A node went down. Its transfers have been cut before this call. */
  down(node: number, task: TaskFate): void;
  /** A node came up again. */
  up(node: number): void;
}

/** What a network is made of. */
interface NetworkParts {
  /** All nodes, roles included. */
  readonly nodes: number;
  readonly options: NetworkOptions;
  /** The model of latency that the options name, ready for the run. */
  readonly latency: LatencyModel;
  readonly kernel: Kernel;
  readonly streams: Streams;
  readonly ledger: Ledger;
  readonly handlers: NetworkHandlers;
  /** Where faults disturb links. Default: nothing disturbs them. */
  readonly disturbed?: DisturbedLinks | undefined;
}

/** What faults do to links. */
interface DisturbedLinks {
  /** Whether nothing gets through a link now. */
  blocks(link: FaultLink): boolean;
  /** Whether an attempt that is being made is lost. Asked once for each. */
  loses(attempt: FaultAttempt): boolean;
}

/** The network as plain data; kernel, streams and ledger are saved by their owners. */
interface NetworkState {
  readonly attempts: readonly Attempt[];
  readonly retries: RetriesState;
  /** By node, how many faults hold it down. */
  readonly holds: Int32Array;
  readonly sequences: Float64Array;
  readonly nextAttempt: number;
  /** What the sharing discipline has saved. */
  readonly sharing: unknown;
  readonly links: NetworkLinksState;
}

/** Carries messages between nodes. */
export class Network {
  readonly #parts: NetworkParts;
  readonly #sharing: Sharing;
  readonly #links: NetworkLinks;
  readonly #framing: Framing | undefined;
  /** Room for a header. */
  readonly #header = new DataView(new ArrayBuffer(HEADER_BYTES));
  readonly #arrival: EventKind;
  readonly #fates: Fates;

  readonly #attempts = new AttemptTable();
  readonly #retries: Retries;
  /** By node, how many faults hold it down. No other place knows which nodes are up. */
  #holds: Int32Array;
  /** Messages sent, by node. */
  #sequences: Float64Array;

  /** Registers its event kinds with the kernel. Throws UsageError where an override names an unknown node. */
  constructor(parts: NetworkParts) {
    assert(parts.nodes > 0, 'a network needs at least one node');
    checkNetwork(parts.options, parts.nodes);
    this.#parts = parts;
    this.#framing = framingOf(parts.options);
    this.#holds = new Int32Array(parts.nodes);
    this.#sequences = new Float64Array(parts.nodes);
    const { kernel, nodes, streams, latency, options } = parts;
    const loses = (attempt: FaultAttempt) => parts.disturbed?.loses(attempt) ?? false;
    this.#fates = new Fates({ nodes, streams, latency, drop: options.drop, loses });
    this.#arrival = kernel.kind('message-arrival', (event) => this.#onArrival(event.payload));
    this.#retries = new Retries(kernel, options.retry.timeout, (message, tries) =>
      this.#retry(message, tries),
    );
    const capacities = capacitiesOf(options, nodes, latency.bandwidths);
    const arrive = (attempt: Attempt, time: Nanoseconds): void => this.#arrive(attempt, time);
    const { transport } = options;
    const pace = transport && paceOf(transport);
    const shared = sharedLinksOf(options, nodes);
    this.#sharing = createSharing(options.sharing, {
      kernel,
      capacities,
      shared,
      pace: pace && (({ message: { from, to }, bytes, latency }) => pace({ from, to, bytes, latency })),
      attempts: this.#attempts,
      arrive,
    });
    this.#links = new NetworkLinks(capacities, shared, this.#sharing);
  }

  /** Hands a message to the network. Asserts that its ends are two different nodes and that its sender is up. */
  send(outgoing: OutgoingMessage): void {
    const { from, to, type, round, body, reliable } = outgoing;
    if (from === to || this.#holds[to] === undefined || !this.isUp(from)) this.#refuse(from, to);
    const sequence = this.#sequences[from]!++;
    assert(sequence < WORD, 'a node has sent more messages than its sequence numbers can count');
    const sentAt = this.#parts.kernel.now;
    this.#attempt({ from, to, type, round, body, reliable, sequence, sentAt }, 1);
  }

  /** Whether a node is up: no fault holds it down. */
  isUp(node: number): boolean {
    return this.#holds[node] === 0;
  }

  /**
   * From now on a link of a node has that bandwidth, 0 to 9 · 10¹² bits per second: what is under way goes on at the new one.
   * Where a fault makes the node slow, it is divided by that. Throws a UsageError where the sharing discipline has constant links.
   */
  setCapacity(change: CapacityChange): void {
    this.#links.set(change);
  }

  /** The same for a link that nodes share, by its number in `listSharedLinks`. */
  setSharedCapacity(link: number, bandwidth: BitsPerSecond): void {
    this.#links.setShared(link, bandwidth);
  }

  /** The links of the network with their bandwidths now. */
  links(): Links {
    return this.#links.now();
  }

  /** Busy time of a node's links until now; an unlimited link is never busy. */
  busy(node: number): { readonly uplink: Nanoseconds; readonly downlink: Nanoseconds } {
    return this.#sharing.busy(node);
  }

  /**
   * A fault takes hold of a node. The first one takes the node down, which cuts what the node has not finished sending
   * and everything on the way to it, and decides what becomes of its tasks.
   */
  hold(node: number, task: TaskFate): void {
    assert(this.#holds[node] !== undefined, `a fault holds node ${node}, which does not exist`);
    if (this.#holds[node]++ > 0) return;
    const { kernel, handlers } = this.#parts;
    this.#cutAll((attempt) => {
      const { from, to } = attempt.message;
      return to === node || (from === node && !hasLeft(attempt, kernel.now));
    });
    handlers.down(node, task);
  }

  /** A fault lets go of a node, which comes up again when no other fault holds it. */
  release(node: number): void {
    assert(!this.isUp(node), `a fault releases node ${node}, which no fault holds`);
    if (--this.#holds[node]! === 0) this.#parts.handlers.up(node);
  }

  /** Cuts everything that is under way on links, wherever it is. */
  cutLinks(isCut: (link: FaultLink) => boolean): void {
    this.#cutAll(({ message: { from, to } }) => isCut({ from, to }));
  }

  /** From now on the links of a node have their bandwidth divided by `factor`, at least 1 bit/s of a bandwidth above 0. */
  slowLinks(node: number, factor: number): void {
    this.#links.slow(node, factor);
  }

  /** The attempts under way, in no order, their sizes taken from their bodies again: the ledger is audited against them. */
  *live(): Generator<LiveAttempt> {
    for (const { message } of this.#attempts.unordered()) {
      const { type, from, to, round, body } = message;
      yield { type, from, to, round, bytes: sizeOf(body, this.#framing).bytes };
    }
  }

  /** The attempts under way, in the order in which they were made. */
  underWay(): readonly Readonly<Attempt>[] {
    return this.#attempts.inOrder();
  }

  /** The attempt that the payload of an event `message-arrival` names. */
  attempt(id: number): Readonly<Attempt> | undefined {
    return this.#attempts.get(id);
  }

  /** Asserts that the ledger balances, and that it has in flight exactly the attempts under way, cell by cell. */
  audit(): void {
    this.#parts.ledger.audit(this.live());
  }

  save(): NetworkState {
    return {
      ...this.#attempts.save(),
      retries: this.#retries.save(),
      holds: this.#holds.slice(),
      sequences: this.#sequences.slice(),
      sharing: this.#sharing.save(),
      links: this.#links.save(),
    };
  }

  /** Replaces everything by a saved state of a network that is made of the same parts. */
  load(state: NetworkState): void {
    assert(state.holds.length === this.#parts.nodes, `the saved network has ${state.holds.length} nodes`);
    this.#attempts.load(state);
    this.#retries.load(state.retries);
    this.#holds = state.holds.slice();
    this.#sequences = state.sequences.slice();
    this.#sharing.load(state.sharing, this.#attempts);
    this.#links.load(state.links);
  }

  /** Makes one attempt at a message: draws its fate, books it and puts it on its way. */
  #attempt(message: NetworkMessage, tries: number): void {
    const { kernel, ledger } = this.#parts;
    const { from, to, body } = message;
    const link = { from, to, now: kernel.now };
    const latency = this.#fates.latency(link);
    const written = writeHeader(this.#header, message, body) + body.bytes.length;
    const lost = this.#fates.isLost({ ...link, bytes: written });
    const bytes = written + (this.#framing?.ofMessage(written) ?? 0);
    if (ledger.isFull) this.#layAside();
    const cell = ledger.attempt(message, body, tries > 1);
    const attempt = this.#attempts.open(message, { tries, bytes, cell, latency, lost });
    mixSent(kernel.trace, message, bytes);
    this.#sharing.start(attempt);
  }

  #layAside(): void {
    const placeOf = this.#parts.ledger.layAside();
    for (const attempt of this.#attempts.unordered()) attempt.cell = placeOf(attempt.cell);
  }

  #arrive(attempt: Attempt, time: Nanoseconds): void {
    attempt.event = this.#parts.kernel.schedule({
      time,
      kind: this.#arrival,
      target: attempt.message.to,
      payload: attempt.id,
    });
  }

  #onArrival(id: number): void {
    const attempt = this.#attempts.get(id)!;
    const { ledger, handlers } = this.#parts;
    attempt.event = NONE;
    this.#sharing.arrived(attempt);
    // Its own copy, since the attempt is over before the message is handed on.
    const message = messageOf(attempt);
    if (attempt.lost) {
      ledger.dropped(attempt.cell, message.body);
      this.#end(attempt, 'dropped', attempt.bytes);
    } else if (!this.isUp(message.to) || this.#parts.disturbed?.blocks(message)) {
      this.#cut(attempt, attempt.bytes);
    } else {
      ledger.delivered(attempt.cell, message.body);
      ledger.acknowledged(message, message.body);
      this.#end(attempt, 'delivered', attempt.bytes);
      handlers.delivered(message);
    }
  }

  #cutAll(isCut: (attempt: Attempt) => boolean): void {
    this.#sharing.cut(this.#attempts.inOrder(isCut), (attempt, sent) => this.#cut(attempt, sent));
    this.#parts.ledger.auditTotals(this.live());
  }

  #cut(attempt: Attempt, sent: Bytes): void {
    this.#parts.ledger.cut(attempt.cell, attempt.message.body, sent);
    this.#end(attempt, 'cut', sent);
  }

  /** Forgets an attempt whose outcome is booked, and mixes the outcome into the fingerprint. */
  #end(attempt: Attempt, outcome: Outcome, sent: Bytes): void {
    mixEnded(this.#parts.kernel.trace, attempt.message, outcome, sent);
    this.#parts.handlers.ended?.(attempt, outcome, sent);
    if (attempt.message.reliable && outcome !== 'delivered') this.#retries.add(attempt);
    this.#attempts.close(attempt);
  }

  /** The sender of a reliable message finds out that an attempt has failed. */
  #retry(message: NetworkMessage, tries: number): void {
    const bothUp = this.isUp(message.from) && this.isUp(message.to);
    if (bothUp && tries < this.#parts.options.retry.tries) this.#attempt(message, tries + 1);
    else this.#parts.handlers.undelivered(message);
  }

  #refuse(from: number, to: number): never {
    assert(from !== to, `expected another node as the receiver of node ${from}, got node ${from} itself`);
    assert(this.#holds[to] !== undefined, `node ${from} sends to node ${to}, which does not exist`);
    assert(false, `node ${from} sends, but it is down or does not exist`);
  }
}
