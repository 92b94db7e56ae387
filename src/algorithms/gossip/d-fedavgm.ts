/**
 * DFedAvgM, decentralized federated averaging with momentum: nodes take several heavy-ball steps, whose momentum starts at 0
 * in every round, and average the results with their neighbours'.
 *
 * Reference: T. Sun, D. Li, B. Wang, "Decentralized Federated Averaging", IEEE Transactions on Pattern Analysis and Machine
 * Intelligence 45(4), 2023, Algorithm 1.
 *
 * x_i: params of node i; w_ij: mixing weights; θ: momentum; K: local steps. A round:
 *   (1) z ← x_i, v ← 0;  K times  v ← θ v + g_i(z),  z ← z − η v
 *   (2) x_i ← Σ_j w_ij z_j
 *
 * Messages   | content | payload bytes, params = d
 * `model`    | z_i     | float32 4·d, or what the codec takes
 *
 * Differences from the paper: it is d-psgd (adapt-then-combine) with `restartOptimizer` and momentum, and has its code, so a
 * codec and error feedback are those of d-psgd. The paper's quantized variant sends Q(z_i − x_i) instead; choco-sgd sends
 * differences to what receivers know, which the paper's variant does not keep track of.
 */
import { z } from 'zod';
import type { Algorithm } from '../../learning/algorithm.js';
import { finalTrainingOption, trainingOptions } from '../../learning/local-training.js';
import { roundOptions } from '../../learning/rounds.js';
import { optimizerOption } from '../../models/optimizers/index.js';
import { mixingOption } from '../../topology/mixing/index.js';
import { codecOption } from '../../wire/index.js';
import { dPsgd } from '../d-psgd.js';

const { optimizer: _optimizer, restartOptimizer: _restart, ...training } = trainingOptions;

const options = z
  .strictObject({
    ...training,
    ...roundOptions,
    ...finalTrainingOption,
    momentum: z
      .number()
      .min(0)
      .lt(1)
      .default(0.9)
      .describe('θ, the weight of the last step in the next (paper: 0.9)'),
    mixing: mixingOption(),
    codec: codecOption().describe('how models are encoded'),
    errorFeedback: z
      .boolean()
      .default(false)
      .describe('add what a dense codec rounds away to the next model that is sent'),
  })
  .transform(({ momentum, ...given }) => ({
    ...given,
    optimizer: optimizerOption().parse({ use: 'sgd', momentum }),
    restartOptimizer: true,
    order: 'adapt-then-combine' as const,
  }));

/** The same handlers as those of d-psgd. */
export const dFedavgm: Algorithm<never, z.output<typeof options>> = {
  ...(dPsgd as Algorithm<never, never>),
  id: 'd-fedavgm',
  description: 'D-PSGD with several heavy-ball steps a round, whose momentum starts anew in every round',
  reference: 'Sun et al., Decentralized Federated Averaging (DFedAvgM), IEEE TPAMI 2023',
  options,
  fixedPoints: [
    // The first step of a round has no momentum yet.
    { order: 'adapt-then-combine', options: { localSteps: 1, batch: 1 } },
  ],
};
