/** The task of a node that computes the gradients of its own loss at the params of several nodes, on one batch. */
import type { TaskDefinition } from '../../compute/task.js';
import { type GradientInput, type GradientOutput, gradientOf } from '../../learning/gradient.js';

/** Plain data; `points` are the params, float32 [params] each, with the node's own first. */
interface CrossInput extends Omit<GradientInput, 'params'> {
  readonly points: readonly Float32Array[];
}

/** The gradient at each of the points. */
interface CrossOutput {
  readonly results: readonly GradientOutput[];
}

const inputsOf = ({ points, ...rest }: CrossInput): GradientInput[] =>
  points.map((params) => ({ ...rest, params }));

/** {@link gradientOf} at several points. */
export const crossGradients: TaskDefinition<CrossInput, CrossOutput> = {
  id: 'cross-gradients',
  module: import.meta.url,
  export: 'crossGradients',
  group: (input) => gradientOf.group(inputsOf(input)[0]!),
  byProgram: (input) => gradientOf.byProgram!(inputsOf(input)[0]!),
  flops: (input) => input.points.length * gradientOf.flops(inputsOf(input)[0]!),
  gradients: ({ points, rows }) => ({ steps: points.length, samples: points.length * rows.length }),
  footprint: ({ points }) => points.reduce((sum, { length }) => sum + 8 * length, 0),
  outline: (input) => ({ results: inputsOf(input).map((one) => gradientOf.outline!(one)) }),
  run(inputs, context) {
    const outputs = gradientOf.run(inputs.flatMap(inputsOf), context);
    let next = 0;
    return inputs.map(({ points }) => {
      const results = outputs.slice(next, next + points.length);
      next += points.length;
      return { results };
    });
  },
};
