/** Runs one group of tasks in this thread: the same code inline and in a worker. */
import type * as tf from '@tensorflow/tfjs-core';
import { assert, PluginError } from '../errors.js';
import type { Machine } from '../numeric/machine.js';
import type { Constants } from './executor.js';
import { visitArrays } from './plain-data.js';
import type { AnyTask, TaskContext } from './task.js';

/** The context of tasks on an engine with these constants; `machine` is absent where no step programs run. */
export function taskContext(engine: typeof tf, constants: Constants, machine?: Machine): TaskContext {
  return {
    tf: engine,
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

/**
 * Runs a group inside `tf.tidy`, so that no tensor outlives it, and checks that it gives one output per input, all of
 * them plain data.
 *
 * @throws whatever the task throws; PluginError for outputs of the wrong number or kind.
 */
export function runGroup(
  definition: Pick<AnyTask, 'run'>,
  inputs: readonly unknown[],
  context: TaskContext,
): unknown[] {
  // tidy searches the return value for tensors, element by element through every array, so nothing is returned.
  let outputs: unknown;
  context.tf.tidy(() => {
    outputs = definition.run(inputs, context);
  });
  if (!Array.isArray(outputs))
    throw new PluginError(`run(inputs): expected an array of outputs, got ${outputs}`);
  if (outputs.length !== inputs.length) {
    throw new PluginError(
      `run(inputs): expected ${inputs.length} outputs, one per input, got ${outputs.length}`,
    );
  }
  visitArrays(outputs, () => {}, 'outputs');
  return outputs;
}
