/** Nodes are users: each has the samples of one writer, or of several. */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { count } from '../../options/index.js';
import type { Dataset } from '../dataset.js';
import { type Split, testRows, toShards } from '../split.js';

/** Options of `by-user`. */
interface ByUserOptions {
  readonly users?: number | undefined;
}

/**
 * Users are put into a random order and dealt to the nodes: `users` to each, or all of them, in numbers that differ by at most
 * one, the larger ones first. With as many nodes as users, or with `users: 1`, a node is a user. A node is tested on the test rows of its
 * users; where the test part is of other users, every node is tested on all of it.
 */
export const byUser: Split<ByUserOptions> = {
  id: 'by-user',
  description:
    'a node has the samples of one user or of several, for data that say whose each sample is, such as femnist',
  options: z.strictObject({
    users: count()
      .optional()
      .describe('exact number of users of each node; default: all users, in equal shares'),
  }),
  deals: ({ users }) => (users === undefined ? 'all' : 'any'),
  split({ users }, context) {
    const { dataset, nodes, random } = context;
    const { train, test } = rowsByUser(dataset);
    const known = [...train.keys()].sort((a, b) => a - b);
    if (known.length < nodes * (users ?? 1)) {
      throw new UsageError(
        'too-few-users',
        `expected at least ${users ?? 1} user${(users ?? 1) > 1 ? 's' : ''} for each of ${nodes} nodes, got ${known.length} users with training samples`,
        users === undefined ? 'nodes' : 'data.split.users',
      );
    }
    const order = random('users').shuffle(known);
    const dealt = Array.from({ length: nodes }, (_, node) =>
      users === undefined
        ? order.filter((_, k) => k % nodes === node)
        : order.slice(node * users, (node + 1) * users),
    );
    const rowsOf = (rows: ReadonlyMap<number, number[]>, ofNode: readonly number[]) =>
      Uint32Array.from(ofNode.flatMap((user) => rows.get(user) ?? []));
    const tested = dealt.map((ofNode) => rowsOf(test, ofNode));
    const others = tested.every((rows) => rows.length === 0);
    const without = others ? -1 : tested.findIndex((rows) => rows.length === 0);
    if (without >= 0) {
      throw new UsageError(
        'too-few-samples',
        `expected test samples of the users of each node, got none for node ${without}: raise data.test, or leave out users with few samples`,
        'data',
      );
    }
    return toShards(
      dealt.map((ofNode) => rowsOf(train, ofNode)),
      others ? dealt.map(() => testRows(dataset)) : tested,
      context,
    );
  },
};

/** Rows of each user in both parts. Throws UsageError where the data know of no users. */
function rowsByUser({ id, users, train, test }: Dataset) {
  if (!users) {
    throw new UsageError(
      'no-users',
      `expected data that say whose each sample is, such as femnist, shakespeare or csv with a column user, for the split "by-user", got "${id}"`,
      'data.split.use',
    );
  }
  const rows = { train: new Map<number, number[]>(), test: new Map<number, number[]>() };
  for (let row = 0; row < train + test; row++) {
    const ofPart = row < train ? rows.train : rows.test;
    const user = users[row]!;
    const own = ofPart.get(user);
    if (own) own.push(row);
    else ofPart.set(user, [row]);
  }
  return rows;
}
