/** The lists of data sources and of splits. */
import type { List } from '../options/index.js';
import type { DataSource } from './source.js';
import { blobs } from './sources/blobs.js';
import { celeba } from './sources/celeba.js';
import { cifar10 } from './sources/cifar10.js';
import { csv } from './sources/csv.js';
import { fashionMnist } from './sources/fashion-mnist.js';
import { femnist } from './sources/femnist.js';
import { gaussianAttributes } from './sources/gaussian-attributes.js';
import { idx } from './sources/idx.js';
import { linearRepresentation } from './sources/linear-representation.js';
import { mnist } from './sources/mnist.js';
import { npy } from './sources/npy.js';
import { npz } from './sources/npz.js';
import { quadratic } from './sources/quadratic.js';
import { shakespeare } from './sources/shakespeare.js';
import type { Split } from './split.js';
import { attributes } from './splits/attributes.js';
import { byNode } from './splits/by-node.js';
import { byUser } from './splits/by-user.js';
import { classesPerNode } from './splits/classes-per-node.js';
import { dirichlet } from './splits/dirichlet.js';
import { file } from './splits/file.js';
import { groups } from './splits/groups.js';
import { iid } from './splits/iid.js';
import { labelShards } from './splits/label-shards.js';
import { primaryLabels } from './splits/primary-labels.js';
import { quantitySkew } from './splits/quantity-skew.js';

/** Every built-in data source, in the order in which `mycel list` shows them. @public */
export const sources: readonly DataSource[] = [
  mnist,
  fashionMnist,
  idx,
  cifar10,
  celeba,
  csv,
  npz,
  npy,
  femnist,
  shakespeare,
  blobs,
  gaussianAttributes,
  linearRepresentation,
  quadratic,
];

/** Every built-in split, in the order in which `mycel list` shows them. @public */
export const splits: readonly Split[] = [
  iid,
  dirichlet,
  classesPerNode,
  labelShards,
  primaryLabels,
  quantitySkew,
  groups,
  attributes,
  byNode,
  byUser,
  file,
];

export type { Dataset, Shard, View } from './dataset.js';
export type { DataSize, DataSource, SourceContext } from './source.js';
export type { Dealt, Split, SplitContext } from './split.js';

/** {@link sources} as a list to choose from. */
export const sourceList: List<DataSource> = { what: 'data source', entries: sources, functions: ['load'] };

/** {@link splits} as a list to choose from. */
export const splitList: List<Split> = { what: 'split', entries: splits, functions: ['split'] };
