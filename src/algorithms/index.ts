/** The list of algorithms. */

import type { AnyAlgorithm } from '../learning/algorithm.js';
import type { List } from '../options/index.js';
import { dPsgd } from './d-psgd.js';
import { deprl } from './deprl.js';
import { dfedpgp } from './dfedpgp.js';
import { ditto } from './ditto.js';
import { dpfl } from './dpfl/dpfl.js';
import { fedavg } from './fedavg.js';
import { fedlalr } from './fedlalr.js';
import { fedper } from './fedper.js';
import { fedprox } from './fedprox.js';
import { fedrep } from './fedrep.js';
import { adPsgd } from './gossip/ad-psgd.js';
import { cga } from './gossip/cga.js';
import { chocoSgd } from './gossip/choco-sgd.js';
import { dFedavgm } from './gossip/d-fedavgm.js';
import { epidemic } from './gossip/epidemic.js';
import { gossip } from './gossip/gossip.js';
import { gradientTracking } from './gossip/gradient-tracking.js';
import { gut } from './gossip/gut.js';
import { moniqua } from './gossip/moniqua.js';
import { qgDsgdm } from './gossip/qg-dsgdm.js';
import { sgp } from './gossip/sgp.js';
import { ifca } from './ifca.js';
import { l2c } from './l2c/l2c.js';
import { metaL2c } from './l2c/meta-l2c.js';
import { localOnly } from './local-only.js';
import { disPfl } from './masks/dis-pfl.js';
import { federatedPruning } from './masks/federated-pruning.js';
import { fedmask } from './masks/fedmask.js';
import { mcePl } from './masks/mce-pl.js';
import { mhd } from './mhd/mhd.js';
import { multiCenter } from './multi-center.js';
import { pens } from './pens.js';
import { perFedavg } from './per-fedavg.js';
import { scaffold } from './scaffold.js';
import { transference } from './transference/transference.js';

/** Every built-in algorithm, in the order in which `mycel list` shows them. @public */
export const algorithms: readonly AnyAlgorithm[] = [
  adPsgd,
  cga,
  chocoSgd,
  dFedavgm,
  dPsgd,
  deprl,
  dfedpgp,
  disPfl,
  ditto,
  dpfl,
  epidemic,
  fedavg,
  federatedPruning,
  fedlalr,
  fedmask,
  fedper,
  fedprox,
  fedrep,
  gossip,
  gradientTracking,
  gut,
  ifca,
  l2c,
  localOnly,
  mcePl,
  metaL2c,
  mhd,
  moniqua,
  multiCenter,
  pens,
  perFedavg,
  qgDsgdm,
  scaffold,
  sgp,
  transference,
];

/** {@link algorithms} as a list to choose from. */
export const algorithmList: List<AnyAlgorithm> = {
  what: 'algorithm',
  entries: algorithms,
  functions: ['messages', 'init', 'on.start', 'evaluate'],
  texts: ['reference'],
};
