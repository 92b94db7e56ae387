/** What levels are due, in both units, with how far they may be off: the inner loops of {@link MaxMin}. */
import type { BitsPerSecond } from '../../units.js';
import type { FlowLists } from './flow-lists.js';
import { fineShare, fineStep, partsOf } from './shares.js';

const INFINITE = Number.POSITIVE_INFINITY;

/** What due levels follow from. Arrays are by resource, and change from outside. */
interface DuesParts {
  readonly capacity: Float64Array;
  readonly lists: FlowLists;
  readonly level: Float64Array;
  readonly error: Float64Array;
}

/** Computes due levels. */
export class Dues {
  readonly #parts: DuesParts;
  /** By flow, once a flow has a limit. */
  limits: Float64Array | undefined;
  /** Of the level that was computed last, in units. */
  error = 0;

  constructor(parts: DuesParts) {
    this.#parts = parts;
  }

  /**
   * What a resource offers when those of its flows are fixed whose other resources come before it. Fixing them leaves at
   * least as much to each of the others, so the offer grows until no more of them come before it.
   */
  inBits(resource: number): BitsPerSecond {
    const { lists, level: levels, error: allErrors } = this.#parts;
    const { sums } = lists;
    const flows = lists.on[resource]!;
    const capacity = this.#parts.capacity[resource]!;
    this.error = 0;
    if (flows.length === 0) return INFINITE;
    if (capacity === 0) return 0;
    let offer = Math.max(1, Math.floor(capacity / flows.length));
    for (;;) {
      let remaining = capacity;
      let unfixed = flows.length;
      let errors = 0;
      for (let i = 0; i < flows.length; i++) {
        const flow = flows[i]!;
        const other = sums === undefined ? lists.firstOther(flow, resource, levels) : sums[flow]! - resource;
        const level = levels[other]!;
        if (level > offer || (level === offer && other > resource)) continue;
        remaining -= level;
        errors += allErrors[other]!;
        unfixed--;
      }
      if (unfixed === 0) return INFINITE;
      const next = Math.max(1, Math.floor(remaining / unfixed));
      if (next === offer) {
        const own = remaining === offer * unfixed ? 0 : 1;
        this.error = own + Math.ceil(errors / unfixed);
        return offer;
      }
      offer = next;
    }
  }

  /** The same in units of 2⁻³² bit/s, and with limits. */
  inParts(resource: number): BitsPerSecond {
    const { lists, level: levels, error: allErrors } = this.#parts;
    const { limits } = this;
    const flows = lists.on[resource]!;
    const capacity = this.#parts.capacity[resource]!;
    this.error = 0;
    if (flows.length === 0) return INFINITE;
    if (capacity === 0) return 0;
    let offer = fineShare(capacity, 0, flows.length);
    for (;;) {
      let whole = capacity;
      let parts = 0;
      let unfixed = flows.length;
      let errors = 0;
      for (let i = 0; i < flows.length; i++) {
        const flow = flows[i]!;
        const other = lists.firstOther(flow, resource, levels);
        let level = levels[other]!;
        const limit = limits === undefined ? INFINITE : limits[flow]!;
        if (limit <= level && limit <= offer) level = limit;
        else if (level > offer || (level === offer && other > resource)) continue;
        else errors += allErrors[other]!;
        const bits = Math.floor(level);
        whole -= bits;
        parts -= partsOf(level);
        unfixed--;
      }
      if (unfixed === 0) return INFINITE;
      const next = fineShare(whole, parts, unfixed);
      if (next === offer) {
        this.error = fineStep(offer) + Math.ceil(errors / unfixed);
        return offer;
      }
      offer = next;
    }
  }
}
