/**
 * Groups of nodes: the nodes of a group have samples of one distribution, and the groups differ in their classes, in
 * what they call the classes, or in how they see the samples.
 */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { count } from '../../options/index.js';
import type { Random } from '../../random.js';
import type { View } from '../dataset.js';
import { type GroupKinds, groupViews } from '../group-views.js';
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
}

/** Rows that are dealt out to some nodes, who are tested on `test`. */
interface Pool {
  readonly nodes: readonly number[];
  readonly train: Uint32Array;
  readonly test: Uint32Array;
  /** What the training rows are, for an error. */
  readonly what: string;
  readonly random: Random;
}

/**
 * With `classes`, each group has that many classes that no other has (a stochastic block model), and their rows are
 * dealt out to its nodes; rows of classes without a group are left out. Without, all rows are dealt out to all nodes.
 * The shares differ by at most one row, or have `train` rows each. A node is tested on all test rows of its classes, or
 * on `test` of them, drawn for each node. With `groups` = nodes, each node is a group of its own.
 */
export const groups: Split<GroupsOptions> = {
  id: 'groups',
  description: 'groups of nodes with classes, label names or inputs of their own',
  options: z
    .strictObject({
      groups: count()
        .optional()
        .describe('number of groups, of equal size, the first ones one larger where that cannot be'),
      sizes: z.array(count()).min(1).optional().describe('nodes of each group, instead of groups'),
      order: z
        .enum(['blocks', 'random'])
        .default('blocks')
        .describe('the nodes of a group follow each other, or are drawn at random'),
      classes: count()
        .optional()
        .describe('classes that each group has for itself; all where it is left out'),
      labels: z
        .enum(['stored', 'permuted'])
        .default('stored')
        .describe('permuted: each group calls the classes by a permutation of its own'),
      inputs: z
        .enum(['stored', 'permuted', 'rotated'])
        .default('stored')
        .describe(
          'permuted: an order of the features for each group; rotated: group g turns images by 90°·g',
        ),
      train: count()
        .optional()
        .describe(
          'exact number of samples a node, validation included; all are dealt out where it is left out',
        ),
      test: count()
        .optional()
        .describe('test samples a node, drawn from those of its classes; all where it is left out'),
    })
    .refine((options) => (options.groups === undefined) !== (options.sizes === undefined), {
      error: 'expected either groups or sizes',
      path: ['groups'],
    }),
  split(options, context) {
    const { dataset, nodes, random } = context;
    const byClass = options.classes !== undefined || options.labels === 'permuted';
    if (byClass) requireClasses(dataset, 'groups');
    const members = membersOf(options, context);
    const own: Uint32Array[] = Array(nodes);
    const test: Uint32Array[] = Array(nodes);
    for (const pool of poolsOf(options, members, context)) {
      const { train: samples } = options;
      const path = samples === undefined ? 'data.train' : 'data.split.train';
      const request = { nodes: pool.nodes.length, samples, what: pool.what, path };
      for (const [k, rows] of dealRows(pool.train, request, pool.random).entries())
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
  { classes }: GroupsOptions,
  members: readonly number[][],
  { dataset, nodes, random }: SplitContext,
): Pool[] {
  if (classes === undefined) {
    const all = { train: rowRange(0, dataset.train), test: testRows(dataset), what: 'training samples' };
    return [{ ...all, nodes: Array.from({ length: nodes }, (_, node) => node), random: random('rows') }];
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
    const held = order.slice(group * classes, (group + 1) * classes).sort((a, b) => a - b);
    const rowsOf = (part: 'train' | 'test') =>
      Uint32Array.from(held.flatMap((label) => [...rows[part][label]!]));
    return {
      nodes: list,
      train: rowsOf('train'),
      test: rowsOf('test').sort((a, b) => a - b),
      what: `training samples of the classes ${held.join(', ')}`,
      random: random(`group ${group}/rows`),
    };
  });
}

function chooseTest(rows: Uint32Array, wanted: number | undefined, random: Random): Uint32Array {
  if (wanted === undefined) return rows;
  if (wanted > rows.length) {
    throw new UsageError(
      'too-few-samples',
      `expected at most ${rows.length} test samples a node, which is what its group has, got ${wanted}`,
      'data.split.test',
    );
  }
  return chooseRows(rows.length, wanted, random).map((k) => rows[k]!);
}
