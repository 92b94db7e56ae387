/** Plain water-filling: the slow, independent solver that the tests compare with. */
import { NO_RESOURCE } from '../../src/network/sharing/maxmin.js';

/** The resources of a flow. */
export type Flow = readonly [number, number];

/**
 * Rates by flow as docs/network.md describes them, computed anew each time, with big whole numbers: every step looks
 * for the bottleneck among all resources, and fixes its flows. An infinite capacity is that of no resource.
 */
export function reference(
  capacity: readonly number[],
  flows: ReadonlyMap<number, Flow>,
): Map<number, number> {
  const rates = new Map<number, number>();
  const remaining = capacity.map((bits) => (bits === Number.POSITIVE_INFINITY ? null : BigInt(bits)));
  const unfixed = capacity.map(() => new Set<number>());
  for (const [id, ends] of flows) {
    for (const resource of ends) if (resource !== NO_RESOURCE) unfixed[resource]!.add(id);
  }
  while (rates.size < flows.size) {
    let bottleneck = -1;
    let least = 0n;
    for (const [resource, left] of remaining.entries()) {
      const count = unfixed[resource]!.size;
      if (left === null || count === 0) continue;
      const share = left / BigInt(count);
      const offer = share < 1n ? 1n : share;
      if (bottleneck >= 0 && offer >= least) continue;
      bottleneck = resource;
      least = offer;
    }
    for (const id of [...unfixed[bottleneck]!]) {
      rates.set(id, Number(least));
      for (const resource of flows.get(id)!) {
        if (resource === NO_RESOURCE) continue;
        unfixed[resource]!.delete(id);
        const left = remaining[resource];
        if (left === null || left === undefined) continue;
        remaining[resource] = left < least ? 0n : left - least;
      }
    }
  }
  return rates;
}
