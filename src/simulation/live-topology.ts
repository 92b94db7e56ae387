/**
 * The topology as it is now. Algorithms may add and remove links while they run, nodes may join late and leave, and there are
 * topologies that differ from round to round: then a node has the neighbours of the round that it is in, so that all nodes
 * see the same links in the same round, however far apart they are in time.
 */
import { PluginError } from '../errors.js';
import { byNumber } from '../numbers.js';
import type { MixingRow, MixingRule } from '../topology/mixing/index.js';
import { mixingRows } from '../topology/mixing/index.js';
import type { Neighbors } from '../topology/neighbors.js';
import type { Round } from '../units.js';
import { Membership } from './membership.js';

/** Rounds whose links are kept at once, where they differ. */
const VIEWS_MAX = 64;

/** The links of some rounds, and the weights that go with them. */
interface View {
  readonly neighbors: Neighbors;
  /** Computed when they are first needed. */
  rows?: MixingRow[];
}

/** How a topology may depend on rounds. */
interface RoundParts {
  /** The links of each round, where they differ; default: they are the same in all rounds. */
  readonly linksAt?: ((round: Round) => Neighbors) | undefined;
  /** The round that a node is in. */
  readonly roundOf: (node: number) => Round;
}

/** Neighbour lists that change, and the mixing weights that go with them. */
export class LiveTopology {
  readonly #rule: MixingRule | undefined;
  readonly #rounds: RoundParts;
  /** The links of all rounds, without those that joining and leaving takes away; unused where rounds differ. */
  #neighbors: Neighbors & { in: Int32Array[]; out: Int32Array[] };
  readonly #members: Membership;
  readonly #views = new Map<number, View>();

  constructor(neighbors: Neighbors, rule: MixingRule | undefined, rounds: RoundParts = { roundOf: () => 0 }) {
    this.#neighbors = { ...neighbors, in: [...neighbors.in], out: [...neighbors.out] };
    this.#rule = rule;
    this.#rounds = rounds;
    this.#members = new Membership(neighbors.nodes);
  }

  /** Whether links differ from round to round. */
  get changes(): boolean {
    return this.#rounds.linksAt !== undefined;
  }

  /** Lists of node i in a round, ascending. A change makes new lists; a list that was handed out before stays as it was. */
  of(
    node: number,
    round = this.#rounds.roundOf(node),
  ): { readonly in: Int32Array; readonly out: Int32Array } {
    const { neighbors } = this.#view(round);
    return { in: neighbors.in[node]!, out: neighbors.out[node]! };
  }

  /** The mixing weights of node i in a round, by the algorithm's rule. Asserts that the algorithm has one. */
  mixing(node: number, round = this.#rounds.roundOf(node)): MixingRow {
    if (this.#rule === undefined)
      throw new PluginError(
        'expected an algorithm with a function `mixing`, which names its mixing rule, since node.mixing was read',
      );
    const view = this.#view(round);
    view.rows ??= mixingRows(view.neighbors, this.#rule);
    return view.rows[node]!;
  }

  /** The weight with which `to` mixes what `from` sends in a round; undefined without a rule. */
  weight(from: number, to: number, round = this.#rounds.roundOf(to)): number | undefined {
    if (this.#rule === undefined) return undefined;
    return this.mixing(to, round).neighbors[this.of(to, round).in.indexOf(from)];
  }

  /** Whether the links of two rounds may differ. */
  differs(one: Round, other: Round): boolean {
    if (this.changes) return one !== other;
    return this.#members.eraOf(one) !== this.#members.eraOf(other);
  }

  /** Adds the link from → to; false where it exists. */
  connect(from: number, to: number): boolean {
    this.#requireOneGraph();
    if (this.#neighbors.out[from]!.includes(to)) return false;
    this.#replace(from, to, (list, node) => Int32Array.from([...list, node].sort(byNumber)));
    return true;
  }

  /** Removes the link from → to; false where there is none. */
  disconnect(from: number, to: number): boolean {
    this.#requireOneGraph();
    if (!this.#neighbors.out[from]!.includes(to)) return false;
    this.#replace(from, to, (list, node) => list.filter((other) => other !== node));
    return true;
  }

  /** Takes a node out of the links of all rounds, for good or until it is admitted. */
  exclude(node: number, forGood: boolean): void {
    this.#members.exclude(node, forGood);
    this.#views.clear();
  }

  /** Puts an excluded node into the links of this and later rounds; false where it has left for good. */
  admit(node: number, round: Round): boolean {
    this.#views.clear();
    return this.#members.admit(node, round);
  }

  save(): { in: Int32Array[]; out: Int32Array[]; members: ReturnType<Membership['save']> } {
    return { in: [...this.#neighbors.in], out: [...this.#neighbors.out], members: this.#members.save() };
  }

  load(saved: ReturnType<LiveTopology['save']>): void {
    this.#neighbors = { ...this.#neighbors, in: [...saved.in], out: [...saved.out] };
    this.#members.load(saved.members);
    this.#views.clear();
  }

  #view(round: Round): View {
    const { linksAt } = this.#rounds;
    // The links of rounds between which nobody joins are the same where the topology is.
    const key = linksAt ? round : this.#members.eraOf(round);
    let view = this.#views.get(key);
    if (!view) {
      if (this.#views.size >= VIEWS_MAX) this.#views.delete(Math.min(...this.#views.keys()));
      view = { neighbors: this.#members.within(linksAt?.(round) ?? this.#neighbors, round) };
      this.#views.set(key, view);
    }
    return view;
  }

  #requireOneGraph(): void {
    if (!this.changes) return;
    throw new PluginError(
      'expected a topology that is the same in all rounds, since node.connect or node.disconnect was called: an algorithm ' +
        'that calls them states `fixedTopology: true`',
    );
  }

  #replace(from: number, to: number, change: (list: Int32Array, node: number) => Int32Array): void {
    this.#neighbors.out[from] = change(this.#neighbors.out[from]!, to);
    this.#neighbors.in[to] = change(this.#neighbors.in[to]!, from);
    this.#views.clear();
  }
}
