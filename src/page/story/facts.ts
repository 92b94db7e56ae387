/** What is known of one node of a run. */
import { integers, type Network, numbers } from '../network/network.js';
import type { Activity } from '../network/span-log.js';

/** What a node and a neighbour sent to each other in the whole run. */
interface Neighbour {
  readonly node: number;
  sent: number;
  received: number;
}

/** The nodes that a node sent to or received from, those with most bytes first; undefined where links are only known in sums. */
export function neighboursOf({ links }: Network, node: number): Neighbour[] | undefined {
  if ((integers(links, 'block')[0] ?? 1) > 1) return undefined;
  const [from, to, sent] = [integers(links, 'from'), integers(links, 'to'), numbers(links, 'sent_bytes')];
  const found = new Map<number, Neighbour>();
  const entry = (other: number): Neighbour => {
    const known = found.get(other) ?? { node: other, sent: 0, received: 0 };
    found.set(other, known);
    return known;
  };
  for (let row = 0; row < links.length; row++) {
    if (from[row] === node) entry(to[row]!).sent += sent[row]!;
    if (to[row] === node) entry(from[row]!).received += sent[row]!;
  }
  return [...found.values()].sort((a, b) => b.sent + b.received - a.sent - a.received || a.node - b.node);
}

/** The rows that a node has of a class. */
interface ClassRows {
  readonly class: number;
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

/** The data of a node, by class. */
export function classesOf({ split }: Network, node: number): ClassRows[] {
  if (!split) return [];
  const own = integers(split, 'node');
  const column = (name: string) => integers(split, name);
  return [...own.keys()]
    .filter((row) => own[row] === node)
    .map((row) => ({
      class: column('class')[row]!,
      train: column('train')[row]!,
      validation: column('validation')[row]!,
      test: column('test')[row]!,
    }));
}

/** From when to when a node was down. */
interface Down {
  readonly start_ns: number;
  readonly end_ns: number;
}

/** How long a node did what, in nanoseconds, and when it was down. */
interface Doings {
  readonly lasted: ReadonlyMap<Activity, number>;
  readonly down: readonly Down[];
}

/** What a node did; undefined where the page has no spans of it. */
export function doingsOf({ spans }: Network, node: number): Doings | undefined {
  if (!spans?.has(node)) return undefined;
  const lasted = new Map<Activity, number>();
  const down: Down[] = [];
  const { from, to } = spans.of(node);
  for (let span = from; span < to; span++) {
    const [kind, start_ns, end_ns] = [spans.kind(span), spans.start[span]!, spans.end[span]!];
    lasted.set(kind, (lasted.get(kind) ?? 0) + end_ns - start_ns);
    if (kind === 'down') down.push({ start_ns, end_ns });
  }
  return { lasted, down };
}
