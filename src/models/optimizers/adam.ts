/** Adam. */
import { z } from 'zod';
import { powerBySquaring } from '../powers.js';
import type { OptimizerEntry } from './optimizer.js';

interface AdamOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², x ← x − η·m̂/(√v̂ + ε), with g + λx for g. Its state is m and v. */
export const adam: OptimizerEntry<AdamOptions> = {
  id: 'adam',
  description: 'Adam: steps by running means of the gradient and of its square',
  reference: 'Kingma and Ba, Adam: A Method for Stochastic Optimization, ICLR 2015',
  options: z.strictObject({
    beta1: z.number().min(0).lt(1).default(0.9).describe('decay of the mean of the gradient'),
    beta2: z.number().min(0).lt(1).default(0.999).describe('decay of the mean of its square'),
    epsilon: z.number().positive().default(1e-8).describe('added to the root of the mean square'),
    weightDecay: z
      .number()
      .min(0)
      .default(0)
      .describe('L2 coefficient: the params times this are added to the gradient'),
  }),
  stateArrays: () => 2,
  flops: ({ weightDecay }) => (weightDecay > 0 ? 2 : 0) + 14,
  step(engine, { beta1, beta2, epsilon, weightDecay }, { params, state, gradient, step, learningRate }) {
    const decayed = weightDecay > 0 ? engine.add(gradient, engine.mul(params, weightDecay)) : gradient;
    const mean = engine.add(engine.mul(state[0]!, beta1), engine.mul(decayed, 1 - beta1));
    const square = engine.add(engine.mul(state[1]!, beta2), engine.mul(engine.square(decayed), 1 - beta2));
    // Corrects the bias of means that started at zero.
    const unbiased = engine.div(mean, 1 - powerBySquaring(beta1, step));
    const root = engine.sqrt(engine.div(square, 1 - powerBySquaring(beta2, step)));
    const change = engine.mul(engine.div(unbiased, engine.add(root, epsilon)), learningRate);
    return { params: engine.sub(params, change), state: [mean, square] };
  },
  program: {
    settings: ({ beta1, beta2, epsilon, weightDecay }, { learningRate, step }) => [
      learningRate,
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      epsilon,
      weightDecay,
      1 - powerBySquaring(beta1, step),
      1 - powerBySquaring(beta2, step),
    ],
    append(builder, { weightDecay }, { params, state: [mean, square], gradient, settings, length }) {
      builder.emit('adam', [params, mean!, square!, gradient, settings], [length, weightDecay > 0 ? 1 : 0]);
    },
  },
};
