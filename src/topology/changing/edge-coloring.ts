/**
 * Matching decomposition: the edges of a graph in groups, no two edges of which meet, by the edge colouring of Misra and Gries
 * (Information Processing Letters 41, 1992). It needs one group more than the largest degree at most, and hence one more than
 * the least possible number.
 */
import type { Edge } from '../edges.js';

/** No edge has this colour at a node. */
const NONE = -1;

/** The groups in the order of their colours; none is empty. Every edge is undirected and given once. */
export function matchingsOf(nodes: number, edges: readonly Edge[]): Edge[][] {
  const coloring = new Coloring(nodes, edges);
  for (const edge of edges) coloring.color(edge);
  return coloring.groups(edges).filter((group) => group.length > 0);
}

/** Colours of the edges seen so far: at every node, edges of different colours. */
class Coloring {
  readonly #colors: number;
  /** The other end of the edge of each colour, int32 [nodes × colours]; NONE where there is no such edge. */
  readonly #across: Int32Array;

  constructor(nodes: number, edges: readonly Edge[]) {
    const degrees = new Int32Array(nodes);
    for (const [a, b] of edges) {
      degrees[a]!++;
      degrees[b]!++;
    }
    this.#colors = 1 + degrees.reduce((most, degree) => Math.max(most, degree), 0);
    this.#across = new Int32Array(nodes * this.#colors).fill(NONE);
  }

  /** Colours an edge; others may change theirs. */
  color([center, first]: Edge): void {
    const fan = this.#maximalFan(center, first);
    const free = this.#freeAt(center);
    const wanted = this.#freeAt(fan.at(-1)!);
    this.#swapAlong(center, wanted, free);
    // The path may have taken a colour from the fan: its beginning is one still.
    let last = 0;
    while (!this.#isFree(fan[last]!, wanted)) last++;
    for (let k = 0; k < last; k++) {
      const color = this.#colorOf(center, fan[k + 1]!);
      this.#clear(center, fan[k + 1]!, color);
      this.#set(center, fan[k]!, color);
    }
    this.#set(center, fan[last]!, wanted);
  }

  groups(edges: readonly Edge[]): Edge[][] {
    const groups: Edge[][] = Array.from({ length: this.#colors }, () => []);
    for (const edge of edges) groups[this.#colorOf(edge[0], edge[1])]!.push(edge);
    return groups;
  }

  /** Neighbours of the centre, of which each edge has a colour that is free at the neighbour before. */
  #maximalFan(center: number, first: number): number[] {
    const fan = [first];
    for (let grown = true; grown; ) {
      grown = false;
      for (let color = 0; color < this.#colors && !grown; color++) {
        const next = this.#across[center * this.#colors + color]!;
        if (next === NONE || fan.includes(next) || !this.#isFree(fan.at(-1)!, color)) continue;
        fan.push(next);
        grown = true;
      }
    }
    return fan;
  }

  /** Swaps two colours along the path from a node that begins with the first of them. */
  #swapAlong(start: number, first: number, second: number): void {
    const path = [start];
    for (let color = first; ; color = color === first ? second : first) {
      const next = this.#across[path.at(-1)! * this.#colors + color]!;
      if (next === NONE) break;
      path.push(next);
    }
    const colorAt = (k: number) => (k % 2 === 0 ? first : second);
    for (let k = 0; k + 1 < path.length; k++) this.#clear(path[k]!, path[k + 1]!, colorAt(k));
    for (let k = 0; k + 1 < path.length; k++) this.#set(path[k]!, path[k + 1]!, colorAt(k + 1));
  }

  #freeAt(node: number): number {
    let color = 0;
    while (!this.#isFree(node, color)) color++;
    return color;
  }

  #isFree(node: number, color: number): boolean {
    return this.#across[node * this.#colors + color] === NONE;
  }

  #colorOf(a: number, b: number): number {
    return this.#across.subarray(a * this.#colors, (a + 1) * this.#colors).indexOf(b);
  }

  #set(a: number, b: number, color: number): void {
    this.#across[a * this.#colors + color] = b;
    this.#across[b * this.#colors + color] = a;
  }

  #clear(a: number, b: number, color: number): void {
    this.#across[a * this.#colors + color] = NONE;
    this.#across[b * this.#colors + color] = NONE;
  }
}
