/** Options and state of transference: what its two files share. */
import { z } from 'zod';
import type { NodeContext } from '../../learning/algorithm.js';
import type { BatchCursor } from '../../learning/batches.js';
import type { GradientOutput } from '../../learning/gradient.js';
import { type RoundOptions, roundOptions } from '../../learning/rounds.js';
import { optimizerOption } from '../../models/optimizers/index.js';
import type { Reference } from '../../models/references.js';
import { count } from '../../options/index.js';
import type { MixingWindow, WindowSettings } from './mixing-window.js';

/** State of a node. */
export interface State {
  params: Float32Array;
  cursor: BatchCursor;
  /** Rows of the present mini-batch. */
  rows: Uint32Array;
  optimizer: Record<'head' | 'body', { state: Float32Array | null; steps: number }>;
  own: GradientOutput | null;
  /** g by node, null where one is missing, and column j of Z: with `form: exact`. */
  gradients: Array<Float32Array | null>;
  column: Float32Array;
  /** With a coordinator: whether the last row was told. */
  isFinal: boolean;
  /** W, and what leads to the next one. */
  window: MixingWindow;
  loss: number;
}

/** Validated options. */
export interface Options extends RoundOptions, WindowSettings {
  batch: number;
  epochBatches: number;
  window: number;
  sharedSteps: number;
  dynamic: boolean;
  form: 'first-order' | 'exact';
  lookahead: number;
  exchange: 'all-to-all' | 'coordinator';
  sharedHeadInit: boolean;
  stopAt?: number | undefined;
  optimizer: Reference;
  learningRate: number;
}

export const transferenceOptions = z.strictObject({
  ...roundOptions,
  optimizer: optimizerOption('adam').describe('the optimizer of heads and shared networks'),
  learningRate: z.number().positive().default(2e-5).describe('step size (paper: 2e-5)'),
  batch: count().default(128).describe('samples a mini-batch (the paper does not say)'),
  epochBatches: count()
    .default(30)
    .describe('mini-batches an epoch, that is: rounds between transference evaluations'),
  window: count().default(5).describe('epochs over which clusterings are averaged (H, paper: 5)'),
  sharedSteps: count()
    .default(2)
    .describe('steps and averages of the shared network a mini-batch (K2, paper: 2)'),
  dynamic: z.boolean().default(true).describe('false: the fully connected baseline, without transference'),
  form: z
    .enum(['first-order', 'exact'])
    .default('first-order')
    .describe('Z by inner products (8), or by losses after steps that are tried out (5)'),
  lookahead: z.number().positive().default(0.1).describe('η of the steps that (5) tries out'),
  exchange: z
    .enum(['all-to-all', 'coordinator'])
    .default('all-to-all')
    .describe('all compute W; or node 0 does, and tells each its row'),
  sharedHeadInit: z
    .boolean()
    .default(true)
    .describe('all heads start alike; false: each from a draw of its own'),
  average: z
    .enum(['V', 'Z'])
    .default('V')
    .describe('average clusterings (Algorithm 2) or similarities (the text)'),
  adjacency: z.enum(['sign', 'normalized']).default('sign').describe('how similarities become a graph'),
  threshold: z
    .number()
    .min(0)
    .lt(1)
    .default(0.05)
    .describe('share of the largest similarity up to which there is no edge'),
  stopAt: count().optional().describe('epoch after which W no longer changes (CelebA in the paper: 21)'),
  freezeOnConsensus: z
    .boolean()
    .default(false)
    .describe('keep the first W that is a clustering of two or more'),
});

/** A node that runs transference. */
export type Node = NodeContext<Options>;

/** All nodes but this one, ascending. */
export function others(node: Node): number[] {
  return Array.from({ length: node.nodes }, (_, id) => id).filter((id) => id !== node.id);
}
