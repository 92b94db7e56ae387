/** A node at run time: the context of its handlers, made of the services that a run shares. */
import type { TaskDefinition } from '../compute/task.js';
import type { Shard } from '../data/dataset.js';
import { assert, PluginError } from '../errors.js';
import type { Message, NodeContext, SendOptions } from '../learning/algorithm.js';
import type { Model } from '../models/model.js';
import type { SharedBody } from '../network/message.js';
import type { Random, Streams } from '../random.js';
import type { MixingRow } from '../topology/neighbors.js';
import type { Nanoseconds, Round } from '../units.js';
import type { Codec } from '../wire/codec.js';
import { sealBody } from '../wire/header.js';
import type { LiveTopology } from './live-topology.js';
import type { RoundBook } from './round-book.js';

/** A message type: its number on the wire is its place in the run's table. */
export interface MessageType {
  readonly name: string;
  readonly codec: Codec<never, unknown>;
}

/** What all nodes of a run share. The simulation makes it. */
export interface Services {
  readonly nodes: number;
  readonly options: unknown;
  readonly streams: Streams;
  readonly topology: LiveTopology;
  readonly rounds: RoundBook;
  readonly types: readonly MessageType[];
  readonly models: readonly Model[];
  now(): Nanoseconds;
  shared(name: string): unknown;
  initialParams(node: number): Float32Array;
  send(message: {
    from: number;
    to: number;
    type: number;
    round: Round;
    body: SharedBody;
    reliable: boolean;
  }): void;
  setTimer(node: number, name: string, delay: Nanoseconds): void;
  cancelTimer(node: number, name: string): void;
  compute(node: number, task: TaskDefinition<never, unknown>, input: unknown, name: string): void;
  isComputing(node: number): boolean;
  relink(from: number, to: number, change: 'add' | 'remove'): void;
  weigh(from: number, to: number, weight: number): void;
  /** Whether a node in this round starts no other. */
  isLast(round: Round): boolean;
  /** Called after the node's round was counted; false where the run needs no further round of it. */
  roundEnded(node: number): boolean;
  ignored(to: number, message: Message): void;
}

/** Bodies are decoded once, however many receivers there are. */
export class Decoder {
  readonly #types: readonly MessageType[];
  readonly #decoded = new WeakMap<SharedBody, unknown>();

  constructor(types: readonly MessageType[]) {
    this.#types = types;
  }

  decode(type: number, body: SharedBody): unknown {
    if (!this.#decoded.has(body)) {
      this.#decoded.set(body, this.#types[type]!.codec.decode(body.bytes, body.indexBytes));
    }
    return this.#decoded.get(body);
  }
}

/** {@link NodeContext} of one node. */
export class NodeRuntime implements NodeContext<unknown> {
  readonly id: number;
  readonly role: string;
  readonly #services: Services;
  readonly #decoder: Decoder;
  readonly #shard: Shard | undefined;

  constructor(parts: {
    id: number;
    role: string;
    services: Services;
    decoder: Decoder;
    shard: Shard | undefined;
  }) {
    this.id = parts.id;
    this.role = parts.role;
    this.#services = parts.services;
    this.#decoder = parts.decoder;
    this.#shard = parts.shard;
  }

  get now(): Nanoseconds {
    return this.#services.now();
  }

  get round(): Round {
    return this.#services.rounds.of(this.id);
  }

  get lastRound(): boolean {
    return this.#services.isLast(this.round);
  }

  get nodes(): number {
    return this.#services.nodes;
  }

  get options(): unknown {
    return this.#services.options;
  }

  get neighbors(): { readonly in: Int32Array; readonly out: Int32Array } {
    return this.neighborsOf(this.id);
  }

  get mixing(): MixingRow {
    return this.#services.topology.mixing(this.id);
  }

  get model(): Model {
    return this.modelOf(this.id);
  }

  get shard(): Shard {
    assert(this.#shard, `node ${this.id} (${this.role}) has no shard`);
    return this.#shard;
  }

  get initialParams(): Float32Array {
    return this.#services.initialParams(this.id);
  }

  get computing(): boolean {
    return this.#services.isComputing(this.id);
  }

  random(name: string): Random {
    return this.#services.streams.stream(`node ${this.id}/${name}`);
  }

  neighborsOf(node: number): { readonly in: Int32Array; readonly out: Int32Array } {
    return this.#services.topology.of(node);
  }

  publicRandom(name: string): Random {
    return this.#services.streams.fresh(`public/${name}`);
  }

  modelOf(node: number): Model {
    const { models } = this.#services;
    return models[Math.min(node, models.length - 1)]!;
  }

  shared(name: string): unknown {
    return this.#services.shared(name);
  }

  send(to: number, type: string, body: unknown, options?: SendOptions): void {
    this.broadcast(type, body, { ...options, to: [to] });
  }

  broadcast(type: string, body: unknown, options: SendOptions & { to?: ArrayLike<number> } = {}): unknown {
    const number = this.#typeNumber(type);
    const random = this.random(`encode ${type}`);
    const sealed = sealBody(this.#services.types[number]!.codec.encode(body as never, random));
    const to = options.to ?? this.neighbors.out;
    for (let k = 0; k < to.length; k++) {
      this.#checkReceiver(to[k]!, type);
      this.#services.send({
        from: this.id,
        to: to[k]!,
        type: number,
        round: this.round,
        body: sealed,
        reliable: options.reliable ?? false,
      });
    }
    return this.#decoder.decode(number, sealed);
  }

  timer(name: string, delay: Nanoseconds): void {
    this.#services.setTimer(this.id, name, delay);
  }

  cancelTimer(name: string): void {
    this.#services.cancelTimer(this.id, name);
  }

  compute<Input, Output>(task: TaskDefinition<Input, Output>, input: Input, name: string = task.id): void {
    this.#services.compute(this.id, task as unknown as TaskDefinition<never, unknown>, input, name);
  }

  connect(to: number): void {
    this.#services.relink(this.id, to, 'add');
  }

  disconnect(to: number): void {
    this.#services.relink(this.id, to, 'remove');
  }

  weigh(from: number, weight: number): void {
    this.#services.weigh(from, this.id, weight);
  }

  nextRound(): boolean {
    this.#services.rounds.set(this.id, this.round + 1);
    return this.#services.roundEnded(this.id);
  }

  joinRound(round: Round): void {
    this.#services.rounds.set(this.id, round);
  }

  ignore(message: Message): void {
    this.#services.ignored(this.id, message);
  }

  #typeNumber(type: string): number {
    const number = this.#services.types.findIndex(({ name }) => name === type);
    if (number >= 0) return number;
    const known = this.#services.types.map(({ name }) => name).join(', ') || 'none';
    throw new PluginError(
      `node ${this.id} sends a message of type "${type}"; the algorithm declares: ${known}`,
    );
  }

  #checkReceiver(to: number, type: string): void {
    const all = this.#services.rounds.size;
    if (Number.isInteger(to) && to >= 0 && to < all && to !== this.id) return;
    throw new PluginError(
      `node ${this.id} sends "${type}" to ${to}; expected another node from 0 to ${all - 1}`,
    );
  }
}
