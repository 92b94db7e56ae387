/** Adam in float64 on a plain array, for the few numbers that determine mixing; models have `models/optimizers`. */
import { powerByProducts } from '../../models/powers.js';

/** Moments, and how many steps each coordinate has taken. Plain data. */
export interface AdamMoments {
  readonly mean: Float64Array;
  readonly square: Float64Array;
  readonly steps: Float64Array;
}

/** Constants of {@link adamStep}. */
export interface AdamSettings {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly weightDecay: number;
  /** false: λx is added to the gradient (Adam); true: x shrinks by ηλx beside the step (AdamW). */
  readonly decoupled: boolean;
}

const EPSILON = 1e-8;

/** Moments before the first step. */
export function startMoments(length: number): AdamMoments {
  return {
    mean: new Float64Array(length),
    square: new Float64Array(length),
    steps: new Float64Array(length),
  };
}

/**
 * One step (Kingma and Ba, 2015; decoupled: Loshchilov and Hutter, 2019): new values, float64, and new moments. Only
 * the coordinates in `places` (default: all) move; the others, their moments and their step counts stay.
 */
export function adamStep(
  values: ArrayLike<number>,
  moments: AdamMoments,
  gradient: ArrayLike<number>,
  settings: AdamSettings,
  places?: readonly number[],
): { values: Float64Array; moments: AdamMoments } {
  const { learningRate, beta1, beta2, weightDecay, decoupled } = settings;
  const next = Float64Array.from(values);
  const mean = Float64Array.from(moments.mean);
  const square = Float64Array.from(moments.square);
  const steps = Float64Array.from(moments.steps);
  let [scaledFor, meanScale, squareScale] = [0, 0, 0];
  const step = (i: number): void => {
    steps[i]! += 1;
    const taken = steps[i]!;
    if (taken !== scaledFor) {
      [scaledFor, meanScale, squareScale] = [
        taken,
        1 - powerByProducts(beta1, taken),
        1 - powerByProducts(beta2, taken),
      ];
    }
    const decay = weightDecay * next[i]!;
    const g = decoupled ? gradient[i]! : gradient[i]! + decay;
    mean[i] = beta1 * mean[i]! + (1 - beta1) * g;
    square[i] = beta2 * square[i]! + (1 - beta2) * g * g;
    if (decoupled) next[i]! -= learningRate * decay;
    next[i]! -= (learningRate * (mean[i] / meanScale)) / (Math.sqrt(square[i] / squareScale) + EPSILON);
  };
  if (places) for (const i of places) step(i);
  else for (let i = 0; i < next.length; i++) step(i);
  return { values: next, moments: { mean, square, steps } };
}
