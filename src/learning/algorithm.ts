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
import type { Params } from './params.js';
import type { Adaptation } from './train.js';

/**
 * Nodes in addition to the learners: they have no shard and do not count for means. A role implies the star topology.
 * @public
 */
export interface Role {
  readonly count: number;
  /** Whether the rounds of the run are those of this role's nodes, and not those of the learners. */
  readonly countsRounds: boolean;
}

/** What an algorithm knows of the scenario before a run, so that it can refuse what it cannot do. @public */
export interface ScenarioFacts<Options> {
  readonly options: Options;
  /** Number of learners. */
  readonly nodes: number;
  /** Whether the network may drop messages. */
  readonly drops: boolean;
  /** Whether reliable messages are given up after some tries (`network.retry.tries`). */
  readonly givesUp?: boolean;
  /** Whether nodes may go down without their neighbours' knowledge. */
  readonly faults: boolean;
  /** Whether nodes may join late or leave, which takes them into the lists of neighbours or out of them. */
  readonly members?: boolean;
}

/** What codecs may depend on. @public */
export interface CodecContext<Options> {
  readonly options: Options;
  /** The model of all learners; of node 0 where they differ. */
  readonly model: Model;
  /** The models of all learners, each once: a single one unless the algorithm has `mixedModels`. */
  readonly models: readonly Model[];
  /** Number of learners. */
  readonly nodes: number;
}

/** A learning algorithm. The README walks through one; CONTRIBUTING.md says how to add it. @public */
export interface Algorithm<State = unknown, Options = unknown> extends Entry<Options> {
  /** The paper: authors, title, venue and year. */
  readonly reference: string;
  /** By name, the nodes that the algorithm needs in addition to the learners. */
  readonly roles?: Readonly<Record<string, Role>>;
  /**
   * The mixing weights that `node.mixing` gives and topology.csv shows; absent where the algorithm has weights of its
   * own.
   */
  mixing?(options: Options): MixingRule;
  /** Whether nodes may have different models (`use: mixed`); a scenario that has them is refused without it. */
  readonly mixedModels?: boolean;
  /**
   * Whether the algorithm keeps something of each neighbour, or changes the links itself: a topology that differs from round to
   * round, and nodes that join late or leave, are refused then.
   */
  readonly fixedTopology?: boolean;
  /**
   * Whether nodes answer on the links on which messages come: a topology with links in one direction only is refused then.
   * @defaultValue false
   */
  readonly undirected?: boolean;
  /**
   * Whether what it says holds only where the columns of the mixing weights sum to 1, so that mixing leaves the mean over the nodes as
   * it is: a rule that does not do that on the scenario's topology is refused then. Nodes that leave take their part with them.
   * @defaultValue false
   */
  readonly keepsMean?: boolean;
  /** Whether all nodes must start from the same params; a scenario with `init: per-node` is refused then. */
  readonly commonInit?: boolean;
  /** Message type → codec. The order of the keys numbers the types on the wire. */
  messages(context: CodecContext<Options>): Readonly<Record<string, Codec<never, unknown>>>;
  /** The tasks that nodes compute, so that a restored run finds them; `train` and `evaluate` need not be listed. */
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
  /** Makes the state of a node: plain data (JSON values and typed arrays), which is saved, restored and compared. */
  init(node: NodeContext<Options>): State;
  readonly on: Handlers<State, Options>;
  /**
   * The params that probes evaluate, by label. `adapted` is what the node's last local training has left, `mixed` what it
   * has averaged last; an algorithm gives both where it has both, and under labels of its own (`aux 1`) what it has
   * besides. What the node of a role evaluates counts for every learner that has nothing under that label, such as the
   * model of FedAvg's server.
   */
  evaluate(state: State, context: EvaluationContext<State, Options>): Readonly<Record<string, Evaluated>>;
  /** Arrays that never leave the node, such as its head or its scores: `mycel check` looks for them in all messages. */
  personal?(state: State, node: NodeFacts<Options>): ReadonlyArray<Float32Array | Float64Array>;
  /**
   * By message type, the parts of the mask that a node sends in it, and how many ones they have: `mycel check` counts them.
   */
  masks?(node: NodeFacts<Options>): Readonly<Record<string, readonly MaskPart[]>>;
  /**
   * Options with which a round is one full gradient step and one average: `mycel check` lets it run on quadratics, until it
   * has to be at the fixed point. Needs `mixing`, and an option `learningRate`.
   * @defaultValue nothing is said of that
   */
  readonly fixedPoints?: readonly FixedPoint[];
  /**
   * What the algorithm is where every message is lost.
   * @defaultValue nothing is said of that
   */
  readonly withoutMessages?: 'local-only';
  /**
   * Whether it does not depend on what is learned who sends what to whom, and when: then `timingOnly` can run it.
   * @defaultValue false
   */
  readonly contentFree?: boolean;
  /**
   * Why it is not: what it does that depends on what is learned, as the end of “got "pens", which …” when `timingOnly` is refused.
   * @defaultValue nothing is said of that
   */
  readonly contentBound?: string;
  /**
   * Whether all its messages have sizes that do not depend on what is learned, though their codecs declare none: values
   * under masks, say, that always keep so many.
   * @defaultValue what the codecs declare
   */
  fixedSizes?(context: CodecContext<Options>): boolean;
  /** Numbers that the algorithm records for the probe `series`, by metric name. */
  series?(state: State): Readonly<Record<string, number>>;
  /**
   * What the run leaves for other runs, by name: JSON values for artifacts.json. `states` are those of all nodes at
   * the end, in their order. An artifact with a number that is not finite is left out, and the run says so.
   */
  artifacts?(states: readonly State[]): Readonly<Record<string, unknown>>;
}

