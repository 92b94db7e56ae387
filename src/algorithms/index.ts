/** The list of algorithms. */
import type { AnyAlgorithm } from '../learning/algorithm.js';
import { dPsgd } from './d-psgd.js';
import { deprl } from './deprl.js';
import { ditto } from './ditto.js';
import { fedavg } from './fedavg.js';
import { fedrep } from './fedrep.js';
import { localOnly } from './local-only.js';
import { mcePl } from './mce-pl.js';
import { transference } from './transference.js';

export const algorithms: readonly AnyAlgorithm[] = [
  dPsgd,
  deprl,
  ditto,
  fedavg,
  fedrep,
  localOnly,
  mcePl,
  transference,
];
