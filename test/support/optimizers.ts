/** Optimisers for the inputs of tasks. */
import { type OptimizerSpec, optimizerOption } from '../../src/models/optimizers/index.js';

/** SGD with the default of every option that is not given. */
export const sgdWith = (learningRate: number, options: object = {}): OptimizerSpec => ({
  ...optimizerOption().parse({ use: 'sgd', ...options }),
  learningRate,
});

/** Adam with the default of every option that is not given. */
export const adamWith = (learningRate: number, options: object = {}): OptimizerSpec => ({
  ...optimizerOption().parse({ use: 'adam', ...options }),
  learningRate,
});

/** AMSGrad with the default of every option that is not given. */
export const amsgradWith = (learningRate: number, options: object = {}): OptimizerSpec => ({
  ...optimizerOption().parse({ use: 'amsgrad', ...options }),
  learningRate,
});
