/** Label skew by shards: every class is cut into equally many shards, and each node gets a few shards. */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { count } from '../../options/index.js';
import { requireClasses, rowsByClass, type Split, toShards } from '../split.js';

/** Options of `label-shards`. */
interface LabelShardsOptions {
  readonly shards: number;
}

/**
 * With N nodes, n shards per node and M classes, permutations of the classes are put one after the other, and node i has
 * the entries [i·n, (i+1)·n): each entry is a shard of that class. So each class is cut into N·n/M shards, rounded down
 * or up if that is not a whole number; a node whose entries are in two permutations may have two shards of one class. The
 * rows of a class are shuffled, its shards differ by at most one row, and rows of classes without a shard (N·n < M) are
 * not used. A node is tested on all test rows of its classes.
 */
export const labelShards: Split<LabelShardsOptions> = {
  id: 'label-shards',
  description:
    'each class is cut into shards, and each node gets some; it is tested on all test samples of its classes',
  reference:
    'Li, Zhou, Tian, Tao, Learning to Collaborate in Decentralized Learning of Personalized Models, CVPR 2022 (non-IID partition)',
  options: z.strictObject({ shards: count().describe('number of shards that each node gets') }),
  deals: () => 'whole-classes',
  split({ shards }, context) {
    const { dataset, nodes, random } = context;
    requireClasses(dataset, 'label-shards');
    const labels = shardLabels(nodes * shards, dataset.classes, (order) => random('labels').shuffle(order));
    const trainRows = rowsByClass(dataset, 'train');
    const testRows = rowsByClass(dataset, 'test');
    const own: number[][] = Array.from({ length: nodes }, () => []);
    for (const [label, rows] of trainRows.entries()) {
      const places = labels.flatMap((other, place) => (other === label ? [place] : []));
      if (rows.length < places.length) {
        throw new UsageError(
          'too-few-samples',
          `expected at least one training sample of class ${label} for each of its ${places.length} shards, got ${rows.length}`,
          'data.train',
        );
      }
      random(`class ${label}/rows`).shuffle(rows);
      for (const [k, place] of places.entries()) {
        const [from, to] = [k, k + 1].map((part) => Math.floor((part * rows.length) / places.length));
        for (const row of rows.subarray(from, to)) own[Math.floor(place / shards)]!.push(row);
      }
    }
    return toShards(
      own.map((rows) => Uint32Array.from(rows)),
      own.map((_, node) => {
        const classes = new Set(labels.slice(node * shards, (node + 1) * shards));
        return Uint32Array.from([...classes].flatMap((label) => [...testRows[label]!]));
      }),
      context,
    );
  },
};

/** The class of each shard: permutations of all classes, one after the other. */
function shardLabels(shards: number, classes: number, permute: (order: number[]) => number[]): number[] {
  const order = Array.from({ length: classes }, (_, label) => label);
  const labels: number[] = [];
  while (labels.length < shards) labels.push(...permute(order));
  return labels.slice(0, shards);
}
