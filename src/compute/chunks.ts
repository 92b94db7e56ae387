/** Splits what is pending into groups that fit the cache and feed all workers. */
import type { Bytes } from '../units.js';

/** What splitting needs to know of a task. */
export interface Splittable {
  /** Tasks with equal keys may run together. */
  readonly key: string;
  /** Bytes that it keeps in cache while it runs. */
  readonly footprint: Bytes;
  /** Floating-point operations. */
  readonly cost: number;
}

/** From how many chunks a worker on they are small enough that nobody waits long for the last. */
const BALANCED_CHUNKS = 4;

/**
 * Groups tasks by key (groups by their first member, members in the given order), splits each group evenly into
 * chunks of up to `groupBytes` of footprint (exactly so where the members' footprints are equal), and halves the dearest chunks until every worker has an equal number.
 * Every chunk has a member; their concatenation is a permutation of `tasks`.
 */
export function splitIntoChunks<Task extends Splittable>(
  tasks: readonly Task[],
  options: { groupBytes: Bytes; workers: number },
): Task[][] {
  const groups = new Map<string, Task[]>();
  for (const task of tasks) {
    const group = groups.get(task.key);
    if (group) group.push(task);
    else groups.set(task.key, [task]);
  }
  const chunks: Task[][] = [];
  for (const group of groups.values()) {
    const bytes = group.reduce((sum, { footprint }) => sum + footprint, 0);
    const members = Math.max(1, Math.floor((options.groupBytes * group.length) / bytes));
    chunks.push(...splitEvenly(group, Math.ceil(group.length / members)));
  }
  while (isUneven(chunks.length, options.workers)) {
    const dearest = dearestToHalve(chunks);
    if (dearest === undefined) break;
    chunks.splice(dearest, 1, ...splitEvenly(chunks[dearest]!, 2));
  }
  return chunks;
}

function isUneven(chunks: number, workers: number): boolean {
  return workers > 1 && chunks < BALANCED_CHUNKS * workers && chunks % workers !== 0;
}

/** `parts` runs of `list` whose lengths differ by one at most; fewer where there are too few members. */
function splitEvenly<Item>(list: readonly Item[], parts: number): Item[][] {
  const count = Math.max(1, Math.min(parts, list.length));
  return Array.from({ length: count }, (_, i) =>
    list.slice(Math.floor((i * list.length) / count), Math.floor(((i + 1) * list.length) / count)),
  );
}

/** The dearest chunk of two or more members, the first of equals; undefined where there is none. */
function dearestToHalve(chunks: ReadonlyArray<readonly Splittable[]>): number | undefined {
  let best: number | undefined;
  let bestCost = -1;
  for (const [i, chunk] of chunks.entries()) {
    const cost = chunkCost(chunk);
    if (chunk.length > 1 && cost > bestCost) {
      best = i;
      bestCost = cost;
    }
  }
  return best;
}

/** Floating-point operations of all members. */
export function chunkCost(chunk: readonly Splittable[]): number {
  return chunk.reduce((sum, { cost }) => sum + cost, 0);
}
