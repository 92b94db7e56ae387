/** The sections of the page, in their order. */
import { bytes } from './bytes.js';
import { comparison } from './comparison.js';
import { curves } from './curves.js';
import { heatMap } from './heat-map.js';
import { mixingWeights } from './mixing-weights.js';
import { nodes } from './nodes.js';
import { pareto } from './pareto.js';
import { record } from './record.js';
import { replay } from './replay.js';
import { split } from './split.js';
import { story } from './story.js';
import { timeline } from './timeline.js';
import type { View } from './view.js';

/** All views. */
export const views: readonly View[] = [
  curves,
  comparison,
  pareto,
  bytes,
  nodes,
  replay,
  story,
  mixingWeights,
  timeline,
  heatMap,
  split,
  record,
];
