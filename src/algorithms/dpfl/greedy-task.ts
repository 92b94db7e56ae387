/** The task with which a node of DPFL chooses its collaborators: randomised double greedy on its validation loss. */
import type { TaskContext, TaskDefinition } from '../../compute/task.js';
import type { View } from '../../data/dataset.js';
import { evaluate } from '../../learning/evaluate.js';
import { buildModel } from '../../models/index.js';
import type { ModelSpec } from '../../models/model.js';
import { byNumber, sum } from '../../numbers.js';

/** Plain data. Place 0 of `vectors` and `samples` is the node itself. */
interface GreedyInput {
  readonly model: ModelSpec;
  /** Params of the node and of its candidates, float32 [params] each, and how many samples each has. */
  readonly vectors: readonly Float32Array[];
  readonly samples: readonly number[];
  /** The places of the candidates, 1 …, in the order in which they are tried. */
  readonly order: Uint32Array;
  /** For each in that order a number uniform in [0, 1). */
  readonly draws: Float64Array;
  /** Most members of the set, with the node itself. */
  readonly budget: number;
  /** Validation rows. */
  readonly rows: Uint32Array;
  readonly view?: View | undefined;
}

/** The places of the chosen, ascending, and the loss of their average. */
interface GreedyOutput {
  readonly chosen: readonly number[];
  readonly loss: number;
}

/**
 * X starts as the node alone, Y as all. For one candidate c after the other, with the loss L of the average by samples:
 * a = L(X) − L(X ∪ c), b = L(Y) − L(Y ∖ c); c joins X with probability a⁺/(a⁺ + b⁺) (1 if both are 0), else it leaves Y. Ends
 * where X has as many members as the budget. A candidate whose params are not all finite is none.
 */
export const doubleGreedy: TaskDefinition<GreedyInput, GreedyOutput> = {
  id: 'double-greedy',
  module: import.meta.url,
  export: 'doubleGreedy',
  group: ({ model, rows, vectors }) => JSON.stringify([model, rows.length, vectors.length]),
  byProgram: ({ model }) => buildModel(model).program !== undefined,
  // As if the budget stopped nothing.
  flops: ({ model, rows, order }) => (2 + 2 * order.length) * rows.length * buildModel(model).flops.forward,
  footprint: ({ vectors }) => 4 * vectors[0]!.length * (vectors.length + 2),
  run: (inputs, context) => inputs.map((input) => choose(input, context)),
};

function choose(input: GreedyInput, context: TaskContext): GreedyOutput {
  const { order, draws, budget } = input;
  const inner = new Set([0]);
  const usable = order.filter((candidate) => input.vectors[candidate]!.every(Number.isFinite));
  const outer = new Set([0, ...usable]);
  let [innerLoss, outerLoss] = [lossOf(input, inner, context), lossOf(input, outer, context)];
  for (const [k, candidate] of order.entries()) {
    if (inner.size >= budget) break;
    if (!outer.has(candidate)) continue;
    const joined = new Set([...inner, candidate]);
    const left = new Set([...outer].filter((place) => place !== candidate));
    const [joinedLoss, leftLoss] = [lossOf(input, joined, context), lossOf(input, left, context)];
    const chance = probability(innerLoss - joinedLoss, outerLoss - leftLoss);
    if (draws[k]! < chance) {
      inner.add(candidate);
      innerLoss = joinedLoss;
    } else {
      outer.delete(candidate);
      outerLoss = leftLoss;
    }
  }
  return { chosen: [...inner].sort(byNumber), loss: innerLoss };
}

/** a⁺/(a⁺ + b⁺); a gain that is NaN is none. */
export function probability(a: number, b: number): number {
  const [gain, other] = [a, b].map((value) => (Number.isNaN(value) ? 0 : Math.max(0, value))) as [
    number,
    number,
  ];
  if (other === 0) return 1;
  return gain === Number.POSITIVE_INFINITY ? 1 : gain / (gain + other);
}

/** The loss of the average by samples. */
function lossOf(
  { model, vectors, samples, rows, view }: GreedyInput,
  members: ReadonlySet<number>,
  context: TaskContext,
): number {
  const places = [...members].sort(byNumber);
  const total = sum(places.map((place) => samples[place]!));
  const params = {
    vectors: places.map((place) => vectors[place]!),
    weights: places.map((place) => samples[place]! / total),
  };
  return evaluate.run([{ model, params, rows, view }], context)[0]!.loss;
}
