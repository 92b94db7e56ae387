/** Calls the algorithm's handlers when something happens to a node; an error that they throw names algorithm and node. */
import { isRecord, isTypedArray } from '../compute/plain-data.js';
import { assert, callPlugin, PluginError } from '../errors.js';
import type { EventId, EventKind, Kernel } from '../kernel/kernel.js';
import type { AnyAlgorithm, Computed, MaskPart, Message, NodeFacts } from '../learning/algorithm.js';
import { isParams } from '../learning/params.js';
import type { NetworkMessage } from '../network/message.js';
import { formatDuration, type Nanoseconds } from '../units.js';
import type { Messages } from './messages.js';
import type { NodeRuntime } from './node.js';
import type { Result } from './result.js';

/** An event for a node. A node that is down gets it when it comes up again. */
type Notice = { readonly event: 'start' | 'topology' } | { readonly event: 'timer'; readonly name: string };

/** One node, as far as the algorithm is concerned. Plain data. */
interface Actor {
  /** The algorithm's own state of the node. */
  state: unknown;
  /** Timers that are set, no two with one name. */
  timers: Array<{ name: string; event: EventId }>;
  /** Notices that came while the node was down, in order. */
  backlog: Notice[];
}

/** What `save` returns. Plain data. */
type ActorsState = Actor[];

/** The states and the timers of all nodes. */
export class Actors {
  readonly #algorithm: AnyAlgorithm;
  readonly #kernel: Kernel;
  readonly #messages: Messages;
  readonly #nodes: readonly NodeRuntime[];
  /** How many nodes are learners; those of roles follow. */
  readonly #learners: number;
  readonly #isUp: (node: number) => boolean;
  readonly #kinds: { start: EventKind; timer: EventKind; topology: EventKind };
  #actors: Actor[] = [];

