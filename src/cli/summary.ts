/** The content of summary.json. */

import type { PlannedRun } from '../scenario/plan.js';
import type { Result } from '../simulation/result.js';
import { mycelVersion, thisMachine } from './machine.js';

/**
 * The summary of a run as plain data in a fixed order. It has no wall-clock time, and everything that may differ between
 * machines is under `machine`, so that two results are compared by ignoring that key alone.
 */
export function summaryOf(plan: PlannedRun, result: Result): Readonly<Record<string, unknown>> {
  const { name: backend, engine } = result.backend;
  const { tasks, groups, meanGroupSize } = result.compute;
  return {
    title: plan.title,
    ...(plan.variant.name === undefined ? {} : { variant: plan.variant.name }),
    seed: plan.seed,
    mycel: mycelVersion(),
    computed: computedBy(result),
    stopped: result.stopped,
    ...(result.explanation === undefined ? {} : { explanation: result.explanation }),
    time_ns: result.time,
    rounds: result.rounds,
    events: result.events,
    fingerprints: result.fingerprints,
    traffic: result.traffic,
    work: workOf(result),
    measured_at: result.measuredAt,
    final: result.final,
    ...(plan.measure.target === undefined ? {} : { target: targetOf(plan.measure.target, result) }),
    diverged: result.diverged.map(({ node, round, time }) => ({ node, round, time_ns: time })),
    ...(result.notFinite.length === 0 ? {} : { notFinite: result.notFinite.map(notFiniteOf) }),
    scenario: plan.resolved,
    // The groups depend on the number of workers; nothing else does.
    machine: {
      ...thisMachine(),
      backend,
      ...(engine === undefined ? {} : { engine }),
      compute: { tasks, groups, meanGroupSize },
    },
  };
}

/** What decides the last bits: of step programs, no library does. */
function computedBy({ path, backend: { name, versions, threads } }: Result) {
  if (path === 'step programs') return { by: path };
  const { node: _node, ...libraries } = versions;
  const backend = name === 'native' ? 'wasm' : name;
  return { by: path, backend, versions: libraries, ...(threads === undefined ? {} : { threads }) };
}

function workOf({ work: { steps, samples, passes, flops } }: Result) {
  return { gradient_steps: steps, samples, passes, flops };
}

function notFiniteOf({ time, ...rest }: Result['notFinite'][number]) {
  return { ...rest, time_ns: time };
}

function targetOf(accuracy: number, { target }: Result) {
  if (target === undefined) return { accuracy, reached: false };
  return { accuracy, reached: true, sent_bytes: target.bytes, time_ns: target.time };
}
