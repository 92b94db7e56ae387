/** A node without a simulation, for tests of handlers: it writes down what a handler asks for, and nothing happens. */
import { assert } from '../../src/errors.js';
import type { Message, NodeContext, SendOptions } from '../../src/learning/algorithm.js';
import { Random } from '../../src/random.js';

/** What a handler asked of its node, in order. */
export type Asked =
  | { readonly asked: 'send'; readonly type: string; readonly body: unknown; readonly to: readonly number[] }
  | { readonly asked: 'timer'; readonly name: string; readonly delay: number }
  | { readonly asked: 'cancel'; readonly name: string }
  | { readonly asked: 'compute'; readonly name: string; readonly input: unknown }
  | { readonly asked: 'ignore'; readonly from: number; readonly round: number };

/** How a fake node starts out. */
interface FakeOptions<Options> {
  readonly options: Options;
  readonly id?: number;
  readonly nodes?: number;
  /** In- and out-neighbours. */
  readonly neighbors: readonly number[];
  /** `nextRound` says no from this round on. @defaultValue 3 */
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
  /** Emptied by {@link taken}. */
  asked: Asked[] = [];
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

  /** As handlers want it; what the fake does not offer is undefined. */
  get context(): NodeContext<Options> {
    return this as unknown as NodeContext<Options>;
  }

  /** What was asked for since the last call. */
  taken(): Asked[] {
    const { asked } = this;
    this.asked = [];
    return asked;
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
    this.asked.push({ asked: 'send', type, body, to: Array.from(options.to ?? this.neighbors.out) });
    return { seen: body };
  }

  timer(name: string, delay: number): void {
    this.asked.push({ asked: 'timer', name, delay });
  }

  cancelTimer(name: string): void {
    this.asked.push({ asked: 'cancel', name });
  }

  compute(task: { readonly id: string }, input: unknown, name: string = task.id): void {
    assert(!this.computing, 'the fake node computes one task at a time');
    this.computing = true;
    this.asked.push({ asked: 'compute', name, input });
  }

  nextRound(): boolean {
    this.round++;
    return this.round < this.#rounds;
  }

  joinRound(round: number): void {
    this.round = Math.max(this.round, round);
  }

  ignore({ from, round }: Message): void {
    this.asked.push({ asked: 'ignore', from, round });
  }
}
