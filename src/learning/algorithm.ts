/**
 * The interface that an algorithm implements, and the context in which its handlers run. An algorithm is one file:
 * a record of plain functions over plain state. Handlers run to completion; none may await.
 */
import type { AnyTask, TaskDefinition } from '../compute/task.js';
import type { Shard } from '../data/dataset.js';
import type { Model, ModelSpec } from '../models/model.js';
import type { Entry } from '../options/index.js';
import type { Random } from '../random.js';
import type { MixingRow, MixingRule } from '../topology/mixing/index.js';
import type { Nanoseconds, Round } from '../units.js';
import type { Codec } from '../wire/codec.js';

/** Nodes beside the learners: they have no shard and are left out of means. A role implies the star topology. */
export interface Role {
  readonly count: number;
  /** Whether the run's rounds are counted at this role's nodes, and not at the learners. */
  readonly countsRounds: boolean;
}

/** What an algorithm is told of the scenario before a run, so that it can refuse what it cannot do. */
export interface ScenarioFacts<Options> {
  readonly options: Options;
  /** Number of learners. */
  readonly nodes: number;
  /** Whether the network may drop messages. */
  readonly drops: boolean;
  /** Whether reliable messages are given up after some tries (`network.retry.tries`). */
  readonly givesUp?: boolean;
  /** Whether nodes may go down. */
  readonly faults: boolean;
}

/** What codecs may depend on. */
export interface CodecContext<Options> {
  readonly options: Options;
  /** The model of all learners; of node 0 where they differ. */
  readonly model: Model;
  /** The models of all learners, each once: a single one unless the algorithm has `mixedModels`. */
  readonly models: readonly Model[];
  /** Number of learners. */
  readonly nodes: number;
}

/** A learning algorithm. The README walks through one; CONTRIBUTING.md says how to add it. */
export interface Algorithm<State = unknown, Options = unknown> extends Entry<Options> {
  readonly reference: string;
  readonly roles?: Readonly<Record<string, Role>>;
  /** The mixing weights that `node.mixing` gives and topology.csv shows; absent where the algorithm has its own. */
  mixing?(options: Options): MixingRule;
  /** Whether nodes may have different models (`use: mixed`); a scenario that has them is refused without it. */
  readonly mixedModels?: boolean;
  /** Whether all nodes must start from the same params; a scenario with `init: per-node` is refused then. */
  readonly commonInit?: boolean;
  /** Message type → codec. The order of the keys numbers the types on the wire. */
  messages(setup: CodecContext<Options>): Readonly<Record<string, Codec<never, unknown>>>;
  /** The tasks that nodes compute, so that a saved run finds them again; `train` and `evaluate` are known. */
  tasks?(options: Options): readonly AnyTask[];
  /**
   * Loads what the options name in files, before the run: constants that nodes get from `constant(name)`. Paths are
   * resolved against `directory`. Throws UsageErrors.
   */
  load?(
    options: Options,
    context: { readonly directory: string; readonly model: Model },
  ): Promise<Readonly<Record<string, unknown>>>;
  /** Throws a UsageError where options and scenario do not fit together. */
  validate?(facts: ScenarioFacts<Options>): void;
  /** Plain data: JSON values and typed arrays; it is saved, forked and compared. */
  init(node: NodeContext<Options>): State;
  readonly on: Handlers<State, Options>;
  /**
   * What probes evaluate, by label (`personal`, `global`, …), the main one first. What a role evaluates holds for
   * every learner that has nothing under that label (FedAvg's server, say).
   */
  evaluate(state: State): Readonly<Record<string, Evaluated>>;
  /** The algorithm's own series, by metric name. */
  series?(state: State): Readonly<Record<string, number>>;
  /**
   * What the run leaves for other runs, by name: JSON values for artifacts.json. `states` are those of all nodes at
   * the end, in their order.
   */
  artifacts?(states: readonly State[]): Readonly<Record<string, unknown>>;
}

/** Params that a probe evaluates; `model` where it is not the node's own. */
export interface Evaluated {
  readonly params: Float32Array;
  readonly model?: ModelSpec;
}

/** Event handlers. `state` is mutated in place; arrays that were sent or computed on are replaced, never changed. */
export interface Handlers<State, Options> {
  start(node: NodeContext<Options>, state: State): void;
  message?(node: NodeContext<Options>, state: State, message: Message): void;
  timer?(node: NodeContext<Options>, state: State, name: string): void;
  computed?(node: NodeContext<Options>, state: State, result: Computed): void;
  /** The node's neighbours changed. */
  topology?(node: NodeContext<Options>, state: State): void;
  /** This node went down: it can neither send nor compute until `up`. */
  down?(node: NodeContext<Options>, state: State): void;
  up?(node: NodeContext<Options>, state: State): void;
  /** A reliable message could not be delivered. */
  undelivered?(node: NodeContext<Options>, state: State, message: Undelivered): void;
}

