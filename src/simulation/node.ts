/** A node at run time: the context of its handlers. */
import type { TaskDefinition } from '../compute/task.js';
import type { Shard } from '../data/dataset.js';
import { PluginError } from '../errors.js';
import type { Message, NodeContext, SendOptions } from '../learning/algorithm.js';
import type { Model } from '../models/model.js';
import type { Random } from '../random.js';
import type { MixingRow } from '../topology/mixing/index.js';
import type { Nanoseconds, Round } from '../units.js';
import type { World } from './world.js';

/**
 * {@link NodeContext} of one node. It keeps only its number; everything else is read from the part of the run that owns
 * it.
 */
export class NodeRuntime implements NodeContext<unknown> {
  readonly id: number;
  readonly #world: World;

  constructor(world: World, id: number) {
    this.#world = world;
    this.id = id;
  }

  get role(): string {
    return this.#world.constants.roles[this.id]!;
  }

  get now(): Nanoseconds {
    return this.#world.kernel.now;
  }

  get round(): Round {
    return this.#world.rounds.of(this.id);
  }

  get lastRound(): boolean {
    return this.#world.isLast(this.round);
  }

  get nodes(): number {
    return this.#world.plan.nodes;
  }

  get options(): unknown {
    return this.#world.constants.algorithmOptions;
  }

  get neighbors(): { readonly in: Int32Array; readonly out: Int32Array } {
    return this.#world.topology.of(this.id);
  }

  get mixing(): MixingRow {
    return this.#world.topology.mixing(this.id);
  }

  get model(): Model {
    return this.modelOf(this.id);
  }

  get shard(): Shard {
    const shard = this.#world.constants.shards[this.id];
    if (!shard)
      throw new PluginError(
        `expected a learner, since node.shard was read, got node ${this.id} (${this.role})`,
      );
    return shard;
  }

  get initialParams(): Float32Array {
    return this.#world.constants.initialParams(this.id);
  }

  get computing(): boolean {
    return this.#world.processors.isBusy(this.id);
  }

  random(name: string): Random {
    return this.#world.constants.streams.stream(`node ${this.id}/${name}`);
  }

  publicRandom(name: string): Random {
    return this.#world.constants.streams.fresh(`public/${name}`);
  }

  neighborsOf(node: number): { readonly in: Int32Array; readonly out: Int32Array } {
    this.#checkNode(node, 'neighborsOf');
    return this.#world.topology.of(node, this.round);
  }

  modelOf(node: number): Model {
    this.#checkNode(node, 'modelOf');
    return this.#world.constants.modelOf(node);
  }

  constant(name: string): unknown {
    const { loaded, dataset } = this.#world.constants;
    const known: Readonly<Record<string, unknown>> = { ...loaded, dataset };
    if (Object.hasOwn(known, name)) return known[name];
    throw new PluginError(
      `expected the name of a constant (${Object.keys(known).join(', ')}), got "${name}"`,
    );
  }

  send(to: number, type: string, body: unknown, options?: SendOptions): void {
    this.broadcast(type, body, { ...options, to: [to] });
  }

  broadcast(type: string, body: unknown, options: SendOptions & { to?: ArrayLike<number> } = {}): unknown {
    const { messages, network } = this.#world;
    const number = messages.numberOf(type);
    const { id: from, round } = this;
    const { to = this.neighbors.out, reliable = false } = options;
    const random = this.random(`encode ${type}`);
    const encoded = messages.encode(number, body, { from, round, random, to });
    for (let k = 0; k < to.length; k++) {
      const receiver = to[k]!;
      this.#checkOther(receiver, type);
      network.send({ from, to: receiver, type: number, round, body: encoded, reliable });
    }
    return messages.decode(number, encoded, { from, to: from });
  }

  timer(name: string, delay: Nanoseconds): void {
    this.#world.actors.setTimer(this.id, name, delay);
  }

  cancelTimer(name: string): void {
    this.#world.actors.cancelTimer(this.id, name);
  }

  compute<Input, Output>(task: TaskDefinition<Input, Output>, input: Input, name: string = task.id): void {
    this.#world.processors.submit(this.id, task, input, name);
  }

  connect(to: number): void {
    this.#checkOther(to, 'connect');
    this.#world.connect(this.id, to);
  }

  disconnect(to: number): void {
    this.#checkOther(to, 'disconnect');
    this.#world.disconnect(this.id, to);
  }

  weigh(from: number, weight: number): void {
    this.#checkOther(from, 'weigh');
    if (!Number.isFinite(weight))
      throw new PluginError(`expected a finite weight for what node ${from} sends, got ${weight}`);
    this.#world.weigh(from, this.id, weight);
  }

  nextRound(): boolean {
    const { round } = this;
    this.#world.rounds.set(this.id, round + 1);
    this.#world.roundEntered(this.id, round);
    return this.#world.roundEnded(this.id);
  }

  joinRound(round: Round): void {
    if (!(Number.isSafeInteger(round) && round >= 0))
      throw new PluginError(`joinRound: expected a whole number of at least 0, got ${round}`);
    const before = this.round;
    this.#world.rounds.set(this.id, round);
    this.#world.roundEntered(this.id, before);
  }

  ignore({ from, type, round }: Message): void {
    const { ledger, messages } = this.#world;
    this.#world.spans?.ignored({ from, to: this.id, round });
    ledger.ignored({ type: messages.numberOf(type), from, to: this.id, round });
  }

  /** `what` names the function that was called with the node, or the type of the message that is sent to it. */
  #checkOther(node: number, what: string): void {
    const all = this.#world.rounds.size;
    if (Number.isInteger(node) && node >= 0 && node < all && node !== this.id) return;
    throw new PluginError(`${what}: expected another node from 0 to ${all - 1}, got ${node}`);
  }

  #checkNode(node: number, what: string): void {
    const all = this.#world.rounds.size;
    if (Number.isInteger(node) && node >= 0 && node < all) return;
    throw new PluginError(`${what}: expected a node from 0 to ${all - 1}, got ${node}`);
  }
}
