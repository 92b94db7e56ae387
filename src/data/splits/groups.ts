/**
 * Groups of nodes: the nodes of a group have samples of one distribution, and the groups differ in their classes, in
 * the labels of the classes, or in how they see the samples.
 */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { count } from '../../options/index.js';
import type { Random } from '../../random.js';
import type { View } from '../dataset.js';
import { alphaOption, dealByDirichlet } from '../dirichlet-shares.js';
import { type GroupKinds, groupViews } from '../group-views.js';
import { matchedTestRows } from '../matched-test.js';
import { chooseRows } from '../source.js';
import {
  dealRows,
  requireClasses,
  rowRange,
  rowsByClass,
  type Split,
  type SplitContext,
  testRows,
  toShards,
} from '../split.js';

/** Options of `groups`. */
interface GroupsOptions extends GroupKinds {
  readonly groups?: number | undefined;
  readonly sizes?: readonly number[] | undefined;
  readonly order: 'blocks' | 'random';
  readonly classes?: number | undefined;
  readonly train?: number | undefined;
  readonly test?: number | undefined;
  readonly alpha?: number | undefined;
  readonly repeated?: boolean | undefined;
}

/** Rows to distribute over some nodes, and the rows on which these are tested. */
interface Pool {
  readonly nodes: readonly number[];
  readonly train: Uint32Array;
  readonly test: Uint32Array;
  /** What messages call the training rows. */
  readonly what: string;
  /** Begins the names of the pool's streams. */
  readonly stream: string;
}

/**
 * With `classes`, each group has that many classes that no other has (a stochastic block model), and their rows are
 * distributed over its nodes; rows of classes without a group are not used. Without it, all rows are distributed over all
 * nodes, or with `repeated` over the nodes of each group anew. The shares differ by at most one row, or have `train` rows each. A node is tested on all test rows of its
 * classes, or on `test` of them, drawn for each node. With `groups` = nodes, each node is a group of its own.
 *
 * With `alpha`, the rows of each class are distributed over the nodes of a group, or over all nodes, in proportions that are
 * drawn from Dirichlet(alpha), and a node is tested in the proportions of its training rows, validation included.
 */
export const groups: Split<GroupsOptions> = {
  id: 'groups',
  description:
    'groups of nodes, each with its own classes, its own labels of the classes or its own view of the inputs',
  options: z
    .strictObject({
      groups: count()
        .optional()
        .describe(
          'number of groups of equal size; if nodes are left over, the first groups have one node more',
        ),
      sizes: z.array(count()).min(1).optional().describe('number of nodes of each group, instead of groups'),
      order: z
        .enum(['blocks', 'random'])
        .default('blocks')
        .describe('blocks: the nodes of a group have consecutive numbers; random: they are drawn at random'),
      classes: count()
        .optional()
        .describe('number of classes that each group has for itself; default: every group has all classes'),
      labels: z
        .enum(['stored', 'permuted'])
        .default('stored')
        .describe('permuted: each group has its own permutation of the class labels'),
      inputs: z
        .enum(['stored', 'permuted', 'rotated', 'recolored', 'slanted'])
        .default('stored')
        .describe(
          "permuted: each group has its own order of the features; rotated: group g sees images turned by g · 90°; recolored: each group has its own order of an image's channels; slanted: the groups see images slanted from −slant to slant, in equal steps",
        ),
      slant: z
        .number()
        .positive()
        .max(1)
        .optional()
        .describe(
          'for slanted inputs: by how many pixels two neighbouring rows are moved against each other; default: 0.4',
        ),
      train: count()
        .optional()
        .describe(
          'exact number of samples per node, validation included; default: all samples, in equal shares',
        ),
      test: count()
        .optional()
        .describe('number of test samples per node, drawn from those of its classes; default: all of them'),
      alpha: alphaOption().describe(
        'the shares of each class within a group are drawn from a Dirichlet distribution of this concentration; default: equal shares of all samples',
      ),
      repeated: z
        .boolean()
        .optional()
        .describe(
          'true: every group distributes all samples among its nodes, so that k groups have each sample k times (in k views, as in IFCA); default: all nodes share them',
        ),
    })
    .refine(({ classes, repeated }) => classes === undefined || !repeated, {
      error: 'expected repeated without classes: groups with classes of their own share no samples',
      path: ['repeated'],
    })
    .refine(({ alpha, train, test }) => alpha === undefined || (train === undefined && test === undefined), {
      error: 'expected alpha without train and test: sizes follow from the draw',
      path: ['alpha'],
    })
    .refine((options) => (options.groups === undefined) !== (options.sizes === undefined), {
      error: 'expected either groups or sizes',
      path: ['groups'],
    }),
  deals({ classes, train, repeated }, { nodes }) {
    if (repeated) return 'repeatedly';
    if (train !== undefined) return train * nodes;
    return classes === undefined ? 'all' : 'whole-classes';
  },
  split(options, context) {
    const { dataset, nodes, random } = context;
    const { alpha } = options;
    const byClass = options.classes !== undefined || options.labels === 'permuted' || alpha !== undefined;
    if (byClass) requireClasses(dataset, 'groups');
    const members = membersOf(options, context);
    const own: Uint32Array[] = Array(nodes);
    const test: Uint32Array[] = Array(nodes);
    for (const pool of poolsOf(options, members, context)) {
      if (alpha !== undefined) {
        dealUnequally(pool, alpha, context, own, test);
        continue;
      }
      const { train: samples } = options;
      const path = samples === undefined ? 'data.train' : 'data.split.train';
      const request = { nodes: pool.nodes.length, samples, what: pool.what, path };
      for (const [k, rows] of dealRows(pool.train, request, random(`${pool.stream}rows`)).entries())
        own[pool.nodes[k]!] = rows;
      for (const node of pool.nodes)
        test[node] = chooseTest(pool.test, options.test, random(`node ${node}/test`));
    }
    const views: Array<View | undefined> = Array(nodes);
    for (const [group, view] of groupViews(members.length, options, dataset, random).entries())
      for (const node of members[group]!) views[node] = view;
    return toShards(own, test, context, views);
  },
};

