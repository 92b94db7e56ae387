/** Who is in which round, and the least round among those who count and are up. */
import type { Round } from '../units.js';

/** Counts rounds; `least` costs nothing while the slowest node stands still. */
export class RoundBook {
  readonly #counts: readonly boolean[];
  #rounds: Round[];
  #live: boolean[];
  #least: Round = 0;
  #atLeast: number;

  /** @param counts whether a node's rounds count for the run's */
  constructor(counts: readonly boolean[]) {
    this.#counts = counts;
    this.#rounds = counts.map(() => 0);
    this.#live = counts.map(() => true);
    this.#atLeast = counts.filter(Boolean).length;
  }

  /** Number of nodes, roles included. */
  get size(): number {
    return this.#rounds.length;
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
    if (!this.#counts[node] || !this.#live[node] || before > this.#least) return;
    this.#atLeast--;
    if (this.#atLeast === 0) this.#recount();
  }

  setLive(node: number, live: boolean): void {
    this.#live[node] = live;
    this.#recount();
  }

  isLive(node: number): boolean {
    return this.#live[node]!;
  }

  save(): { rounds: Round[]; live: boolean[]; least: Round } {
    return { rounds: [...this.#rounds], live: [...this.#live], least: this.#least };
  }

  load(saved: ReturnType<RoundBook['save']>): void {
    this.#rounds = [...saved.rounds];
    this.#live = [...saved.live];
    this.#least = saved.least;
    this.#recount();
  }

  #recount(): void {
    const rounds = this.#rounds.filter((_, node) => this.#counts[node] && this.#live[node]);
    if (rounds.length === 0) return;
    this.#least = rounds.reduce((a, b) => Math.min(a, b));
    this.#atLeast = rounds.filter((round) => round === this.#least).length;
  }
}
