/** The list of models of latency: what a scenario names under `network.latency`. */
import type { List } from '../../options/index.js';
import { constant } from './constant.js';
import { geographic } from './geographic.js';
import type { AnyLatency } from './latency.js';
import { logNormal } from './log-normal.js';
import { matrix } from './matrix.js';
import { regions } from './regions.js';
import { topologyFile } from './topology-file.js';
import { uniform } from './uniform.js';

export {
  type AnyLatency,
  type LatencyContext,
  type LatencyEntry,
  type LatencyLink,
  type LatencyModel,
  latencyModel,
  type NodeBandwidths,
  prepareLatency,
} from './latency.js';

/** Every model of latency. @public */
export const latencies: readonly AnyLatency[] = [
  constant,
  uniform,
  logNormal,
  regions,
  matrix,
  geographic,
  topologyFile,
];

/** {@link latencies} as a list to choose from. */
export const latencyList: List<AnyLatency> = { what: 'latency', entries: latencies, functions: ['draw'] };
