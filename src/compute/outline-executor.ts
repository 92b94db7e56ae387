/** In place of computing: tasks in outline, which have the lengths of their outputs and no numbers. */
import { asPluginError, assert, UsageError } from '../errors.js';
import { type ChosenBackend, chooseBackend } from './backend.js';
import type { Executor, GroupResult, TaskGroup } from './executor.js';
import type { BackendName } from './task.js';

/** An executor that computes nothing; `backend` is the one that would. */
export function createOutlineExecutor(backend: BackendName | 'auto'): Executor {
  let chosen: ChosenBackend | undefined;
  return {
    workers: 1,
    get backend() {
      assert(chosen, 'an executor has a backend once it is started');
      return chosen.report;
    },
    async start() {
      // TensorFlow would be loaded at once.
      chosen = await chooseBackend(backend === 'tensorflow' ? 'auto' : backend);
    },
    begin: (group) => ({ group, result: outputsOf(group) }),
    collect() {},
    async finish() {},
    drop() {},
    async close() {},
  };
}

function outputsOf({ definition, inputs }: TaskGroup): GroupResult {
  try {
    return {
      worker: 0,
      outputs: inputs.map((input) => {
        if (definition.outline) return definition.outline(input);
        throw noOutline(definition.id);
      }),
    };
  } catch (error) {
    return { worker: 0, error: error instanceof UsageError ? error : asPluginError('outline', error) };
  }
}

/** Of a task that does not say what its output looks like. */
export function noOutline(id: string): UsageError {
  return new UsageError(
    'timing-only',
    `expected tasks that say how long their outputs are without computing them (\`outline\`), since timingOnly computes none, got "${id}": leave timingOnly out`,
    'timingOnly',
  );
}
