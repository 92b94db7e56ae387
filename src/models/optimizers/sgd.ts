/** Stochastic gradient descent. */
import { z } from 'zod';
import type { OptimizerEntry } from './optimizer.js';

interface SgdOptions {
  readonly momentum: number;
  readonly weightDecay: number;
}

const isPlain = ({ momentum, weightDecay }: SgdOptions) => momentum === 0 && weightDecay === 0;

/** v ← μv + (g + λx), x ← x − ηv: Polyak's heavy ball. Its state is v, or nothing without momentum. */
export const sgd: OptimizerEntry<SgdOptions> = {
  id: 'sgd',
  description: 'stochastic gradient descent, with heavy-ball momentum',
  options: z.strictObject({
    momentum: z.number().min(0).lt(1).default(0).describe('heavy-ball momentum'),
    weightDecay: z
      .number()
      .min(0)
      .default(0)
      .describe('L2 coefficient: the params times this are added to the gradient'),
  }),
  stateArrays: ({ momentum }) => (momentum > 0 ? 1 : 0),
  flops: ({ momentum, weightDecay }) => (weightDecay > 0 ? 2 : 0) + (momentum > 0 ? 4 : 2),
  takesScaledGradient: isPlain,
  step(engine, options, { params, state, gradient, learningRate }) {
    if (isPlain(options)) return { params: engine.sub(params, gradient), state };
    const { momentum, weightDecay } = options;
    const decayed = weightDecay > 0 ? engine.add(gradient, engine.mul(params, weightDecay)) : gradient;
    if (momentum === 0) return { params: engine.sub(params, engine.mul(decayed, learningRate)), state };
    const velocity = engine.add(engine.mul(state[0]!, momentum), decayed);
    return { params: engine.sub(params, engine.mul(velocity, learningRate)), state: [velocity] };
  },
  program: {
    settings: ({ momentum, weightDecay }, { learningRate }) => [learningRate, momentum, weightDecay],
    append(builder, { momentum, weightDecay }, { params, state, gradient, settings, length }) {
      const places = [params, state[0] ?? params, gradient, settings];
      builder.emit('sgd', places, [length, momentum > 0 ? 1 : 0, weightDecay > 0 ? 1 : 0]);
    },
  },
};
