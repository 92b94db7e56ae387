/** Carries out the probes: asks for evaluations as tasks without virtual cost, then turns the answers into samples. */
import type { TaskDefinition } from '../compute/task.js';
import { type EvaluateInput, type EvaluateOutput, evaluate } from '../learning/evaluate.js';
import type { ModelSpec } from '../learning/model.js';
import type { AnyProbe, EvaluationRequest, EvaluationResult, Measured, ProbeView } from './probe.js';

/** What measuring needs of the compute queue. */
export interface EvaluationQueue {
  submit(definition: TaskDefinition<never, unknown>, input: unknown): number;
  take(task: number): unknown;
}

/** A probe with its options. */
export interface ChosenProbe {
  readonly entry: AnyProbe;
  readonly options: unknown;
}

/** A measurement whose evaluations are on their way. */
export interface Pending {
  readonly view: ProbeView;
  readonly requests: readonly EvaluationRequest[];
  /** Task of each request. */
  readonly tasks: readonly number[];
}

/** Asks for everything that the probes want evaluated; the same params on the same rows are evaluated once. */
export function ask(
  probes: readonly ChosenProbe[],
  view: ProbeView,
  queue: EvaluationQueue,
  modelOf: (node: number) => ModelSpec,
): Pending {
  const requests: EvaluationRequest[] = [];
  const seen = new Set<string>();
  for (const { entry, options } of probes) {
    for (const request of entry.requests?.(view, options) ?? []) {
      const key = keyOf(request);
      if (seen.has(key) || request.rows.length === 0) continue;
      seen.add(key);
      requests.push(request);
    }
  }
  const tasks = requests.map(({ node, evaluated, rows, view }) => {
    const input: EvaluateInput = {
      model: evaluated.model ?? modelOf(node),
      params: evaluated.params,
      rows,
      view,
    };
    return queue.submit(evaluate as unknown as TaskDefinition<never, unknown>, input);
  });
  return { view, requests, tasks };
}

/** The probes' numbers, in the order of the probes. All tasks must be settled. */
export function answer(probes: readonly ChosenProbe[], pending: Pending, queue: EvaluationQueue): Measured[] {
  const results = new Map<string, EvaluationResult>();
  for (const [r, request] of pending.requests.entries()) {
    const output = queue.take(pending.tasks[r]!) as EvaluateOutput;
    results.set(keyOf(request), { ...request, ...output });
  }
  return probes.flatMap(({ entry, options }) => {
    const asked = entry.requests?.(pending.view, options) ?? [];
    const answers = asked.flatMap((request) => results.get(keyOf(request)) ?? []);
    return entry.measure(pending.view, answers, options);
  });
}

function keyOf({ node, label, set }: EvaluationRequest): string {
  return `${node}/${set}/${label}`;
}
