/** Who has what: the classes of each node's rows, and which nodes have the same. */
import type { Dataset, Shard } from '../../data/dataset.js';
import { byNumber } from '../../numbers.js';
import type { ColumnTable } from '../../page/data.js';

type Labelled = Pick<Dataset, 'labels' | 'attributes' | 'classes'>;

/**
 * `split`: `node`, `class` (as it is stored), `train`, `validation`, `test`: the rows that a node has of a class, as far as it has
 * some; one class 0 for data without classes. `groups`: `node`, `group`: nodes of one group have the same classes and see them the
 * same; no table where all nodes have, or where there are more than 16 groups or half as many as nodes.
 */
export function splitTables(
  dataset: Labelled,
  shards: readonly Shard[],
): Readonly<Record<string, ColumnTable>> {
  const rows = shards.flatMap((shard, node) => rowsOf(dataset, shard, node));
  const column = (name: keyof ClassRow) => Int32Array.from(rows, (row) => row[name]);
  const columns = {
    node: column('node'),
    class: column('class'),
    train: column('train'),
    validation: column('validation'),
    test: column('test'),
  };
  return { split: { length: rows.length, columns }, ...groupTable(dataset, shards) };
}

interface ClassRow {
  readonly node: number;
  readonly class: number;
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

function rowsOf({ labels, attributes = 1, classes }: Labelled, shard: Shard, node: number): ClassRow[] {
  const attribute = shard.view?.attribute ?? 0;
  const count = (rows: Uint32Array): Int32Array => {
    const counts = new Int32Array(Math.max(1, classes));
    for (const row of rows) counts[classes === 0 ? 0 : labels[row * attributes + attribute]!]! += 1;
    return counts;
  };
  const [train, validation, test] = [count(shard.train), count(shard.validation), count(shard.test)];
  return [...train.keys()].flatMap((label) => {
    const row = { train: train[label]!, validation: validation[label]!, test: test[label]! };
    return row.train + row.validation + row.test > 0 ? [{ node, class: label, ...row }] : [];
  });
}

/** Groups that readers can tell from each other. */
const GROUPS_MAX = 16;

function groupTable(dataset: Labelled, shards: readonly Shard[]): Readonly<Record<string, ColumnTable>> {
  const groups = new Map<string, number>();
  const group = Int32Array.from(shards, (shard) => {
    const key = signature(dataset, shard);
    const known = groups.get(key) ?? groups.size;
    groups.set(key, known);
    return known;
  });
  if (groups.size < 2 || groups.size > Math.min(GROUPS_MAX, shards.length / 2)) return {};
  const columns = { node: Int32Array.from(shards.keys()), group };
  return { groups: { length: shards.length, columns } };
}

/** What nodes of a group have in common. */
function signature({ labels, attributes = 1 }: Labelled, { train, validation, view = {} }: Shard): string {
  const attribute = view.attribute ?? 0;
  const own = new Set<number>();
  for (const rows of [train, validation])
    for (const row of rows) own.add(labels[row * attributes + attribute]!);
  return JSON.stringify([
    attribute,
    [...own].sort(byNumber),
    [...(view.labels ?? [])],
    [...(view.features ?? [])],
  ]);
}
