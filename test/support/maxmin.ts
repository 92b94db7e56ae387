/** Plain water-filling: the slow, independent solvers that the tests compare with. */

/** The resources of a flow. */
export type Flow = readonly number[];

/** What is shared: capacities by resource, resources by flow, and limits of flows. An infinite capacity is no resource. */
interface Sharers {
  readonly capacity: readonly number[];
  readonly flows: ReadonlyMap<number, Flow>;
  readonly limits?: ReadonlyMap<number, number>;
}

const PARTS = 2n ** 32n;

/** The capacity, with a resource of its own for each limit, before all others. */
function withLimits({ capacity, flows, limits = new Map() }: Sharers) {
  const own = [...limits].filter(([id]) => flows.has(id));
  const all = [...own.map(([, limit]) => limit), ...capacity];
  const paths = new Map([...flows].map(([id, path]) => [id, path.map((resource) => resource + own.length)]));
  for (const [place, [id]] of own.entries()) paths.get(id)!.push(place);
  return { capacity: all, flows: paths };
}

/**
 * Rates by flow as docs/network.md describes them, computed anew each time, with big whole numbers: every step looks
 * for the bottleneck among all resources, and fixes its flows. `isTrusted`: whether each level is 1,000 times its error.
 */
function filled(sharers: Sharers, isFine: boolean): { rates: Map<number, number>; isTrusted: boolean } {
  const { capacity, flows } = withLimits(sharers);
  const unit = isFine ? PARTS : 1n;
  const rates = new Map<number, bigint>();
  const remaining = capacity.map((bits) =>
    bits === Number.POSITIVE_INFINITY
      ? null
      : BigInt(Math.floor(bits)) * unit + (isFine ? BigInt(Math.floor((bits % 1) * 2 ** 32)) : 0n),
  );
  const errors = capacity.map(() => 0n);
  const unfixed = capacity.map(() => new Set<number>());
  for (const [id, path] of flows) for (const resource of path) unfixed[resource]!.add(id);
  let isTrusted = true;
  while (rates.size < flows.size) {
    let bottleneck = -1;
    let least = 0n;
    for (const [resource, left] of remaining.entries()) {
      const count = BigInt(unfixed[resource]!.size);
      if (left === null || count === 0n) continue;
      const offer = shareOf(left, count, isFine, capacity[resource] === 0);
      if (bottleneck >= 0 && offer >= least) continue;
      bottleneck = resource;
      least = offer;
    }
    const count = BigInt(unfixed[bottleneck]!.size);
    const own = isFine ? stepOf(least) : least * count === remaining[bottleneck] ? 0n : 1n;
    const isLimit = bottleneck < capacity.length - sharers.capacity.length;
    const error =
      capacity[bottleneck] === 0 || isLimit ? 0n : own + (errors[bottleneck]! + count - 1n) / count;
    if (least < 1000n * error) isTrusted = false;
    for (const id of [...unfixed[bottleneck]!]) {
      rates.set(id, least);
      for (const resource of flows.get(id)!) {
        unfixed[resource]!.delete(id);
        if (resource !== bottleneck) errors[resource]! += error;
        const left = remaining[resource];
        if (left !== null && left !== undefined) remaining[resource] = left < least ? 0n : left - least;
      }
    }
  }
  const inBits = [...rates].map(([id, rate]) => [id, Number(rate) / Number(unit)] as const);
  return { rates: new Map(inBits), isTrusted };
}

/** Rates in whole bits per second where these can be trusted and `isFine` is not set, else in units of 2⁻³² bit/s. */
export function reference(
  sharers: Sharers,
  isFine = false,
): { rates: Map<number, number>; isFine: boolean; isTrusted: boolean } {
  const coarse = isFine ? undefined : filled(sharers, false);
  if (coarse?.isTrusted) return { ...coarse, isFine: false };
  return { ...filled(sharers, true), isFine: true };
}

function shareOf(left: bigint, count: bigint, isFine: boolean, isZero: boolean): bigint {
  const share = left / count;
  if (isFine) return share - (share % stepOf(share));
  return share < 1n && !isZero ? 1n : share;
}

/** Units that the last of the 53 binary places of a rate is worth. */
function stepOf(share: bigint): bigint {
  const digits = share.toString(2).length;
  return digits > 53 ? 2n ** BigInt(digits - 53) : 1n;
}

/** A fraction of big whole numbers. */
type Fraction = readonly [numerator: bigint, denominator: bigint];

const less = ([a, b]: Fraction, [c, d]: Fraction): boolean => a * d < c * b;

/** Max-min fair rates by flow as exact fractions, by the same steps without any rounding. */
export function exactRates(sharers: Sharers): Map<number, Fraction> {
  const { capacity, flows } = withLimits(sharers);
  const rates = new Map<number, Fraction>();
  while (rates.size < flows.size) {
    let least: Fraction | undefined;
    let fixed: number[] = [];
    for (const [resource, bits] of capacity.entries()) {
      if (bits === Number.POSITIVE_INFINITY) continue;
      const on = [...flows].filter(([, path]) => path.includes(resource)).map(([id]) => id);
      const unfixed = on.filter((id) => !rates.has(id));
      if (unfixed.length === 0) continue;
      let left: Fraction = [BigInt(Math.round(bits * 2 ** 32)), PARTS];
      for (const id of on) {
        const [c, d] = rates.get(id) ?? [0n, 1n];
        left = reduced(left[0] * d - c * left[1], left[1] * d);
      }
      const offer: Fraction = [left[0], left[1] * BigInt(unfixed.length)];
      if (least !== undefined && !less(offer, least)) continue;
      least = offer;
      fixed = unfixed;
    }
    for (const id of fixed) rates.set(id, reduced(...least!));
  }
  return rates;
}

function reduced(numerator: bigint, denominator: bigint): Fraction {
  let [a, b] = [numerator < 0n ? -numerator : numerator, denominator];
  while (b > 0n) [a, b] = [b, a % b];
  return a === 0n ? [0n, 1n] : [numerator / a, denominator / a];
}
