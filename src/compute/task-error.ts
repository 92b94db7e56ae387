/** The one error that comes of a task's throw. */
import { AssertionError, PluginError, UsageError } from '../errors.js';
import type { TaskId } from '../kernel/kernel.js';
import type { TaskDefinition } from './task.js';

/** A task threw, or returned what it must not. `cause` is what was thrown. */
export class TaskError extends PluginError {
  /** The ids that the queue gave out: the task that throws by itself, or all of a group that throws only together. */
  readonly tasks: readonly TaskId[];

  constructor(message: string, tasks: readonly TaskId[], cause: Error) {
    super(message, { cause });
    this.tasks = tasks;
  }
}

/**
 * Names the definition and the members in front of the message. A UsageError stays one, and so does a failed
 * assertion: it is the thrower who knows whose mistake it is.
 */
export function taskError(definition: TaskDefinition, tasks: readonly TaskId[], thrown: Error): Error {
  const members = `task${tasks.length === 1 ? '' : 's'} ${tasks.map((task) => `#${task}`).join(', ')}`;
  const where = `${members} "${definition.id}" (${definition.module}#${definition.export})`;
  if (thrown.name === 'UsageError') {
    const { code, path } = thrown as UsageError;
    return new UsageError(code, `${where}: ${thrown.message}`, path);
  }
  if (thrown.name === 'AssertionError') {
    return new AssertionError(`${where}: ${thrown.message}`, { cause: thrown });
  }
  return new TaskError(`${where}: ${thrown.name}: ${thrown.message}`, tasks, thrown);
}
