/** All claims, in the order of the papers in docs/reproduction.md. */
import type { Claim } from './claim.js';
import { claims as baselines } from './claims-baselines.js';
import { claims as deprl } from './claims-deprl.js';
import { claims as l2c } from './claims-l2c.js';
import { claims as mcePl } from './claims-mce-pl.js';
import { claims as mhd } from './claims-mhd.js';
import { claims as transference } from './claims-transference.js';

export const claims: readonly Claim[] = [...l2c, ...transference, ...mcePl, ...deprl, ...mhd, ...baselines];
