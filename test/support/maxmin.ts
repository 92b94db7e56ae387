/** A slow, independent solver that the tests compare with. */
import { NO_RESOURCE } from '../../src/network/sharing/maxmin.js';

/** The resources of a flow. */
export type Flow = readonly [number, number];

/** Water-filling as docs/network.md describes it, without heap and components, computed anew each time. */
export function reference(
  capacity: readonly number[],
  flows: ReadonlyMap<number, Flow>,
): Map<number, number> {
  const rates = new Map<number, number>();
  const remaining = capacity.map((bits) => (bits === Number.POSITIVE_INFINITY ? null : BigInt(bits)));
  while (rates.size < flows.size) {
    let bottleneck = -1;
    let least = 0n;
    for (const [resource, left] of remaining.entries()) {
      if (left === null) continue;
      const unfixed = [...flows].filter(([id, ends]) => !rates.has(id) && ends.includes(resource)).length;
      if (unfixed === 0) continue;
      const share = left / BigInt(unfixed);
      const offer = share < 1n ? 1n : share;
      if (bottleneck >= 0 && offer >= least) continue;
      bottleneck = resource;
      least = offer;
    }
    for (const [id, ends] of flows) {
      if (rates.has(id) || !ends.includes(bottleneck)) continue;
      rates.set(id, Number(least));
      for (const resource of ends) {
        if (resource === NO_RESOURCE || remaining[resource] === null) continue;
        const left = remaining[resource]! - least;
        remaining[resource] = left < 0n ? 0n : left;
      }
    }
  }
  return rates;
}