  constructor(parts: {
    algorithm: AnyAlgorithm;
    kernel: Kernel;
    messages: Messages;
    nodes: readonly NodeRuntime[];
    isUp: (node: number) => boolean;
  }) {
    this.#algorithm = parts.algorithm;
    this.#kernel = parts.kernel;
    this.#messages = parts.messages;
    this.#nodes = parts.nodes;
    this.#learners = parts.nodes[0]?.nodes ?? 0;
    this.#isUp = parts.isUp;
    this.#kinds = {
      start: parts.kernel.kind('start', ({ target }) => this.#notify(target, { event: 'start' })),
      timer: parts.kernel.kind<string>('timer', ({ target, payload }) => this.#ring(target, payload)),
      topology: parts.kernel.kind('topology', ({ target }) => this.#notify(target, { event: 'topology' })),
    };
  }

  /** Makes the states of all nodes, and schedules their starts. To be called once, at the beginning of a run. */
  init(): void {
    this.#actors = this.#nodes.map((node) => ({
      state: this.#guard(node.id, 'init', () => this.#algorithm.init(node)),
      timers: [],
      backlog: [],
    }));
    for (const node of this.#nodes) {
      this.#kernel.schedule({ time: this.#kernel.now, kind: this.#kinds.start, target: node.id });
    }
  }

  /**
   * Sets a timer; it replaces one of the same name. Throws a PluginError unless the delay is a whole number of at least
   * 0.
   */
  setTimer(node: number, name: string, delay: Nanoseconds): void {
    if (!(Number.isSafeInteger(delay) && delay >= 0)) {
      throw new PluginError(`timer "${name}" of node ${node}: expected whole nanoseconds ≥ 0, got ${delay}`);
    }
    this.cancelTimer(node, name);
    const time = this.#kernel.now + delay;
    const event = this.#kernel.schedule({ time, kind: this.#kinds.timer, target: node, payload: name });
    this.#actorOf(node).timers.push({ name, event });
  }

  /** Cancels a timer, also one that has come due while the node was down. */
  cancelTimer(node: number, name: string): void {
    const actor = this.#actorOf(node);
    const timer = actor.timers.find((candidate) => candidate.name === name);
    if (timer) this.#kernel.cancel(timer.event);
    actor.timers = actor.timers.filter((candidate) => candidate !== timer);
    actor.backlog = actor.backlog.filter((notice) => notice.event !== 'timer' || notice.name !== name);
  }

  /** Notifies both ends of a changed link, by events of this instant. */
  topologyChanged(ends: readonly number[]): void {
    for (const target of ends) {
      this.#kernel.schedule({ time: this.#kernel.now, kind: this.#kinds.topology, target });
    }
  }

  /** Gives a message to its receiver, when that can read it, and those that have waited for it. */
  delivered(message: NetworkMessage): void {
    for (const { message: own, body } of this.#messages.held.arrived(message)) {
      const type = this.#messages.nameOf(own.type);
      const received: Message = { from: own.from, type, round: own.round, body: body?.value };
      const { message: handler } = this.#algorithm.on;
      // What it builds on was lost, so to this node it is lost too.
      if (!body) this.#nodes[own.to]!.ignore(received);
      else if (handler) this.#run(own.to, 'message', (node, state) => handler(node, state, received));
    }
  }

  /** Notifies the sender of a reliable message that it was given up, unless the sender is down. */
  undelivered(message: NetworkMessage): void {
    const { undelivered: handler } = this.#algorithm.on;
    if (!handler || !this.#isUp(message.from)) return;
    const lost = { to: message.to, type: this.#messages.nameOf(message.type), round: message.round };
    this.#run(message.from, 'undelivered', (node, state) => handler(node, state, lost));
  }

  /** Gives a node the output of its task. */
  computed(node: number, result: Computed): void {
    const { computed: handler } = this.#algorithm.on;
    if (handler) this.#run(node, 'computed', (context, state) => handler(context, state, result));
  }

  /** Notifies a node that it has gone down. */
  down(node: number): void {
    const { down: handler } = this.#algorithm.on;
    if (handler) this.#run(node, 'down', handler);
  }

  /** Notifies a node that it is up again, and then of everything that came while it was down, in order. */
  up(node: number): void {
    const actor = this.#actorOf(node);
    const { up: handler } = this.#algorithm.on;
    const waitsToStart = actor.backlog.some(({ event }) => event === 'start');
    if (handler && !waitsToStart) this.#run(node, 'up', handler);
    const { backlog } = actor;
    actor.backlog = [];
    for (const notice of backlog) this.#notify(node, notice);
  }

  /** The params that the algorithm evaluates on this node, by label. */
  evaluate(node: number): ReturnType<AnyAlgorithm['evaluate']> {
    const roles = this.#actors.slice(this.#learners).map(({ state }) => state);
    const context = { ...this.#factsOf(node), roles };
    const evaluated = this.#guard(node, 'evaluate', () =>
      this.#algorithm.evaluate(this.#actorOf(node).state, context),
    );
    const fault = faultOf(evaluated);
    if (fault !== undefined)
      throw new PluginError(`${this.#place(node, 'evaluate')}: expected ${fault}`, { isPlaced: true });
    return evaluated;
  }

  /** What the algorithm declares as personal on this node. */
  personal(node: number): ReadonlyArray<Float32Array | Float64Array> {
    const { personal } = this.#algorithm;
    return personal
      ? this.#guard(node, 'personal', () => personal(this.#actorOf(node).state, this.#factsOf(node)))
      : [];
  }

  /** The masks that the algorithm says this node sends, by message type. */
  masks(node: number): Readonly<Record<string, readonly MaskPart[]>> {
    return this.#guard(node, 'masks', () => this.#algorithm.masks?.(this.#factsOf(node)) ?? {});
  }

  #factsOf(node: number): NodeFacts {
    const { id, options, model } = this.#nodes[node]!;
    return { id, options, model };
  }

  /** The algorithm's own series, by metric. */
  measure(node: number): Readonly<Record<string, number>> {
    const { series } = this.#algorithm;
    if (!series) return {};
    const numbers = this.#guard(node, 'series', () => series(this.#actorOf(node).state));
    const areNumbers =
      isRecord(numbers) && Object.values(numbers).every((value) => typeof value === 'number');
    if (!areNumbers)
      throw new PluginError(`${this.#place(node, 'series')}: expected an object of numbers`, {
        isPlaced: true,
      });
    return numbers;
  }

  /** The artifacts of the run, by name, and what is wrong with those that are left out. */
  artifacts(): Pick<Result, 'artifacts' | 'leftOut'> {
    const states = this.#actors.map(({ state }) => state);
    const given = this.#guard(0, 'artifacts', () => this.#algorithm.artifacts?.(states) ?? {});
    const artifacts: Record<string, unknown> = {};
    const leftOut: Record<string, string> = {};
    for (const [name, value] of Object.entries(given)) {
      const fault = notFiniteIn(value, name);
      if (fault === undefined) artifacts[name] = value;
      else leftOut[name] = fault;
    }
    return { artifacts, leftOut };
  }

  save(): ActorsState {
    return structuredClone(this.#actors);
  }

  load(saved: ActorsState): void {
    assert(
      saved.length === this.#nodes.length,
      `expected a saved run with ${this.#nodes.length} nodes, got one with ${saved.length}`,
    );
    this.#actors = structuredClone(saved);
  }

  #actorOf(node: number): Actor {
    const actor = this.#actors[node];
    assert(actor, `node ${node} has no state yet`);
    return actor;
  }

  #ring(node: number, name: string): void {
    const actor = this.#actorOf(node);
    actor.timers = actor.timers.filter((timer) => timer.name !== name);
    this.#notify(node, { event: 'timer', name });
  }

  #notify(node: number, notice: Notice): void {
    if (!this.#isUp(node)) {
      this.#actorOf(node).backlog.push(notice);
      return;
    }
    const { on } = this.#algorithm;
    if (notice.event === 'timer') {
      const { name } = notice;
      if (on.timer) this.#run(node, 'timer', (context, state) => on.timer!(context, state, name));
    } else if (notice.event === 'start') {
      this.#run(node, 'start', on.start);
    } else if (on.topology) {
      this.#run(node, 'topology', on.topology);
    }
  }

  #run(node: number, handler: string, call: (context: NodeRuntime, state: unknown) => void): void {
    this.#guard(node, handler, () => call(this.#nodes[node]!, this.#actorOf(node).state));
  }

  #guard<T>(node: number, handler: string, call: () => T): T {
    return callPlugin(() => this.#place(node, handler), call);
  }

  #place(node: number, handler: string): string {
    const { round, now } = this.#nodes[node]!;
    return `algorithm "${this.#algorithm.id}", ${handler} on node ${node}, round ${round}, at ${formatDuration(now)} (${now} ns)`;
  }
}

/** What is wrong with what `evaluate` returned; undefined if nothing is. */
function faultOf(evaluated: unknown): string | undefined {
  if (!isRecord(evaluated))
    return `an object { adapted, mixed, … } of models, got ${Array.isArray(evaluated) ? 'an array' : String(evaluated)}`;
  for (const label in evaluated) {
    const params: unknown = (evaluated[label] as { readonly params?: unknown } | undefined)?.params;
    if (!isParams(params)) return `{ params } with float32 params under "${label}", got ${String(params)}`;
  }
  return undefined;
}

/** The first number that is not finite (`encoder.params[3] is NaN`), or what is no plain data; undefined if there is none. */
function notFiniteIn(value: unknown, path: string): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${path} is ${value}`;
  if (isTypedArray(value) || Array.isArray(value)) {
    for (const [i, item] of (value as readonly unknown[]).entries()) {
      const fault = notFiniteIn(item, `${path}[${i}]`);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
  if (isRecord(value)) {
    for (const key of Object.keys(value)) {
      const fault = notFiniteIn(value[key], `${path}.${key}`);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
  const isJson = value === null || typeof value === 'string' || typeof value === 'boolean';
  return isJson ? undefined : `${path} is ${String(value)}, which is no plain data`;
}
