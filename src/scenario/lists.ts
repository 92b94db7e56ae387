/** All lists whose entries a scenario can name. */
import { algorithmList } from '../algorithms/index.js';
import { profileList } from '../compute/profiles.js';
import { sourceList, splitList } from '../data/index.js';
import { probeList } from '../metrics/index.js';
import { modelList } from '../models/index.js';
import { layerList } from '../models/layers/index.js';
import { optimizerList } from '../models/optimizers/index.js';
import { faultList } from '../network/faults/index.js';
import { latencyList } from '../network/latency/index.js';
import { sharingList } from '../network/sharing/index.js';
import { transportList } from '../network/transports/index.js';
import type { List } from '../options/index.js';
import { mixingList, topologyList } from '../topology/index.js';
import { codecList } from '../wire/codecs.js';
import { maskCodecList } from '../wire/mask-codecs.js';

/** The lists by their names in `mycel list`, in the order of a scenario's sections. */
export const lists = {
  algorithms: algorithmList,
  topologies: topologyList,
  'mixing-rules': mixingList,
  sources: sourceList,
  splits: splitList,
  models: modelList,
  layers: layerList,
  optimizers: optimizerList,
  profiles: profileList,
  latencies: latencyList,
  sharing: sharingList,
  transports: transportList,
  codecs: codecList,
  'mask-codecs': maskCodecList,
  faults: faultList,
  probes: probeList,
} as const satisfies Record<string, List>;
