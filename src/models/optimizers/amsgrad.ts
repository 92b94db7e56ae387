/** AMSGrad. */
import { z } from 'zod';
import type { OptimizerEntry } from './optimizer.js';

interface AmsgradOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/**
 * m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², v̂ ← max(v̂, v), x ← x − η·m/(√v̂ + ε), with g + λx for g. Its state is m, v and v̂;
 * as in the paper, means that start at zero are not corrected.
 */
export const amsgrad: OptimizerEntry<AmsgradOptions> = {
  id: 'amsgrad',
  description: 'AMSGrad: Adam whose step sizes never grow, by the largest mean square so far',
  reference: 'Reddi, Kale and Kumar, On the Convergence of Adam and Beyond, ICLR 2018',
  options: z.strictObject({
    beta1: z.number().min(0).lt(1).default(0.9).describe('decay of the mean of the gradient'),
    beta2: z.number().min(0).lt(1).default(0.999).describe('decay of the mean of its square'),
    epsilon: z.number().positive().default(1e-8).describe('added to the root of the largest mean square'),
    weightDecay: z
      .number()
      .min(0)
      .default(0)
      .describe('L2 coefficient: the params times this are added to the gradient'),
  }),
  stateArrays: () => 3,
  flops: ({ weightDecay }) => (weightDecay > 0 ? 2 : 0) + 12,
  step(engine, { beta1, beta2, epsilon, weightDecay }, { params, state, gradient, learningRate }) {
    const decayed = weightDecay > 0 ? engine.add(gradient, engine.mul(params, weightDecay)) : gradient;
    const mean = engine.add(engine.mul(state[0]!, beta1), engine.mul(decayed, 1 - beta1));
    const square = engine.add(engine.mul(state[1]!, beta2), engine.mul(engine.square(decayed), 1 - beta2));
    const largest = engine.maximum(state[2]!, square);
    const change = engine.div(mean, engine.add(engine.sqrt(largest), epsilon));
    return {
      params: engine.sub(params, engine.mul(change, learningRate)),
      state: [mean, square, largest],
    };
  },
  program: {
    settings: ({ beta1, beta2, epsilon, weightDecay }, { learningRate }) => [
      learningRate,
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      epsilon,
      weightDecay,
    ],
    append(builder, { weightDecay }, { params, state: [mean, square, largest], gradient, settings, length }) {
      const places = [params, mean!, square!, largest!, gradient, settings];
      builder.emit('amsgrad', places, [length, weightDecay > 0 ? 1 : 0]);
    },
  },
};
