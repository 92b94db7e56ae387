/** What the sources of LEAF's data have in common. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { count, share } from '../options/index.js';
import type { Dataset } from './dataset.js';
import { type LeafSample, readLeafDirectory } from './leaf-directory.js';
import { publicRowsOption } from './parts.js';
import { datasetOf, type Samples } from './samples.js';
import type { SourceContext } from './source.js';

/** Options of every source of LEAF's data. */
export interface LeafOptions {
  readonly directory: string;
  readonly users?: number | undefined;
  readonly minimum: number;
  readonly test: number;
  readonly publicRows?: number | undefined;
}

/** The options of {@link LeafOptions}. */
export const leafOptions = {
  directory: z
    .string()
    .min(1)
    .describe(
      "folder with LEAF's .json files, or with the folders train and test of them, relative to the scenario",
    ),
  users: count().optional().describe('number of users, a random choice; default: all'),
  minimum: count().default(1).describe('least number of samples of a user; those with fewer are left out'),
  test: share()
    .prefault('20%')
    .describe(
      "share of each user's samples that are for tests, a random choice; without effect if there is a folder test",
    ),
  publicRows: publicRowsOption(),
};

/** The data set of a directory; `reader` says what samples are, once it has seen them. */
export async function loadLeaf(
  { directory, publicRows, ...request }: LeafOptions,
  context: SourceContext,
  reader: (samples: readonly LeafSample[]) => Omit<Samples, 'user'>,
): Promise<Dataset> {
  const { train, test } = await readLeafDirectory(
    resolve(context.directory, directory),
    request,
    context.random,
  );
  const all = [...train, ...test];
  const pools = {
    train: Uint32Array.from(train.keys()),
    test: Uint32Array.from(test.keys(), (k) => train.length + k),
  };
  const samples: Samples = { ...reader(all), user: (sample) => all[sample]!.user };
  return datasetOf(samples, pools, { publicRows }, context.random);
}
