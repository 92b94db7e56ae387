/** The options of `mhd`, with the paper's values as far as they are known: its text was not at hand. */
import { z } from 'zod';
import { roundOptions } from '../../learning/rounds.js';
import { optimizerOption } from '../../models/optimizers/index.js';
import { count } from '../../options/index.js';

/** Every option with its default; see `mhd.ts` for what they mean. */
export const mhdOptions = z
  .strictObject({
    ...roundOptions,
    mode: z
      .enum(['predictions', 'checkpoint'])
      .default('predictions')
      .describe('what teachers send: their predictions on the public batch, or their model'),
    auxiliaryHeads: count().default(3).describe('auxiliary heads, m (paper, from memory: up to 4)'),
    batch: count().default(64).describe('private samples per step (paper, from memory: 512)'),
    publicBatch: count().default(64).describe('public samples per step (paper, from memory: 512)'),
    delta: count().default(1).describe('teachers per step, Δ (paper, from memory: 1)'),
    refresh: count()
      .optional()
      .describe(
        'rounds between two messages of a teacher; default: 1, in mode checkpoint 200 (paper, from memory)',
      ),
    pool: count()
      .optional()
      .describe(
        "number of teachers' models that a node keeps in mode checkpoint; default: one of each teacher",
      ),
    synchronised: z
      .boolean()
      .default(true)
      .describe(
        'draw public batches from the common seed; false: each node draws its own and sends the ids of the samples',
      ),
    nuEmb: z.number().min(0).default(1).describe('weight of the embedding loss (paper, from memory: 1)'),
    nuAux: z
      .number()
      .min(0)
      .default(1)
      .describe('weight of the distillation losses (paper, from memory: 1 to 3)'),
    target: z
      .enum(['confident', 'random'])
      .default('confident')
      .describe(
        'which prediction becomes a target: that of the most confident candidate, or of a random one',
      ),
    selfInTargets: z
      .boolean()
      .default(true)
      .describe('whether the prediction of the node itself is a candidate'),
    optimizer: optimizerOption({ use: 'sgd', momentum: 0.9 }).describe(
      'the name of an optimizer, or { use: name, …options } (paper, from memory: sgd with momentum 0.9)',
    ),
    learningRate: z.number().positive().default(0.01).describe('step size (paper, from memory: 0.1)'),
    decayRounds: count()
      .optional()
      .describe('rounds in which the step size falls to 0 along half a cosine; default: it stays constant'),
  })
  .transform((given) => ({ ...given, refresh: given.refresh ?? (given.mode === 'checkpoint' ? 200 : 1) }));

/** Validated options. */
export type MhdOptions = z.output<typeof mhdOptions>;