/** The nodes of each group, ascending. */
function membersOf(options: GroupsOptions, { nodes, random }: SplitContext): number[][] {
  const sizes = options.sizes ?? equalSizes(options.groups!, nodes);
  const sum = sizes.reduce((total, size) => total + size, 0);
  if (sum !== nodes) {
    throw new UsageError(
      'bad-groups',
      `expected sizes of groups that add up to ${nodes} nodes, got ${sizes.join(' + ')} = ${sum}`,
      'data.split.sizes',
    );
  }
  const order = Array.from({ length: nodes }, (_, node) => node);
  if (options.order === 'random') random('groups').shuffle(order);
  let from = 0;
  return sizes.map((size) => {
    const members = order.slice(from, from + size).sort((a, b) => a - b);
    from += size;
    return members;
  });
}

function equalSizes(groupCount: number, nodes: number): number[] {
  if (groupCount > nodes) {
    throw new UsageError(
      'bad-groups',
      `expected at most as many groups as nodes (${nodes}), got ${groupCount}`,
      'data.split.groups',
    );
  }
  const size = Math.floor(nodes / groupCount);
  return Array.from({ length: groupCount }, (_, group) => size + (group < nodes % groupCount ? 1 : 0));
}

function poolsOf(
  { classes, repeated }: GroupsOptions,
  members: readonly number[][],
  { dataset, nodes, random }: SplitContext,
): Pool[] {
  if (classes === undefined) {
    const all = { train: rowRange(0, dataset.train), test: testRows(dataset), what: 'training samples' };
    if (repeated) return members.map((list, group) => ({ ...all, nodes: list, stream: `group ${group}/` }));
    return [{ ...all, nodes: Array.from({ length: nodes }, (_, node) => node), stream: '' }];
  }
  if (classes * members.length > dataset.classes) {
    throw new UsageError(
      'too-many-classes',
      `expected at most ${Math.floor(dataset.classes / members.length)} classes for each of ${members.length} groups ` +
        `("${dataset.id}" has ${dataset.classes}), got ${classes}`,
      'data.split.classes',
    );
  }
  const order = random('classes').shuffle(Array.from({ length: dataset.classes }, (_, label) => label));
  const rows = { train: rowsByClass(dataset, 'train'), test: rowsByClass(dataset, 'test') };
  return members.map((list, group) => {
    const labels = order.slice(group * classes, (group + 1) * classes).sort((a, b) => a - b);
    const rowsOf = (part: 'train' | 'test') =>
      Uint32Array.from(labels.flatMap((label) => [...rows[part][label]!]));
    return {
      nodes: list,
      train: rowsOf('train'),
      test: rowsOf('test').sort((a, b) => a - b),
      what: `training samples of the classes ${labels.join(', ')}`,
      stream: `group ${group}/`,
    };
  });
}

/** Deals the rows of a pool class by class, and matches the test rows. */
function dealUnequally(
  pool: Pool,
  alpha: number,
  { dataset, random }: SplitContext,
  own: Uint32Array[],
  test: Uint32Array[],
): void {
  const { labels, classes, attributes = 1 } = dataset;
  if (pool.train.length < pool.nodes.length) {
    throw new UsageError(
      'too-few-samples',
      `expected a sample for each of ${pool.nodes.length} nodes, got ${pool.train.length} ${pool.what}`,
      'data.train',
    );
  }
  const byClass = (rows: Uint32Array) =>
    Array.from({ length: classes }, (_, label) => rows.filter((row) => labels[row * attributes] === label));
  const ofPool = (name: string) => random(`${pool.stream}${name}`);
  const dealt = dealByDirichlet({ alpha, minimum: 1 }, byClass(pool.train), pool.nodes.length, ofPool);
  const testRows = byClass(pool.test);
  for (const [k, node] of pool.nodes.entries()) {
    own[node] = dealt.own[k]!;
    const counts = dealt.counts.map((perNode) => perNode[k]!);
    test[node] = matchedTestRows(counts, testRows, { node, random: random(`node ${node}/test`) });
  }
}

function chooseTest(rows: Uint32Array, size: number | undefined, random: Random): Uint32Array {
  if (size === undefined) return rows;
  if (size > rows.length) {
    throw new UsageError(
      'too-few-samples',
      `expected at most ${rows.length} test samples per node, as many as its group has, got ${size}`,
      'data.split.test',
    );
  }
  return chooseRows(rows.length, size, random).map((k) => rows[k]!);
}
