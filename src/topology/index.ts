/** The list of topologies, and functions on the graphs that they build. */
import type { List } from '../options/index.js';
import { barabasiAlbert } from './barabasi-albert.js';
import { caveman } from './caveman.js';
import { complete } from './complete.js';
import { directedExponential } from './directed-exponential.js';
import { directedRing } from './directed-ring.js';
import type { TopologyEntry } from './entry.js';
import { erdosRenyi } from './erdos-renyi.js';
import { exponential } from './exponential.js';
import { geometric } from './geometric.js';
import { hypercube } from './hypercube.js';
import { islands } from './islands.js';
import { kOut } from './k-out.js';
import { grid, torus } from './lattice.js';
import { path } from './path.js';
import { randomRegular } from './random-regular.js';
import { ring } from './ring.js';
import { star } from './star.js';
import { wattsStrogatz } from './watts-strogatz.js';

/** Every built-in topology, in the order in which `mycel list` shows them. @public */
export const topologies: readonly TopologyEntry[] = [
  ring,
  directedRing,
  path,
  grid,
  torus,
  hypercube,
  complete,
  exponential,
  directedExponential,
  star,
  islands,
  caveman,
  randomRegular,
  erdosRenyi,
  wattsStrogatz,
  barabasiAlbert,
  geometric,
  kOut,
];

export { buildTopology } from './build.js';
export type { TopologyContext, TopologyEntry } from './entry.js';
export type { MixingEntry, MixingRow, MixingRule } from './mixing/index.js';
export { mixingList, mixingOption, mixingRows, mixingRules, pushMixingOption } from './mixing/index.js';
export { neighborsOf } from './neighbor-lists.js';
export type { Neighbors } from './neighbors.js';
export { spectralGap } from './spectral.js';

/** {@link topologies} as a list to choose from. */
export const topologyList: List<TopologyEntry> = {
  what: 'topology',
  entries: topologies,
  functions: ['build'],
};
