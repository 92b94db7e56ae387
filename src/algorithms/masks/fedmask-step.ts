/** FedMask, local steps on the scores: the gradient goes straight through the threshold. The equations are those of fedmask.ts. */
import type { TaskDefinition } from '../../compute/task.js';
import type { View } from '../../data/dataset.js';
import { type GradientInput, gradientOf } from '../../learning/gradient.js';
import type { ModelSpec } from '../../models/model.js';
import { applyMask, type MaskLayout } from './masks.js';

/** Plain data. */
export interface ScoreInput {
  readonly model: ModelSpec;
  readonly weights: Float32Array;
  /** s_i and k_i. */
  readonly scores: Float32Array;
  readonly unitMask: Uint8Array;
  readonly layout: MaskLayout;
  /** Batch after batch. */
  readonly rows: Uint32Array;
  readonly batch: number;
  readonly view: View | undefined;
  readonly learningRate: number;
}

/** s_i after the steps, and the training loss. */
interface ScoreOutput {
  readonly scores: Float32Array;
  /** Mean over the steps. */
  readonly loss: number;
}

/** The local steps on the scores, of (0) and (1). */
export const scoreTask: TaskDefinition<ScoreInput, ScoreOutput> = {
  id: 'score-steps',
  module: import.meta.url,
  export: 'scoreTask',
  group: (input) => JSON.stringify([gradientOf.group(gradientInput(input)), stepsOf(input)]),
  byProgram: (input) => gradientOf.byProgram!(gradientInput(input)),
  flops: (input) => stepsOf(input) * (gradientOf.flops(gradientInput(input)) + 10 * input.scores.length),
  footprint: (input) => gradientOf.footprint(gradientInput(input)),
  run(inputs, context) {
    let scores = inputs.map((input) => input.scores);
    const losses = inputs.map(() => 0);
    const steps = stepsOf(inputs[0]!);
    for (let k = 0; k < steps; k++) {
      const params = inputs.map(({ weights, unitMask, layout }, n) =>
        applyMask(weights, maskOf(scores[n]!, unitMask), layout),
      );
      const gradients = gradientOf.run(
        inputs.map((input, n) => gradientInput(input, k, params[n])),
        context,
      );
      for (const [n, { loss }] of gradients.entries()) losses[n]! += loss;
      scores = inputs.map((input, n) => step(input, scores[n]!, gradients[n]!.gradient));
    }
    return scores.map((own, n) => ({ scores: own, loss: losses[n]! / steps }));
  },
};

/** The input of `gradientOf` for step k, at these params. */
function gradientInput(input: ScoreInput, k = 0, params = input.weights): GradientInput {
  const { model, rows, batch, view } = input;
  return { model, params, rows: rows.subarray(k * batch, (k + 1) * batch), view, trainable: 'all' };
}

function stepsOf({ rows, batch }: ScoreInput): number {
  return rows.length / batch;
}

/** m = 1[σ(s) > ½] ⊙ k. */
export function maskOf(scores: Float32Array, unitMask: Uint8Array): Uint8Array {
  return unitMask.map((keep, i) => (keep === 1 && scores[i]! > 0 ? 1 : 0));
}

/** (1), with the gradient by the params w ⊙ m. */
function step(input: ScoreInput, scores: Float32Array, gradient: Float32Array): Float32Array {
  const { weights, unitMask, layout, learningRate } = input;
  const stepped = Float32Array.from(scores);
  for (const { offset, from, length } of layout.kernels) {
    for (let i = 0; i < length; i++) {
      if (unitMask[from + i] === 0) continue;
      const on = sigmoid(scores[from + i]!);
      const place = offset + i;
      stepped[from + i]! -= learningRate * gradient[place]! * weights[place]! * on * (1 - on);
    }
  }
  return stepped;
}

/** σ. */
export function sigmoid(score: number): number {
  return 1 / (1 + Math.exp(-score));
}
