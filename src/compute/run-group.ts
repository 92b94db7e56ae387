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
        `no constant "${name}"; expected one of: ${Object.keys(constants).join(', ') || '(there are none)'}`,
      );
      return constants[name];
    },
  };
}

/**
 * Runs a group inside `tf.tidy`, so that no tensor outlives it, and checks that what comes out is one plain value an
 * input.
 *
 * @throws whatever the task throws; PluginError for outputs of the wrong number or kind.
 */
export function runGroup(
  definition: Pick<AnyTask, 'run'>,
  inputs: readonly unknown[],
  context: TaskContext,
): unknown[] {
  // tidy looks for tensors in what its function returns, element by element through every array: so it gets nothing.
  let outputs: unknown;
  context.tf.tidy(() => {
    outputs = definition.run(inputs, context);
  });
  if (!Array.isArray(outputs))
    throw new PluginError(`run(inputs): expected an array of outputs, got ${outputs}`);
  if (outputs.length !== inputs.length) {
    throw new PluginError(
      `run(inputs): expected ${inputs.length} outputs, one an input, got ${outputs.length}`,
    );
  }
  visitArrays(outputs, () => {}, 'outputs');
  return outputs;
}
