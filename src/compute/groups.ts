/** Splits pending tasks into groups that fit the cache and keep all workers busy. */
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

/** With this many groups per worker, they are small enough that no worker waits long for the last one. */
const BALANCED_GROUPS = 4;

/**
 * Puts tasks with equal keys together (keys in the order of their first tasks, tasks in the given order), splits these
 * evenly into groups of up to `groupBytes` of footprint (exactly so where the footprints are equal), and halves the most
 * expensive groups until every worker has an equal number of groups. No group is empty, and all groups one after the
 * other are a permutation of `tasks`.
 */
export function splitIntoGroups<Task extends Splittable>(
  tasks: readonly Task[],
  options: { groupBytes: Bytes; workers: number },
): Task[][] {
  const byKey = new Map<string, Task[]>();
  for (const task of tasks) {
    const alike = byKey.get(task.key);
    if (alike) alike.push(task);
    else byKey.set(task.key, [task]);
  }
  const groups: Task[][] = [];
  for (const alike of byKey.values()) {
    const bytes = alike.reduce((sum, { footprint }) => sum + footprint, 0);
    const members = Math.max(1, Math.floor((options.groupBytes * alike.length) / bytes));
    groups.push(...splitEvenly(alike, Math.ceil(alike.length / members)));
  }
  while (isUneven(groups.length, options.workers)) {
    const expensive = mostExpensive(groups);
    if (expensive === undefined) break;
    groups.splice(expensive, 1, ...splitEvenly(groups[expensive]!, 2));
  }
  return groups;
}

function isUneven(groups: number, workers: number): boolean {
  return workers > 1 && groups < BALANCED_GROUPS * workers && groups % workers !== 0;
}

/** Cuts a list into `parts` pieces whose lengths differ by one at most; into fewer where the list is shorter. */
function splitEvenly<Item>(list: readonly Item[], parts: number): Item[][] {
  const count = Math.max(1, Math.min(parts, list.length));
  return Array.from({ length: count }, (_, i) =>
    list.slice(Math.floor((i * list.length) / count), Math.floor(((i + 1) * list.length) / count)),
  );
}

/** The most expensive group of two or more members, the first of equals; undefined where there is none. */
function mostExpensive(groups: ReadonlyArray<readonly Splittable[]>): number | undefined {
  let best: number | undefined;
  let bestCost = -1;
  for (const [i, group] of groups.entries()) {
    const cost = groupCost(group);
    if (group.length > 1 && cost > bestCost) {
      best = i;
      bestCost = cost;
    }
  }
  return best;
}

/** Floating-point operations of all members. */
export function groupCost(group: readonly Splittable[]): number {
  return group.reduce((sum, { cost }) => sum + cost, 0);
}
