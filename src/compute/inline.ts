/** Runs tasks in the thread of the simulation. */
import { assert } from '../errors.js';
import type { Machine } from '../numeric/machine.js';
import { type ChosenBackend, chooseBackend } from './backend.js';
import {
  type Constants,
  closedError,
  type Executor,
  type ExecutorOptions,
  type GroupResult,
  type Job,
  type TaskGroup,
} from './executor.js';
import { createMachine, runsPrograms } from './machines.js';
import { importModules } from './modules.js';
import { type GroupContext, runGroup, runsByProgram, taskContext } from './run-group.js';

/** An executor of one thread; `threads` are TensorFlow's own. */
export function createInlineExecutor(
  options: Omit<ExecutorOptions, 'workers'> & { readonly threads?: number },
): Executor {
  let backend: ChosenBackend | undefined;
  let constants: Constants = {};
  let machine: Machine | undefined;
  let closed = false;

  async function contextFor({ definition, inputs }: TaskGroup): Promise<GroupContext> {
    assert(backend, 'an executor is started before it runs');
    if (runsByProgram(definition, inputs, machine)) return taskContext(undefined, constants, machine);
    const { tf, tfjs, activate } = await backend.engine();
    // Another run in this thread may have activated its own backend; nothing is awaited between look and use.
    while (tf.getBackend() !== tfjs) await activate();
    return taskContext(tf, constants, machine);
  }

  async function run(group: TaskGroup): Promise<GroupResult> {
    const context = await contextFor(group);
    try {
      return { worker: 0, outputs: runGroup(group.definition, group.inputs, context) };
    } catch (error) {
      return { worker: 0, error: error instanceof Error ? error : new Error(String(error)) };
    }
  }

  return {
    workers: 1,
    get backend() {
      assert(backend, 'an executor has a backend once it is started');
      const engine = machine?.engine.instructions;
      return { ...backend.report, ...(engine !== undefined && { engine }) };
    },
    async start(given) {
      backend = await chooseBackend(options.backend, options.threads);
      await importModules(options.modules ?? []);
      const { name } = backend.report;
      machine = runsPrograms(name) ? createMachine(name) : undefined;
      constants = given;
    },
    begin: (group) => ({ group, result: undefined }),
    collect() {},
    async finish(job: Job) {
      if (closed) throw closedError();
      if (job.result) return;
      job.result = await run(job.group);
      await options.breathe?.();
      if (closed) throw closedError();
    },
    drop() {},
    async close() {
      if (!closed) machine?.close();
      closed = true;
    },
  };
}
