/** The list of models of latency: what a scenario names under `network.latency`. */
import type { List } from '../../options/index.js';
import { constant } from './constant.js';
import type { AnyLatency } from './latency.js';
import { logNormal } from './log-normal.js';
import { uniform } from './uniform.js';

export { type AnyLatency, drawLatency, type LatencyEntry } from './latency.js';

/** Every model of latency. @public */
export const latencies: readonly AnyLatency[] = [constant, uniform, logNormal];

/** {@link latencies} as a list to choose from. */
export const latencyList: List<AnyLatency> = { what: 'latency', entries: latencies, functions: ['draw'] };
