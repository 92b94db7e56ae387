/** Carries out the probes: asks for evaluations as tasks without virtual cost, then turns the answers into samples. */
import type { TaskDefinition } from '../compute/task.js';
import { callPlugin } from '../errors.js';
import type { TaskId } from '../kernel/kernel.js';
import { type EvaluateInput, type EvaluateOutput, evaluate } from '../learning/evaluate.js';
import type { ModelSpec } from '../models/model.js';
import type { Bytes, Nanoseconds, Round } from '../units.js';
import type { AnyProbe, EvaluationRequest, EvaluationResult, ProbeView } from './probe.js';
import type { RowSample } from './sampled.js';
import { type Answer, checkMeasured, checkRequests, refuseCollisions } from './scrutiny.js';
import { paramsOf } from './shown.js';

/** What measuring needs of the compute queue. */
export interface EvaluationQueue {
  submit(definition: TaskDefinition<never, unknown>, input: unknown): TaskId;
  take(task: TaskId): unknown;
  join(tasks: readonly TaskId[]): TaskId;
  leave(id: TaskId): void;
}

/** A probe with its options. */
export interface ChosenProbe {
  readonly entry: AnyProbe;
  readonly options: unknown;
}

/** A measurement whose evaluations are on their way. */
export interface Pending {
  /** Kept apart from the view, since a probe could change the view. */
  readonly at: {
    readonly time: Nanoseconds;
    readonly round: Round;
    readonly sent: Bytes;
    /** Ids of the nodes. */
    readonly nodes: readonly number[];
  };
  readonly view: ProbeView;
  readonly requests: readonly EvaluationRequest[];
  /** Task of each request; several may have the same one. */
  readonly tasks: readonly TaskId[];
  /** All of them; absent where there are none. */
  readonly joined: TaskId | undefined;
}

/** An evaluation of some params, by what it depends on besides. */
interface Submitted extends Pick<EvaluationRequest, 'rows' | 'view'> {
  readonly model: ModelSpec;
  readonly task: TaskId;
}

/** Asks for everything that the probes want evaluated; the same params on the same rows are evaluated once, whatever probes and nodes ask for them. `sample` says on which of them. */
export function ask(
  probes: readonly ChosenProbe[],
  view: ProbeView,
  queue: EvaluationQueue,
  modelOf: (node: number) => ModelSpec,
  sample: RowSample = (rows) => rows,
): Pending {
  const { time, round, traffic } = view;
  const nodes = view.nodes.map(({ id }) => id);
  const rows = view.dataset.train + view.dataset.test;
  const known = { nodes: new Set(nodes), rows };
  const requests: EvaluationRequest[] = [];
  const tasks: TaskId[] = [];
  const submitted = new Map<EvaluationRequest['evaluated'], Submitted[]>();
  const seen = new Set<string>();
  for (const probe of probes) {
    const wanted = requestsOf(probe, view);
    checkRequests(wanted, known, placeOf(probe, view));
    for (const request of wanted) {
      const key = keyOf(request);
      if (seen.has(key) || request.rows.length === 0) continue;
      seen.add(key);
      const { evaluated, view } = request;
      const model = evaluated.model ?? modelOf(request.node);
      const rows = sample(request.rows);
      requests.push({ ...request, rows });
      // A server's model is the same object for all nodes, and the rows of the whole test set are.
      const before = submitted.get(evaluated) ?? [];
      const same = before.find(
        (one) => one.rows === request.rows && one.view === view && one.model === model,
      );
      if (same) {
        tasks.push(same.task);
        continue;
      }
      const { adaptation } = evaluated;
      const params = paramsOf(evaluated);
      const input: EvaluateInput = { model, params, rows, view, ...(adaptation && { adaptation }) };
      const task = queue.submit(evaluate as unknown as TaskDefinition<never, unknown>, input);
      submitted.set(evaluated, [...before, { rows: request.rows, view, model, task }]);
      tasks.push(task);
    }
  }
  return {
    at: { time, round, sent: traffic.sent, nodes },
    view,
    requests,
    tasks,
    joined: tasks.length === 0 ? undefined : queue.join([...new Set(tasks)]),
  };
}

/**
 * The numbers of each probe. All tasks must be settled. Throws a UsageError `same-metric` where two numbers have the same
 * metric and the same node.
 */
export function answer(probes: readonly ChosenProbe[], pending: Pending, queue: EvaluationQueue): Answer[] {
  if (pending.joined !== undefined) queue.leave(pending.joined);
  const results = new Map<string, EvaluationResult>();
  const nodes = new Set(pending.at.nodes);
  const outputs = new Map(
    [...new Set(pending.tasks)].map((task) => [task, queue.take(task) as EvaluateOutput]),
  );
  for (const [r, request] of pending.requests.entries())
    results.set(keyOf(request), { ...request, ...outputs.get(pending.tasks[r]!)! });
  const answers = probes.map((probe) => {
    const requests = requestsOf(probe, pending.view);
    const evaluated = requests.flatMap((request) => results.get(keyOf(request)) ?? []);
    const measured = callPlugin(placeOf(probe, pending.view), () =>
      probe.entry.measure(pending.view, evaluated, probe.options),
    );
    checkMeasured(measured, nodes, placeOf(probe, pending.view));
    return { probe: probe.entry.id, measured };
  });
  refuseCollisions(answers);
  return answers;
}

function requestsOf(probe: ChosenProbe, view: ProbeView): readonly EvaluationRequest[] {
  return callPlugin(placeOf(probe, view), () => probe.entry.requests?.(view, probe.options) ?? []);
}

/** Names the probe, the round and the time in the message of an error that the probe throws. */
function placeOf({ entry }: ChosenProbe, { time, round }: ProbeView): () => string {
  return () => `probe "${entry.id}", round ${round}, at ${time} ns`;
}

function keyOf({ node, label, set }: EvaluationRequest): string {
  return `${node}/${set}/${label}`;
}
