/** A split that a file says: which rows each node has. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { readRowsOfNodes } from '../rows-of-nodes.js';
import { type Split, testRows, toShards } from '../split.js';

/** Options of `file`. */
interface FileOptions {
  readonly file: string;
}

/**
 * Rows are numbered from 0 within the training part and within the test part of the data set. A training row belongs to one
 * node or to none, a test row to any number. Where the file has no test row, every node is tested on all of them.
 */
export const file: Split<FileOptions> = {
  id: 'file',
  description: 'which rows each node has is said by a JSON or CSV file',
  options: z.strictObject({
    file: z
      .string()
      .min(1)
      .describe(
        'path of the file, relative to the scenario: a .csv with the columns node, part (train or test) and row, or a .json with a list of { train: [rows], test: [rows] }, one for each node',
      ),
  }),
  deals: () => 'any',
  split({ file: path }, context) {
    const { dataset, nodes, directory = '.' } = context;
    const { train, test } = readRowsOfNodes(resolve(directory, path), {
      nodes,
      train: dataset.train,
      test: dataset.test,
    });
    const all = testRows(dataset);
    const tested = test.some((rows) => rows.length > 0);
    return toShards(
      train,
      test.map((rows) => (tested ? rows.map((row) => dataset.train + row) : all)),
      context,
    );
  },
};