/** What an algorithm knows of a node beside its state. @public */
export interface NodeFacts<Options = unknown> {
  readonly id: number;
  readonly options: Options;
  /** The node's model. */
  readonly model: Model;
}

/** So many elements of a mask, from that one on, of which `ones` are 1, or `atMost` so many. @public */
export interface MaskPart {
  readonly from: number;
  readonly length: number;
  readonly ones: number;
  /** @defaultValue false */
  readonly atMost?: boolean;
}

/**
 * Where rounds end on f_i(x) = a_i/2 ‖x − b_i‖², with mixing weights W and a constant learning rate η:
 * x_i = Σ_j w_ij (x_j − η∇f_j(x_j)) if nodes adapt first, x_i = Σ_j w_ij x_j − η∇f_i(x_i) if they combine first.
 * @public
 */
export interface FixedPoint {
  readonly order: 'adapt-then-combine' | 'combine-then-adapt';
  /** Options that make a round of `order` with one sample a full gradient step; others have their defaults. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** What `evaluate` may read beside the node's state. @public */
export interface EvaluationContext<State = unknown, Options = unknown> extends NodeFacts<Options> {
  /** The states of the nodes of roles, in the order of their ids; empty for an algorithm without roles. */
  readonly roles: readonly State[];
}

/** Params that a probe evaluates, which are frozen; `model` where it is not the node's own. @public */
export interface Evaluated<P extends Params = Params> {
  readonly params: P;
  readonly model?: ModelSpec;
  /**
   * A training before each evaluation, of what is evaluated then: losses and accuracies are those of a node that adapts
   * the params first. It takes no virtual time and changes no state. Default: none.
   */
  readonly adaptation?: Adaptation;
}

/**
 * Event handlers. They change `state` in place, but replace arrays that were sent or given to a task by new ones.
 * @public
 */
export interface Handlers<State, Options> {
  /** The run starts; called once per node. */
  start(node: NodeContext<Options>, state: State): void;
  /** A message has arrived. */
  message?(node: NodeContext<Options>, state: State, message: Message): void;
  /** A timer of that name has come due. */
  timer?(node: NodeContext<Options>, state: State, name: string): void;
  /** A task that the node submitted is done. */
  computed?(node: NodeContext<Options>, state: State, result: Computed): void;
  /** The node's neighbours changed. */
  topology?(node: NodeContext<Options>, state: State): void;
  /** This node went down: it can neither send nor compute until `up`. */
  down?(node: NodeContext<Options>, state: State): void;
  /** This node came up again. */
  up?(node: NodeContext<Options>, state: State): void;
  /** A reliable message could not be delivered. */
  undelivered?(node: NodeContext<Options>, state: State, message: Undelivered): void;
}

/** A message as a handler sees it. All its receivers get the same body, so it must not be changed. @public */
export interface Message {
  readonly from: number;
  readonly type: string;
  /** The sender's round when it was sent. */
  readonly round: Round;
  readonly body: unknown;
}

/** A reliable message that was given up. @public */
export interface Undelivered {
  readonly to: number;
  readonly type: string;
  readonly round: Round;
}

/** The output of a task, and the name under which it was submitted. @public */
export interface Computed {
  readonly name: string;
  readonly output: unknown;
}

/** How a message is sent. @public */
export interface SendOptions {
  /**
   * Whether the message is sent again until it is delivered, an end is down or `network.retry.tries` are used up; every
   * attempt is charged. Default: false.
   */
  readonly reliable?: boolean;
}

/** What a handler may do. Everything here is deterministic; time stands still while a handler runs. @public */
export interface NodeContext<Options = unknown> {
  /** 0 … nodes − 1 for learners; extra nodes follow. */
  readonly id: number;
  /** `learner`, or the name of a role. */
  readonly role: string;
  readonly now: Nanoseconds;
  /** This node's count of rounds: 0 in the first. */
  readonly round: Round;
  /** Whether this is the last round of this node; always false where the scenario has no `stop.after`. */
  readonly lastRound: boolean;
  /** Number of learners. */
  readonly nodes: number;
  readonly options: Options;
  /** The stream `node <id>/<name>`. */
  random(name: string): Random;
  /**
   * A new generator that is the same on every node and at every call, for draws that all nodes make alike from the common
   * seed, without messages. The name states the purpose (`clusters 7`).
   */
  publicRandom(name: string): Random;
  /** This node's present neighbours, ascending. */
  readonly neighbors: { readonly in: Int32Array; readonly out: Int32Array };
  /** The present neighbours of any node, for algorithms in which all nodes know the topology. */
  neighborsOf(node: number): { readonly in: Int32Array; readonly out: Int32Array };
  /** Weights of the algorithm's `mixing` rule for this node; `neighbors[k]` belongs to `neighbors.in[k]`. */
  readonly mixing: MixingRow;
  readonly model: Model;
  modelOf(node: number): Model;
  /** This learner's data. Asserts that the node is a learner. */
  readonly shard: Shard;
  /** The params that this node starts from: float32 [params]; the same on all nodes with `init: common`. */
  readonly initialParams: Float32Array;
  /** A constant that is rebuilt from the scenario and its seed, by name: `dataset`, or one that `load` gave. */
  constant(name: string): unknown;
  /** Encodes and sends; `type` is a key of `messages`. */
  send(to: number, type: string, body: unknown, options?: SendOptions): void;
  /** Encodes once and sends to `to` (default: all out-neighbours). Returns the body as receivers will see it. */
  broadcast(type: string, body: unknown, options?: SendOptions & { to?: ArrayLike<number> }): unknown;
  /** Sets a timer: `on.timer` is called with `name` after `delay`. It replaces a timer of the same name. */
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
   * Records in topology.csv the weight with which this node mixes what `from` sends from now on (0: not at all). For
   * algorithms without a `mixing` rule; changes nothing else.
   */
  weigh(from: number, weight: number): void;
  /**
   * Ends the current round. Returns false after the last round of the scenario: the node then starts no other.
   */
  nextRound(): boolean;
  /** Sets this node's round to that of a coordinator (the `round` of a message); a lower number changes nothing. */
  joinRound(round: Round): void;
  /** Counts a message that arrived too late to be used as `ignored` in the ledger. */
  ignore(message: Message): void;
}

/** Any algorithm, for lists. @public */
// biome-ignore lint/suspicious/noExplicitAny: the only type that every Algorithm<State, Options> is assignable to.
export type AnyAlgorithm = Algorithm<any, any>;
