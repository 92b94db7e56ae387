/**
 * Points of a round at which a node has a model: `mixed`, which it has just averaged (or which it sends, where nothing
 * is averaged but what it sends), and `adapted`, which its last local training has left.
 */

/** A point of a round at which a node has a model. @public */
export type MeasuringPoint = 'adapted' | 'mixed';

/** The points, in the order in which they are measured by default. Every algorithm has `adapted`. */
export const POINTS = ['adapted', 'mixed'] as const satisfies readonly MeasuringPoint[];

const isPoint = (label: string): label is MeasuringPoint => (POINTS as readonly string[]).includes(label);

/**
 * The models to measure: those at these points, in their order, and then all that belong to no point (such as the heads
 * of MHD). The first one gives metrics their plain names. Where an algorithm has none of the points asked for, the one
 * that it has stands in.
 */
export function atPoints<Model>(
  models: Readonly<Record<string, Model>>,
  points: readonly MeasuringPoint[],
): Readonly<Record<string, Model>> {
  const asked: string[] = points.filter((point) => point in models);
  const chosen = asked.length > 0 ? asked : POINTS.filter((point) => point in models);
  const others = Object.keys(models).filter((label) => !isPoint(label));
  return Object.fromEntries([...chosen, ...others].map((label) => [label, models[label]!]));
}

/** The averaged model where it is measured, else the first one: for what concerns the distances of models. */
export function mixedOf<Model>(models: Readonly<Record<string, Model>>): Model | undefined {
  return models.mixed ?? Object.values(models)[0];
}
