/** Optimisers as pure steps on stacked slices; their state is a flat array and a step count, in and out of a task. */
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';

type Engine = typeof tf;

/** Plain data that names an optimiser and its constants. */
export type OptimizerSpec =
  | {
      readonly use: 'sgd';
      readonly learningRate: number;
      readonly momentum: number;
      readonly weightDecay: number;
    }
  | {
      readonly use: 'adam';
      readonly learningRate: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
      readonly weightDecay: number;
    };

/** The options of an algorithm that trains by SGD or Adam; an algorithm's schema spreads them in. */
export const optimizerOptions = {
  optimizer: z.enum(['sgd', 'adam']).default('sgd').describe('sgd (heavy-ball momentum) or adam'),
  learningRate: z.number().positive().default(0.05).describe('step size'),
  momentum: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe('heavy-ball momentum of sgd; the buffer lives as long as the run'),
  weightDecay: z.number().min(0).default(0).describe('L2 coefficient, added to the gradient'),
};

/** The spec that a scenario's options describe. Adam takes β₁ = 0.9, β₂ = 0.999, ε = 1e-8 (Kingma and Ba, 2015). */
export function optimizerSpec(options: {
  optimizer: 'sgd' | 'adam';
  learningRate: number;
  momentum: number;
  weightDecay: number;
}): OptimizerSpec {
  const { learningRate, momentum, weightDecay } = options;
  return options.optimizer === 'sgd'
    ? { use: 'sgd', learningRate, momentum, weightDecay }
    : { use: 'adam', learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay };
}

/** How many arrays of the params' length the state has. */
export function stateArrays(spec: OptimizerSpec): number {
  if (spec.use === 'adam') return 2;
  return spec.momentum > 0 ? 1 : 0;
}

/** Floating-point operations a param a step. */
export function optimizerFlops(spec: OptimizerSpec): number {
  const decay = spec.weightDecay > 0 ? 2 : 0;
  return decay + (spec.use === 'adam' ? 14 : spec.momentum > 0 ? 4 : 2);
}

/** One slice of a stack before or after a step: its params and the state's slices that go with them. */
export interface Stepped {
  readonly params: tf.Tensor;
  readonly state: readonly tf.Tensor[];
}

/** The factor that an optimiser wants its gradients scaled by: plain SGD's learning rate, so that x ← x − g. */
export function gradientScale(spec: OptimizerSpec): number {
  return isPlain(spec) ? spec.learningRate : 1;
}

function isPlain(spec: OptimizerSpec): boolean {
  return spec.use === 'sgd' && spec.momentum === 0 && spec.weightDecay === 0;
}

/**
 * One step, on a gradient that is scaled by {@link gradientScale}. `step` counts from 1 (Adam's bias correction):
 * sgd  v ← μv + (g + λx), x ← x − ηv;
 * adam m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², x ← x − η·m̂/(√v̂ + ε), with g + λx for g.
 */
export function optimizerStep(
  engine: Engine,
  spec: OptimizerSpec,
  before: Stepped,
  gradient: tf.Tensor,
  step: number,
): Stepped {
  const { params, state } = before;
  if (isPlain(spec)) return { params: engine.sub(params, gradient), state };
  const decayed =
    spec.weightDecay > 0 ? engine.add(gradient, engine.mul(params, spec.weightDecay)) : gradient;
  if (spec.use === 'sgd') {
    if (spec.momentum === 0) {
      return { params: engine.sub(params, engine.mul(decayed, spec.learningRate)), state };
    }
    const velocity = engine.add(engine.mul(state[0]!, spec.momentum), decayed);
    return { params: engine.sub(params, engine.mul(velocity, spec.learningRate)), state: [velocity] };
  }
  const { beta1, beta2, epsilon, learningRate } = spec;
  const mean = engine.add(engine.mul(state[0]!, beta1), engine.mul(decayed, 1 - beta1));
  const square = engine.add(engine.mul(state[1]!, beta2), engine.mul(engine.square(decayed), 1 - beta2));
  const unbiased = engine.div(mean, 1 - power(beta1, step));
  const root = engine.sqrt(engine.div(square, 1 - power(beta2, step)));
  const change = engine.mul(engine.div(unbiased, engine.add(root, epsilon)), learningRate);
  return { params: engine.sub(params, change), state: [mean, square] };
}

/** base^exponent by squaring: the same bits in every engine, unlike `Math.pow`. */
function power(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}
