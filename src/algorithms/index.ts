/** The list of algorithms. */
import type { AnyAlgorithm } from '../learning/algorithm.js';
import { dPsgd } from './d-psgd.js';
import { deprl } from './deprl.js';
import { disPfl } from './dis-pfl.js';
import { ditto } from './ditto.js';
import { fedavg } from './fedavg.js';
import { fedmask } from './fedmask.js';
import { fedrep } from './fedrep.js';
import { l2c } from './l2c.js';
import { localOnly } from './local-only.js';
import { mcePl } from './mce-pl.js';
import { metaL2c } from './meta-l2c.js';
import { mhd } from './mhd.js';
import { transference } from './transference.js';

export const algorithms: readonly AnyAlgorithm[] = [
  dPsgd,
  deprl,
  disPfl,
  ditto,
  fedavg,
  fedmask,
  fedrep,
  l2c,
  localOnly,
  mcePl,
  metaL2c,
  mhd,
  transference,
];
