/**
 * MCE-PL, the computations of one iteration: the aggregation tensor, and the straight-through gradient from a mask to its
 * scores. The equations are those of mce-pl.ts.
 */

import type { TaskDefinition } from '../../compute/task.js';
import type { View } from '../../data/dataset.js';
import { type GradientInput, gradientOf } from '../../learning/gradient.js';
import type { ModelSpec } from '../../models/model.js';
import { NOWHERE } from '../../numeric/machine.js';
import { at, type Program } from '../../numeric/program.js';
import { vectorMachine } from '../../numeric/thread.js';
import { outline } from '../../outline.js';
import { kernelProgram } from './kernel-program.js';
import type { MaskLayout } from './masks.js';

/** y = z + mean|z| · sign(z) · ā, the mean kernel by kernel; what is in no kernel stays 0. */
export function aggregationTensor(
  scores: Float32Array,
  average: Float32Array,
  layout: MaskLayout,
): Float32Array {
  const machine = vectorMachine();
  return machine.frame((frame) => {
    const y = frame.state(scores.length, null);
    machine.run(aggregateProgram(layout), {
      ...NOWHERE,
      params: frame.readOnce(scores),
      order: frame.readOnce(average),
      results: y.address,
    });
    return frame.keep(y);
  });
}

/** The aggregation tensor of the scores at `params` and the average at `order` goes to `results`. */
function aggregateProgram(layout: MaskLayout): Program {
  return kernelProgram('aggregate', layout, (builder, { from, length }) => {
    const operands = [at('results', 4 * from), at('params', 4 * from), at('order', 4 * from)];
    builder.emit('aggregate', operands, [length]);
  });
}

/** Moves the scores at `params`; `state` gets G. Gradient by the params: `data`, weights: `rows`, average: `order`. */
function stepProgram(layout: MaskLayout): Program {
  return kernelProgram('straight through', layout, (builder, { offset, from, length, units }) => {
    const [y, norms] = [builder.floats(length), builder.doubles(units)];
    const scores = at('params', 4 * from);
    builder.emit('aggregate', [y, scores, at('order', 4 * from)], [length]);
    const [gradient, weights] = [at('data', 4 * offset), at('rows', 4 * offset)];
    const operands = [at('state', 4 * from), scores, gradient, weights, y, norms, at('settings')];
    builder.emit('straight_through', operands, [length, units]);
  });
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
  gradients: (input) => gradientOf.gradients!(gradientInput(input)),
  footprint: (input) => gradientOf.footprint(gradientInput(input)),
  outline: ({ scores }) => ({
    scores: outline(scores.length),
    gradient: outline(scores.length),
    loss: Number.NaN,
  }),
  run: (inputs, context) =>
    gradientOf.run(inputs.map(gradientInput), context).map(({ gradient, loss }, n) => ({
      ...scoreStep(inputs[n]!, gradient, context.machine),
      loss,
    })),
};

function gradientInput({ model, params, rows, view }: MaskInput): GradientInput {
  return { model, params, rows, view, trainable: 'all' };
}

/** What a step on the scores depends on, beside the gradient by the params. */
type ScoreStep = Pick<
  MaskInput,
  'weights' | 'scores' | 'average' | 'layout' | 'learningRate' | 'weightDecay' | 'lambda'
>;

/**
 * G = ∂L/∂(w ⊙ m) · w · sign(y) + λ · y / ‖y_g‖, where sign(y) = sign(z) and a group g is the weights of an output unit;
 * and z^(k−½) = z − η · (G + decay · z).
 */
export function scoreStep(
  { weights, scores, average, layout, learningRate, weightDecay, lambda }: ScoreStep,
  ofParams: Float32Array,
  machine = vectorMachine(),
): Omit<MaskOutput, 'loss'> {
  return machine.frame((frame) => {
    const stepped = frame.copy(scores);
    const gradient = frame.state(scores.length, null);
    const settings = frame.doubles(3);
    settings.numbers.set([lambda, learningRate, weightDecay]);
    machine.run(stepProgram(layout), {
      ...NOWHERE,
      params: stepped.address,
      state: gradient.address,
      data: frame.readOnce(ofParams),
      rows: frame.read(weights),
      order: frame.readOnce(average),
      settings: settings.address,
    });
    return { scores: frame.keep(stepped), gradient: frame.keep(gradient) };
  });
}
