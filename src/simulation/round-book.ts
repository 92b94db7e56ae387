/** Which round each node is in, and the least round among the nodes that count and are up. */
import type { Round } from '../units.js';

/** Counts rounds. The least round is computed again only when the last node leaves it. */
export class RoundBook {
  readonly #counts: readonly boolean[];
  readonly #isUp: (node: number) => boolean;
  #rounds: Round[];
  #least: Round = 0;
  #atLeast: number;

  /** `counts`: by node, whether its rounds count for the run's. All nodes are up at the beginning. */
  constructor({ counts, isUp }: { counts: readonly boolean[]; isUp: (node: number) => boolean }) {
    this.#counts = counts;
    this.#isUp = isUp;
    this.#rounds = counts.map(() => 0);
    this.#atLeast = counts.filter(Boolean).length;
  }

  /** Number of nodes, roles included. */
  get size(): number {
    return this.#rounds.length;
  }

  /** The numbers of all nodes, roles included. */
  all(): number[] {
    return Array.from(this.#rounds.keys());
  }

  of(node: number): Round {
    return this.#rounds[node]!;
  }

  /** The least round among counting nodes that are up; the last such figure while none is up. */
  get least(): Round {
    return this.#least;
  }

  /** Sets a node's round, which never goes back. */
  set(node: number, round: Round): void {
    const before = this.#rounds[node]!;
    if (round <= before) return;
    this.#rounds[node] = round;
    if (!this.#counts[node] || !this.#isUp(node) || before > this.#least) return;
    this.#atLeast--;
    if (this.#atLeast === 0) this.#recount();
  }

  /** To be called after a node went down or came up. */
  upChanged(): void {
    this.#recount();
  }

  save(): { rounds: Round[]; least: Round } {
    return { rounds: [...this.#rounds], least: this.#least };
  }

  /** Continues from what `save` returned. `isUp` must answer for the saved state already. */
  load(saved: ReturnType<RoundBook['save']>): void {
    this.#rounds = [...saved.rounds];
    this.#least = saved.least;
    this.#recount();
  }

  #recount(): void {
    const rounds = this.#rounds.filter((_, node) => this.#counts[node] && this.#isUp(node));
    if (rounds.length === 0) return;
    this.#least = rounds.reduce((a, b) => Math.min(a, b));
    this.#atLeast = rounds.filter((round) => round === this.#least).length;
  }
}
