/** Helpers of the tests of the splits. */

import { type Dataset, type Shard, splits } from '../../src/data/index.js';
import { UsageError } from '../../src/errors.js';
import { Streams } from '../../src/random.js';
import { sampleDataset } from '../../src/testing/data.js';

/** A dataset from `sampleDataset`, and over how many nodes it is split. */
export interface SplitRequest {
  readonly nodes: number;
  readonly train: number;
  readonly test?: number;
  readonly classes?: number;
  readonly attributes?: number;
  /** Changes to the dataset that the sizes give. */
  readonly changes?: Partial<Dataset>;
  readonly seed?: number;
  readonly validation?: number;
}

/** The shards of one entry of the list. */
export function split(id: string, options: unknown, request: SplitRequest): Shard[] {
  const entry = splits.find((candidate) => candidate.id === id)!;
  const streams = new Streams(request.seed ?? 1);
  return entry.split(entry.options.parse(options), {
    dataset: {
      ...sampleDataset(request.train, request.test ?? 0, request.classes ?? 10, request.attributes),
      ...request.changes,
    },
    nodes: request.nodes,
    random: (name = '') => streams.stream(name),
    validation: request.validation ?? 0,
  });
}

/** Training rows of each node. */
export const sizesOf = (shards: readonly Shard[]) => shards.map((shard) => shard.train.length);

/** The sum of some numbers. */
export const total = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0);

/** Rows by class: in `sampleDataset` the classes repeat in the order of the rows. */
export const classCounts = (rows: Uint32Array, classes = 10) =>
  Array.from({ length: classes }, (_, label) => rows.filter((row) => row % classes === label).length);

/** Whether an error is the UsageError that is expected. */
export const refusal =
  (code: string, message: RegExp, path: string) =>
  (error: unknown): boolean =>
    error instanceof UsageError && error.code === code && message.test(error.message) && error.path === path;
