/** Runs one group of tasks in this thread: the same code inline and in a worker. */
import type * as tf from '@tensorflow/tfjs-core';
import { assert, PluginError } from '../errors.js';
import type { Machine } from '../numeric/machine.js';
import type { Constants } from './executor.js';
import { checkPlain } from './plain-data.js';
import type { AnyTask, TaskContext } from './task.js';

/** What a group runs with. */
export interface GroupContext extends TaskContext {
  /** Whether there is an engine of TensorFlow.js. */
  readonly hasEngine: boolean;
}

/**
 * The context of tasks with these constants. `engine` may be absent where step programs compute the task, `machine` where
 * none run.
 */
export function taskContext(
  engine: typeof tf | undefined,
  constants: Constants,
  machine?: Machine,
): GroupContext {
  return {
    hasEngine: engine !== undefined,
    get tf() {
      assert(engine, 'a task that step programs compute (`byProgram`) uses `machine`, and no TensorFlow.js');
      return engine;
    },
    machine,
    constant(name) {
      assert(
        Object.hasOwn(constants, name),
        `expected the name of a constant (${Object.keys(constants).join(', ') || 'there are none'}), got "${name}"`,
      );
      return constants[name];
    },
  };
}

/** Whether step programs compute a group on a thread with this machine. */
export function runsByProgram(
  definition: Pick<AnyTask, 'byProgram'>,
  inputs: readonly unknown[],
  machine: Machine | undefined,
): boolean {
  return machine !== undefined && inputs.every((input) => definition.byProgram?.(input));
}

/**
 * Runs a group, with TensorFlow.js inside `tf.tidy`, so that no tensor outlives it, and checks that it gives one output
 * per input, all of them plain data.
 *
 * @throws whatever the task throws; PluginError for outputs of the wrong number or kind.
 */
export function runGroup(
  definition: Pick<AnyTask, 'run'>,
  inputs: readonly unknown[],
  context: GroupContext,
): unknown[] {
  let outputs: unknown;
  const run = () => {
    outputs = definition.run(inputs, context);
  };
  // tidy searches the return value for tensors, element by element through every array, so nothing is returned.
  if (context.hasEngine) context.tf.tidy(run);
  else run();
  if (!Array.isArray(outputs))
    throw new PluginError(`run(inputs): expected an array of outputs, got ${outputs}`);
  if (outputs.length !== inputs.length) {
    throw new PluginError(
      `run(inputs): expected ${inputs.length} outputs, one per input, got ${outputs.length}`,
    );
  }
  checkPlain(outputs, 'outputs');
  return outputs;
}
