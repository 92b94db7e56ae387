/** The sections of the page, in their order. */
import { bytes } from './bytes.js';
import { comparison } from './comparison.js';
import { curves } from './curves.js';
import { nodes } from './nodes.js';
import { pareto } from './pareto.js';
import { record } from './record.js';
import type { View } from './view.js';

/** All views. */
export const views: readonly View[] = [curves, comparison, pareto, bytes, nodes, record];
