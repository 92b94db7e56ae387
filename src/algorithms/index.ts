/** The list of algorithms. */
import type { AnyAlgorithm } from '../learning/algorithm.js';
import { dPsgd } from './d-psgd.js';
import { fedavg } from './fedavg.js';
import { localOnly } from './local-only.js';

export const algorithms: readonly AnyAlgorithm[] = [dPsgd, fedavg, localOnly];
