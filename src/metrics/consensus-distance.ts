/** The probe `consensus-distance`: how far the nodes' params are apart. */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { mixedOf } from './points.js';
import type { Probe } from './probe.js';

type None = Record<string, never>;

export const consensusDistance: Probe<None> = {
  id: 'consensus-distance',
  description:
    'root mean square distance of the nodes’ params from their mean: √(Σ_i ‖x_i − x̄‖² / N); of mixed params where they are measured',
  options: z.strictObject({}),
  measure(view) {
    const vectors = view.nodes.flatMap((node) => mixedOf(node.evaluated) ?? []);
    if (vectors.length === 0) return [];
    return [
      { metric: 'consensus-distance', value: rootMeanSquareSpread(vectors.map(({ params }) => params)) },
    ];
  },
};

function rootMeanSquareSpread(vectors: readonly Float32Array[]): number {
  const length = vectors[0]!.length;
  const centre = new Float64Array(length);
  for (const vector of vectors) {
    if (vector.length !== length) {
      throw new UsageError(
        'unequal-models',
        `probe "consensus-distance": expected params of one length on all nodes, got ${length} and ${vector.length}: ` +
          'name other probes (measure.probes: [accuracy]), or use one model',
        'measure.probes',
      );
    }
    for (let i = 0; i < length; i++) centre[i]! += vector[i]! / vectors.length;
  }
  let sum = 0;
  for (const vector of vectors) {
    for (let i = 0; i < length; i++) {
      const difference = vector[i]! - centre[i]!;
      sum += difference * difference;
    }
  }
  return Math.sqrt(sum / vectors.length);
}
