/**
 * A node without a simulation, for tests of handlers: it records the requests of a handler and carries out none of
 * them.
 */
import { assert } from '../../src/errors.js';
import type { Message, NodeContext, SendOptions } from '../../src/learning/algorithm.js';
import { Random } from '../../src/random.js';

/** A request of a handler to its node. */
export type NodeRequest =
  | {
      readonly request: 'send';
      readonly type: string;
      readonly body: unknown;
      readonly to: readonly number[];
    }
  | { readonly request: 'timer'; readonly name: string; readonly delay: number }
  | { readonly request: 'cancel'; readonly name: string }
  | { readonly request: 'compute'; readonly name: string; readonly input: unknown }
  | { readonly request: 'ignore'; readonly from: number; readonly round: number };

/** How a fake node starts out. */
interface FakeOptions<Options> {
  readonly options: Options;
  readonly id?: number;
  readonly nodes?: number;
  /** In- and out-neighbours. */
  readonly neighbors: readonly number[];
  /** `nextRound` returns false from this round on. @defaultValue 3 */
  readonly rounds?: number;
}

/** A {@link NodeContext} that does nothing by itself; `neighbors`, `computing` and `round` may be set by the test. */
export class FakeNode<Options> implements Partial<NodeContext<Options>> {
  readonly role = 'learner';
  readonly now = 0;
  readonly id: number;
  readonly nodes: number;
  readonly options: Options;
  neighbors: { in: Int32Array; out: Int32Array };
  round = 0;
  computing = false;
  /** The requests since the last call of {@link taken}, in order. */
  requests: NodeRequest[] = [];
  readonly #rounds: number;
  readonly #streams = new Map<string, Random>();

  constructor(given: FakeOptions<Options>) {
    this.id = given.id ?? 0;
    this.nodes = given.nodes ?? 4;
    this.options = given.options;
    this.#rounds = given.rounds ?? 3;
    const list = Int32Array.from(given.neighbors);
    this.neighbors = { in: list, out: list };
  }

  /** The node with the type that handlers expect; members that the fake does not offer are undefined. */
  get context(): NodeContext<Options> {
    return this as unknown as NodeContext<Options>;
  }

  /** The requests since the last call. */
  taken(): NodeRequest[] {
    const { requests } = this;
    this.requests = [];
    return requests;
  }

  random(name: string): Random {
    const stream = this.#streams.get(name) ?? new Random(`fake ${this.id}/${name}`);
    this.#streams.set(name, stream);
    return stream;
  }

  send(to: number, type: string, body: unknown): void {
    this.broadcast(type, body, { to: [to] });
  }

  broadcast(type: string, body: unknown, options: SendOptions & { to?: ArrayLike<number> } = {}): unknown {
    this.requests.push({ request: 'send', type, body, to: Array.from(options.to ?? this.neighbors.out) });
    return { seen: body };
  }

  timer(name: string, delay: number): void {
    this.requests.push({ request: 'timer', name, delay });
  }

  cancelTimer(name: string): void {
    this.requests.push({ request: 'cancel', name });
  }

  compute(task: { readonly id: string }, input: unknown, name: string = task.id): void {
    assert(!this.computing, 'the fake node computes one task at a time');
    this.computing = true;
    this.requests.push({ request: 'compute', name, input });
  }

  nextRound(): boolean {
    this.round++;
    return this.round < this.#rounds;
  }

  joinRound(round: number): void {
    this.round = Math.max(this.round, round);
  }

  ignore({ from, round }: Message): void {
    this.requests.push({ request: 'ignore', from, round });
  }
}