/** A message as a handler sees it. The body is shared by all its receivers: read-only. */
export interface Message {
  readonly from: number;
  readonly type: string;
  /** The sender's round when it was sent. */
  readonly round: Round;
  readonly body: unknown;
}

/** A reliable message that was given up. */
export interface Undelivered {
  readonly to: number;
  readonly type: string;
  readonly round: Round;
}

/** The output of a task, and the name under which it was submitted. */
export interface Computed {
  readonly name: string;
  readonly output: unknown;
}

/** How a message is sent. */
export interface SendOptions {
  /** Retried until delivered, an end is down or `network.retry.tries` are used up; every attempt is charged. Default false. */
  readonly reliable?: boolean;
}

/** What a handler may do. Everything here is deterministic; time stands still while a handler runs. */
export interface NodeContext<Options = unknown> {
  /** 0 … nodes − 1 for learners; extra nodes follow. */
  readonly id: number;
  /** `learner`, or the name of a role. */
  readonly role: string;
  readonly now: Nanoseconds;
  /** This node's count of rounds: 0 in the first. */
  readonly round: Round;
  /** Whether this node starts no round after the present one; never where the scenario counts no rounds. */
  readonly lastRound: boolean;
  /** Number of learners. */
  readonly nodes: number;
  readonly options: Options;
  /** The stream `node <id>/<name>`. */
  random(name: string): Random;
  /**
   * A new generator that is the same on every node and at every call, for what nodes that share a seed can draw
   * without sending anything. The name says what for (`clusters 7`).
   */
  publicRandom(name: string): Random;
  /** Neighbours now, ascending. */
  readonly neighbors: { readonly in: Int32Array; readonly out: Int32Array };
  /** The neighbours that any node has now, for algorithms in which all nodes know the topology. */
  neighborsOf(node: number): { readonly in: Int32Array; readonly out: Int32Array };
  /** Weights of the algorithm's `mixing` rule for this node; `neighbors[k]` belongs to `neighbors.in[k]`. */
  readonly mixing: MixingRow;
  readonly model: Model;
  modelOf(node: number): Model;
  /** This learner's data; asserts on a node without any. */
  readonly shard: Shard;
  /** The params that this node starts from: float32 [params]; the same on all nodes with `init: common`. */
  readonly initialParams: Float32Array;
  /** A constant that is rebuilt from the scenario and its seed, by name: `dataset`, or one that `load` gave. */
  constant(name: string): unknown;
  /** Encodes and sends; `type` is a key of `messages`. */
  send(to: number, type: string, body: unknown, options?: SendOptions): void;
  /** Encodes once and sends to `to` (default: all out-neighbours). Returns the body as receivers will see it. */
  broadcast(type: string, body: unknown, options?: SendOptions & { to?: ArrayLike<number> }): unknown;
  /** `on.timer(name)` after `delay`; a timer of that name that is already set is replaced. */
  timer(name: string, delay: Nanoseconds): void;
  cancelTimer(name: string): void;
  /** Queues a task on this node's processor; `on.computed` gets its output under `name` (default: the task's id). */
  compute<Input, Output>(task: TaskDefinition<Input, Output>, input: Input, name?: string): void;
  /** Whether a task of this node is running, queued or paused. */
  readonly computing: boolean;
  /** Adds or removes the link from this node to another; both ends' `on.topology` are called. */
  connect(to: number): void;
  disconnect(to: number): void;
  /**
   * Reports for topology.csv with which weight this node mixes what `from` sends, from now on (0: not at all). For
   * algorithms without a `mixing` rule; it changes nothing else.
   */
  weigh(from: number, weight: number): void;
  /**
   * Ends the current round. Returns false once the scenario's number of rounds is done: the node then starts no
   * other.
   */
  nextRound(): boolean;
  /** Takes over the round of a coordinator (a message's `round`); never goes back. */
  joinRound(round: Round): void;
  /** Counts a message that arrived too late to be used as `ignored` in the ledger. */
  ignore(message: Message): void;
}

/** Any algorithm, for lists. */
// biome-ignore lint/suspicious/noExplicitAny: the only type that every Algorithm<State, Options> is assignable to.
export type AnyAlgorithm = Algorithm<any, any>;
