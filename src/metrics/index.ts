/** The list of probes. */
import type { List } from '../options/index.js';
import { accuracy, globalAccuracy, globalLoss, loss } from './accuracy.js';
import { consensusDistance } from './consensus-distance.js';
import { roundCounts, series, traffic, utilisation, work } from './counters.js';
import { maskOverlap, unitsRemaining } from './kernels.js';
import type { AnyProbe } from './probe.js';
import { representationDistance } from './representation.js';

export type { AnyProbe, Probe } from './probe.js';

/** Every built-in probe, in the order in which `mycel list` shows them. @public */
export const probes: readonly AnyProbe[] = [
  accuracy,
  globalAccuracy,
  loss,
  globalLoss,
  consensusDistance,
  traffic,
  utilisation,
  work,
  roundCounts,
  series,
  maskOverlap,
  unitsRemaining,
  representationDistance,
];

/** {@link probes} as a list to choose from. */
export const probeList: List<AnyProbe> = { what: 'probe', entries: probes, functions: ['measure'] };
