/**
 * MCE-PL, the computations of one iteration: the aggregation tensor, and the straight-through gradient from a mask to its
 * scores. The equations are those of mce-pl.ts.
 */
import type { TaskDefinition } from '../../compute/task.js';
import type { View } from '../../data/dataset.js';
import { type GradientInput, gradientOf } from '../../learning/gradient.js';
import type { ModelSpec } from '../../models/model.js';
import type { MaskLayout } from './masks.js';

/** y = z + mean|z| · sign(z) · ā, the mean kernel by kernel. */
export function aggregationTensor(
  scores: Float32Array,
  average: Float32Array,
  { kernels }: MaskLayout,
): Float32Array {
  const y = new Float32Array(scores.length);
  for (const { from, length } of kernels) {
    let sum = 0;
    for (let i = from; i < from + length; i++) sum += Math.abs(scores[i]!);
    const mean = sum / length;
    for (let i = from; i < from + length; i++) y[i] = scores[i]! + mean * Math.sign(scores[i]!) * average[i]!;
  }
  return y;
}

/** Plain data. */
export interface MaskInput {
  readonly model: ModelSpec;
  readonly params: Float32Array;
  readonly weights: Float32Array;
  readonly scores: Float32Array;
  readonly average: Float32Array;
  readonly layout: MaskLayout;
  readonly rows: Uint32Array;
  readonly view: View | undefined;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly lambda: number;
}

/** z^(k−½), G and the loss. */
export interface MaskOutput {
  readonly scores: Float32Array;
  readonly gradient: Float32Array;
  readonly loss: number;
}

/** Step (1): the gradient at w ⊙ m, straight through to the scores. */
export const maskTask: TaskDefinition<MaskInput, MaskOutput> = {
  id: 'mask-step',
  module: import.meta.url,
  export: 'maskTask',
  group: (input) => gradientOf.group(gradientInput(input)),
  byProgram: (input) => gradientOf.byProgram!(gradientInput(input)),
  flops: (input) => gradientOf.flops(gradientInput(input)) + 10 * input.scores.length,
  footprint: (input) => gradientOf.footprint(gradientInput(input)),
  run: (inputs, context) =>
    gradientOf.run(inputs.map(gradientInput), context).map(({ gradient, loss }, n) => {
      const input = inputs[n]!;
      const through = straightThrough(input, gradient);
      const { scores, learningRate, weightDecay } = input;
      const stepped = scores.map((score, i) => score - learningRate * (through[i]! + weightDecay * score));
      return { scores: stepped, gradient: through, loss };
    }),
};

function gradientInput({ model, params, rows, view }: MaskInput): GradientInput {
  return { model, params, rows, view, trainable: 'all' };
}

/** What the gradient of the scores depends on, beside that of the params. */
type StraightThrough = Pick<MaskInput, 'weights' | 'scores' | 'average' | 'layout' | 'lambda'>;

/** G = ∂L/∂(w ⊙ m) · w · sign(y) + λ · y / ‖y_g‖; sign(y) = sign(z). */
export function straightThrough(
  { weights, scores, average, layout, lambda }: StraightThrough,
  ofParams: Float32Array,
): Float32Array {
  const through = new Float32Array(scores.length);
  const y = aggregationTensor(scores, average, layout);
  for (const { offset, from, length, units } of layout.kernels) {
    const squares = new Float64Array(units);
    for (let i = 0; i < length; i++) squares[i % units]! += y[from + i]! * y[from + i]!;
    for (let i = 0; i < length; i++) {
      const norm = Math.sqrt(squares[i % units]!);
      const shrink = lambda === 0 || norm === 0 ? 0 : (lambda * y[from + i]!) / norm;
      const place = offset + i;
      through[from + i] = ofParams[place]! * weights[place]! * Math.sign(scores[from + i]!) + shrink;
    }
  }
  return through;
}
