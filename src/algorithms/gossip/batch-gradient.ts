/**
 * What methods that take one gradient in a round have in common, where an optimiser's steps would not do: options, state,
 * the input of the task, and the step.
 */
import { z } from 'zod';
import type { NodeContext } from '../../learning/algorithm.js';
import { type BatchCursor, nextBatches, startCursor } from '../../learning/batches.js';
import type { GradientInput } from '../../learning/gradient.js';
import { trainingOptions } from '../../learning/local-training.js';
import { roundOptions } from '../../learning/rounds.js';
import { decay as factorOf } from '../../learning/schedules.js';
import { weightedSum } from '../../learning/vectors.js';
import { mixingOption } from '../../topology/mixing/index.js';

/** Options of such a method; its schema spreads them in. */
export const gradientOptions = {
  batch: trainingOptions.batch,
  learningRate: trainingOptions.learningRate,
  decay: trainingOptions.decay,
  ...roundOptions,
  mixing: mixingOption(),
};

const schema = z.object(gradientOptions);
type Node = NodeContext<z.output<typeof schema>>;

/** What a node keeps between its gradients. Plain data. */
export interface GradientState {
  cursor: BatchCursor;
  /** Loss of the last batch; NaN before the first. */
  loss: number;
}

/** State before the first gradient. */
export function startGradients(): GradientState {
  return { cursor: startCursor(), loss: Number.NaN };
}

/** The rows of the node's next batch, from the stream `batches`. */
function nextBatch(node: Node, state: GradientState): Uint32Array {
  const { batch } = node.options;
  return nextBatches(state.cursor, node.shard.train, node.random('batches'), { steps: 1, batch });
}

/** The gradient of the node's next batch at `params`. */
export function gradientInput(node: Node, state: GradientState, params: Float32Array): GradientInput {
  const { model, shard } = node;
  return {
    model: model.spec,
    params,
    rows: nextBatch(node, state),
    view: shard.view,
    trainable: 'all',
  };
}

/** η in this round. */
export function stepSize({ options: { learningRate, decay }, round }: Node): number {
  return learningRate * factorOf(decay, round);
}

/** x − η·direction, float32. */
export function stepped(params: Float32Array, direction: Float32Array, size: number): Float32Array {
  return weightedSum([params, direction], [1, -size]);
}
