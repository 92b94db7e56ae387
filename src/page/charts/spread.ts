/** Places for labels that must not cover each other. */

/**
 * Places near the wanted ones, at least `gap` apart and within `low` to `high` as far as they fit there; in the order given. Labels
 * keep their order, and those that touch are centred on where they want to be.
 */
export function spreadOut(
  wanted: readonly number[],
  { gap, low, high }: { readonly gap: number; readonly low: number; readonly high: number },
): number[] {
  const order = wanted.map((_, k) => k).sort((a, b) => wanted[a]! - wanted[b]!);
  // Each cluster holds labels that touch, with the mean of where its first label would stand.
  const clusters: Array<{ members: number[]; start: number }> = [];
  for (const k of order) {
    let last = { members: [k], start: wanted[k]! };
    for (;;) {
      const above = clusters.at(-1);
      if (above === undefined || above.start + gap * above.members.length <= last.start) break;
      clusters.pop();
      last = merged(above, last, gap);
    }
    clusters.push(last);
  }
  const places: number[] = [];
  const flat = clusters.flatMap(({ members, start }) => members.map((k, i) => [k, start + gap * i] as const));
  for (const [i, [k, place]] of flat.entries()) places[k] = Math.max(place, low + gap * i);
  let limit = high;
  for (const [k] of flat.toReversed()) {
    places[k] = Math.min(places[k]!, limit);
    limit = places[k]! - gap;
  }
  return places;
}

interface Cluster {
  readonly members: number[];
  readonly start: number;
}

function merged(above: Cluster, below: Cluster, gap: number): Cluster {
  const [n, m] = [above.members.length, below.members.length];
  const start = (n * above.start + m * (below.start - gap * n)) / (n + m);
  return { members: [...above.members, ...below.members], start };
}
