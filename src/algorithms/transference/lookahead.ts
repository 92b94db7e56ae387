/** The task of trial steps: the losses on given rows after each of several steps of the body. */
import type { TaskContext, TaskDefinition } from '../../compute/task.js';
import type { View } from '../../data/dataset.js';
import { bodyOf, withBody } from '../../learning/body.js';
import { evaluate } from '../../learning/evaluate.js';
import { buildModel } from '../../models/index.js';
import type { ModelSpec } from '../../models/model.js';

/** Plain data; `rows` are rows of the constant `dataset`. */
interface LookaheadInput {
  readonly model: ModelSpec;
  readonly params: Float32Array;
  readonly rows: Uint32Array;
  readonly view?: View | undefined;
  /** Gradients for the body, float32 [body] each; null where one is missing. */
  readonly gradients: ReadonlyArray<Float32Array | null>;
  /** Step size η. */
  readonly step: number;
}

/** Mean losses over the rows: before any step, and after each one; NaN for a missing gradient. */
interface LookaheadOutput {
  readonly now: number;
  readonly after: readonly number[];
}

export const lookahead: TaskDefinition<LookaheadInput, LookaheadOutput> = {
  id: 'lookahead',
  module: import.meta.url,
  export: 'lookahead',
  group: (input) => evaluate.group(input),
  byProgram: (input) => evaluate.byProgram!(input),
  flops: (input) => (1 + input.gradients.length) * input.rows.length * buildModel(input.model).flops.forward,
  footprint: (input) => 8 * input.params.length,
  // One node after the other: the stack is made of the candidates of one node.
  run: (inputs, context) => inputs.map((input) => tryOut(input, context)),
};

function tryOut(input: LookaheadInput, context: TaskContext): LookaheadOutput {
  const { params, gradients, step } = input;
  const model = buildModel(input.model);
  const body = bodyOf(model, params);
  const candidates = [
    params,
    ...gradients.flatMap((gradient) =>
      gradient === null
        ? []
        : [
            withBody(
              model,
              params,
              body.map((value, k) => value - step * gradient[k]!),
            ),
          ],
    ),
  ];
  const [now, ...losses] = evaluate
    .run(
      candidates.map((candidate) => ({ ...input, params: candidate })),
      context,
    )
    .map(({ loss }) => loss);
  return {
    now: now!,
    after: gradients.map((gradient) => (gradient === null ? Number.NaN : losses.shift()!)),
  };
}
