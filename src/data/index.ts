/** The lists of data sources and of splits. */
import type { DataSource } from './source.js';
import { blobs } from './sources/blobs.js';
import { idx } from './sources/idx.js';
import { mnist } from './sources/mnist.js';
import { quadratic } from './sources/quadratic.js';
import type { Split } from './split.js';
import { byNode } from './splits/by-node.js';
import { classesPerNode } from './splits/classes-per-node.js';
import { dirichlet } from './splits/dirichlet.js';
import { iid } from './splits/iid.js';

/** Every built-in data source, in the order in which `mycel list` shows them. */
export const sources: readonly DataSource[] = [mnist, idx, blobs, quadratic];

/** Every built-in split, in the order in which `mycel list` shows them. */
export const splits: readonly Split[] = [iid, dirichlet, classesPerNode, byNode];

export { sampleDataset, testSource, testSplit } from './conformance.js';
export type { Dataset, Shard } from './dataset.js';
export type { DataSource, SourceContext } from './source.js';
export type { Split, SplitContext } from './split.js';
