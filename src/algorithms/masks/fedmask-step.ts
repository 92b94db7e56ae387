/** FedMask, local steps on the scores: the gradient goes straight through the threshold. The equations are those of fedmask.ts. */

import type { TaskDefinition } from '../../compute/task.js';
import type { Dataset, View } from '../../data/dataset.js';
import { type GradientInput, gradientOf, ROWS_MAX } from '../../learning/gradient.js';
import { buildModel } from '../../models/index.js';
import type { ModelSpec } from '../../models/model.js';
import { batchKind, gradientProgram, rowsAt } from '../../models/step-programs.js';
import { type Machine, NOWHERE } from '../../numeric/machine.js';
import { at, type Program } from '../../numeric/program.js';
import { exp64 } from '../../numeric/reference/functions.js';
import { outline } from '../../outline.js';
import { kernelProgram } from './kernel-program.js';
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
  gradients: (input) => ({ steps: stepsOf(input), samples: input.rows.length }),
  footprint: (input) => gradientOf.footprint(gradientInput(input)),
  outline: ({ scores }) => ({ scores: outline(scores.length), loss: Number.NaN }),
  run(inputs, context) {
    const { machine } = context;
    const { batch } = inputs[0]!;
    if (machine && batch <= ROWS_MAX && gradientOf.byProgram!(gradientInput(inputs[0]!))) {
      const dataset = context.constant('dataset') as Dataset;
      return inputs.map((input) => stepsByProgram(machine, dataset, input));
    }
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

function stepsByProgram(machine: Machine, dataset: Dataset, input: ScoreInput): ScoreOutput {
  const { layout, batch } = input;
  const model = buildModel(input.model);
  const kind = { ...batchKind(dataset, input, batch), trainable: 'all' as const };
  const steps = stepsOf(input);
  return machine.frame((frame) => {
    // Of the other params it has the fixed ones.
    const params = frame.copy(input.weights).address;
    const scores = frame.copy(input.scores);
    const gradient = frame.state(model.length, null).address;
    const loss = frame.doubles(1);
    const rate = frame.doubles(1);
    rate.numbers[0] = input.learningRate;
    const data = frame.read(input.unitMask);
    const weights = frame.read(input.weights);
    const rows = rowsAt(frame, dataset, input);
    const [mask, descent, through] = [
      maskProgram(layout),
      gradientProgram(model, kind),
      scoreProgram(layout),
    ];
    const own = { ...NOWHERE, center: weights, data, results: scores.address };
    let lossSum = 0;
    for (let k = 0; k < steps; k++) {
      machine.run(mask, { ...own, params });
      const registers = { ...NOWHERE, params, state: gradient, results: loss.address };
      machine.run(descent, rows.from(k * batch, registers));
      machine.run(through, { ...own, state: gradient, settings: rate.address });
      lossSum += loss.numbers[0]! / batch;
    }
    return { scores: frame.keep(scores), loss: lossSum / steps };
  });
}

/** The masked weights at `params`: weights at `center`, scores at `results`, what is kept of units at `data`. */
function maskProgram(layout: MaskLayout): Program {
  return kernelProgram('threshold', layout, (builder, { offset, from, length }) => {
    const [params, weights] = [at('params', 4 * offset), at('center', 4 * offset)];
    builder.emit('threshold', [params, weights, at('results', 4 * from), at('data', from)], [length]);
  });
}

/** (1) on the scores at `results`, with the gradient by the params at `state`; the others as for the mask. */
function scoreProgram(layout: MaskLayout): Program {
  return kernelProgram('sigmoid through', layout, (builder, { offset, from, length }) => {
    const [gradient, weights] = [at('state', 4 * offset), at('center', 4 * offset)];
    const operands = [at('results', 4 * from), gradient, weights, at('data', from), at('settings')];
    builder.emit('sigmoid_through', operands, [length]);
  });
}

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
  const mask = new Uint8Array(unitMask.length);
  for (let i = 0; i < mask.length; i++) if (unitMask[i] === 1 && scores[i]! > 0) mask[i] = 1;
  return mask;
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
  return 1 / (1 + exp64(-score));
}
