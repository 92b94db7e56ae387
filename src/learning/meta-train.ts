/** The task of model-agnostic meta-learning: steps on the loss that one step of gradient descent would leave. */
import type { TaskContext, TaskDefinition } from '../compute/task.js';
import type { View } from '../data/dataset.js';
import { buildModel } from '../models/index.js';
import type { ModelSpec } from '../models/model.js';
import { outline } from '../outline.js';
import { gradientOf } from './gradient.js';

/**
 * Plain data. `rows` has three batches a step: D, D′ and D″.
 *   first-order   w̃ = w − α∇f(w; D),  w ← w − β ∇f(w̃; D′)
 *   hessian-free  v = ∇f(w̃; D′),      w ← w − β (v − α H v),  with H v = ‖v‖ (∇f(w + δu; D″) − ∇f(w − δu; D″)) / 2δ and u = v/‖v‖
 */
interface MetaTrainInput {
  readonly model: ModelSpec;
  readonly params: Float32Array;
  readonly rows: Uint32Array;
  readonly batch: number;
  readonly view?: View | undefined;
  readonly variant: 'first-order' | 'hessian-free';
  /** α and β. */
  readonly innerRate: number;
  readonly rate: number;
  /** δ, in the norm of the params. */
  readonly delta: number;
}

/** New params, and the mean over the steps of the loss at w on D. */
interface MetaTrainOutput {
  readonly params: Float32Array;
  readonly loss: number;
}

/** Steps of Per-FedAvg on one node; vectors are summed in float64 and rounded once. */
export const metaTrain: TaskDefinition<MetaTrainInput, MetaTrainOutput> = {
  id: 'meta-train',
  module: import.meta.url,
  export: 'metaTrain',
  group: ({ model, rows, batch, variant }) => JSON.stringify([model, rows.length, batch, variant]),
  byProgram: ({ model }) => buildModel(model).program !== undefined,
  flops({ model, rows, batch, variant }) {
    const { length, flops } = buildModel(model);
    const steps = rows.length / (3 * batch);
    return steps * gradientsOf(variant) * (batch * (flops.forward + flops.backward) + 2 * length);
  },
  gradients: ({ rows, batch, variant }) => ({
    steps: rows.length / (3 * batch),
    samples: (rows.length / 3) * gradientsOf(variant),
  }),
  footprint: ({ params }) => 16 * params.length,
  outline: ({ params }) => ({ params: outline(params.length), loss: Number.NaN }),
  run: (inputs, context) => inputs.map((input) => metaSteps(input, context)),
};

/** How many gradients a step takes. */
function gradientsOf(variant: MetaTrainInput['variant']): number {
  return variant === 'first-order' ? 2 : 4;
}

function metaSteps(input: MetaTrainInput, context: TaskContext): MetaTrainOutput {
  const { batch, innerRate, rate, variant } = input;
  const steps = input.rows.length / (3 * batch);
  let { params } = input;
  let lossSum = 0;
  for (let step = 0; step < steps; step++) {
    const gradientAt = (at: Float32Array, set: 0 | 1 | 2) => {
      const start = (3 * step + set) * batch;
      const rows = input.rows.slice(start, start + batch);
      return gradientOf.run(
        [{ model: input.model, params: at, rows, view: input.view, trainable: 'all' }],
        context,
      )[0]!;
    };
    const first = gradientAt(params, 0);
    const ahead = gradientAt(moved(params, first.gradient, -innerRate), 1).gradient;
    lossSum += first.loss;
    const start = params;
    const next = moved(start, ahead, -rate);
    params =
      variant === 'first-order'
        ? next
        : moved(
            next,
            hessianTimes(start, ahead, input.delta, (at) => gradientAt(at, 2).gradient),
            rate * innerRate,
          );
  }
  return { params, loss: lossSum / steps };
}

/** H v by a central difference; 0 for v = 0. */
function hessianTimes(
  at: Float32Array,
  v: Float32Array,
  delta: number,
  gradientAt: (params: Float32Array) => Float32Array,
): Float32Array {
  let square = 0;
  for (const x of v) square += x * x;
  const norm = Math.sqrt(square);
  if (norm === 0) return new Float32Array(v.length);
  const [ahead, behind] = [delta / norm, -delta / norm].map((scale) => gradientAt(moved(at, v, scale)));
  const scale = norm / (2 * delta);
  return ahead!.map((value, i) => (value - behind![i]!) * scale);
}

/** x + scale · direction. */
function moved(x: Float32Array, direction: Float32Array, scale: number): Float32Array {
  const sum = new Float32Array(x.length);
  for (let i = 0; i < x.length; i++) sum[i] = x[i]! + scale * direction[i]!;
  return sum;
}
