/** Which flows use which resources: lists that change in constant time for each resource of a flow. */
import { assert } from '../../errors.js';
import { grownInt32 } from '../../grown.js';

/** Stands where a flow has fewer resources than it may have. */
const NO_RESOURCE = -1;

/** The lists of both sides. Flows and resources are small whole numbers. */
export class FlowLists {
  /** Flows on each resource, in no particular order: no result depends on it. */
  readonly on: number[][];
  /** Most resources that a flow may have. */
  readonly width: number;
  /** Stands for the other resource of a flow that has only one. Its level is infinite, and stays so. */
  readonly none: number;
  /** By flow, where none may have more than two: the sum of its resources, which leads from one to the other. */
  sums: Int32Array | undefined;
  /** Resources, [flows × width] row-major, and the places of the flow in their lists. */
  #rows: Int32Array;
  #places: Int32Array;

  constructor(resources: number, width: number) {
    this.on = Array.from({ length: resources }, () => []);
    this.width = width;
    this.none = resources;
    this.sums = width === 2 ? new Int32Array(64) : undefined;
    this.#rows = new Int32Array(64 * width).fill(NO_RESOURCE);
    this.#places = new Int32Array(64 * width);
  }

  /** Flows that there is room for. */
  get room(): number {
    return this.#rows.length / this.width;
  }

  /** The resource of a flow at a place below `width`; −1 where it has fewer. */
  at(flow: number, place: number): number {
    return this.#rows[flow * this.width + place]!;
  }

  /** Adds a flow on different resources, at most `width`. */
  add(flow: number, resources: ArrayLike<number>): void {
    const { width } = this;
    assert(resources.length <= width, 'a flow has too many resources');
    if (flow >= this.room) this.#grow(flow);
    const row = flow * width;
    for (let k = 0; k < width; k++) {
      const resource = k < resources.length ? resources[k]! : NO_RESOURCE;
      this.#rows[row + k] = resource;
      if (resource !== NO_RESOURCE) this.#places[row + k] = this.on[resource]!.push(flow) - 1;
    }
    if (this.sums !== undefined)
      this.sums[flow] = (resources[0] ?? this.none) + (resources.length < 2 ? this.none : resources[1]!);
  }

  /** Takes a flow out of a resource's list, where the last one moves to its place. */
  remove(flow: number): void {
    const { width } = this;
    for (let k = 0; k < width; k++) {
      const resource = this.#rows[flow * width + k]!;
      if (resource === NO_RESOURCE) return;
      const flows = this.on[resource]!;
      const place = this.#places[flow * width + k]!;
      const last = flows.pop()!;
      if (place === flows.length) continue;
      flows[place] = last;
      let moved = last * width;
      while (this.#rows[moved] !== resource) moved++;
      this.#places[moved] = place;
    }
  }

  /** Of a flow's other resources the one that comes first in the order of (level, id), or `none`. */
  firstOther(flow: number, resource: number, levels: Float64Array): number {
    if (this.sums !== undefined) return this.sums[flow]! - resource;
    let first = this.none;
    let least = Number.POSITIVE_INFINITY;
    const end = (flow + 1) * this.width;
    for (let k = flow * this.width; k < end; k++) {
      const other = this.#rows[k]!;
      if (other === NO_RESOURCE) break;
      if (other === resource) continue;
      const level = levels[other]!;
      if (level < least || (level === least && other < first)) {
        first = other;
        least = level;
      }
    }
    return first;
  }

  #grow(flow: number): void {
    const room = Math.max(2 * this.room, flow + 1);
    this.#rows = grownInt32(this.#rows, room * this.width, NO_RESOURCE);
    this.#places = grownInt32(this.#places, room * this.width);
    if (this.sums !== undefined) this.sums = grownInt32(this.sums, room);
  }
}
