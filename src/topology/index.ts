/** The list of topologies, and functions on the graphs that they build. */
import type { List } from '../options/index.js';
import { barabasiAlbert } from './barabasi-albert.js';
import { caveman } from './caveman.js';
import { matchaOver } from './changing/matcha.js';
import { onePeerExponential } from './changing/one-peer-exponential.js';
import { randomKOut } from './changing/random-k-out.js';
import { randomMatching } from './changing/random-matching.js';
import { schedule } from './changing/schedule.js';
import { complete } from './complete.js';
import { directedExponential } from './directed-exponential.js';
import { directedRing } from './directed-ring.js';
import type { TopologyEntry } from './entry.js';
import { erdosRenyi } from './erdos-renyi.js';
import { exponential } from './exponential.js';
import { file } from './file.js';
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

/** Topologies that are the same in all rounds. */
const constant: readonly TopologyEntry[] = [
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
  file,
];

const base: List<TopologyEntry> = { what: 'topology', entries: constant, functions: ['build'] };

/** Every built-in topology, in the order in which `mycel list` shows them. @public */
export const topologies: readonly TopologyEntry[] = [
  ...constant,
  onePeerExponential,
  randomMatching,
  randomKOut,
  matchaOver(base),
  schedule,
];

export { buildTopology } from './build.js';
export { changingTopology, type TopologyContext, type TopologyEntry, type TopologyRounds } from './entry.js';
export type { MixingEntry, MixingRow, MixingRule } from './mixing/index.js';
export { mixingList, mixingOption, mixingRows, mixingRules, pushMixingOption } from './mixing/index.js';
export { neighborsOf } from './neighbor-lists.js';
export type { Neighbors } from './neighbors.js';
export { spectralGap } from './spectral.js';

/** {@link topologies} as a list to choose from. */
export const topologyList: List<TopologyEntry> = { ...base, entries: topologies };
