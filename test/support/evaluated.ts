import type { Evaluated } from '../../src/learning/algorithm.js';
import { valuesOf } from '../../src/learning/params.js';

/** What a node evaluates, with the numbers of its params. */
export function withValues(
  models: Readonly<Record<string, Evaluated>>,
): Record<string, Evaluated<Float32Array>> {
  return Object.fromEntries(
    Object.entries(models).map(([label, one]) => [label, { ...one, params: valuesOf(one.params) }]),
  );
}
