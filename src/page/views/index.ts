/** The sections of the page, in their order. */
import { record } from './record.js';
import { replay } from './replay.js';
import type { View } from './view.js';

/** All views. */
export const views: readonly View[] = [replay, record];
