/** The messages between the pool and its workers. They are plain data, so an error is sent as its fields. */
import { AssertionError, PluginError, UsageError } from '../errors.js';
import type { BackendReport } from './backend.js';
import type { Constants } from './executor.js';
import type { BackendName } from './task.js';

/** `workerData` of a worker. */
export interface WorkerData {
  readonly backend: BackendName | 'auto';
  /** URLs to import before the first task. */
  readonly modules: readonly string[];
  readonly constants: Constants;
}

/** To a worker: a group of tasks that it is to run. */
export interface GroupMessage {
  readonly group: number;
  /** Where the worker finds the task definition. */
  readonly module: string;
  readonly export: string;
  readonly inputs: readonly unknown[];
}

/** From a worker: its backend is loaded (or not), or a group is done (or has failed). */
export type WorkerMessage =
  | { readonly kind: 'ready'; readonly backend: BackendReport }
  | { readonly kind: 'unready'; readonly error: ErrorFields }
  | { readonly kind: 'done'; readonly group: number; readonly outputs: readonly unknown[] }
  | { readonly kind: 'failed'; readonly group: number; readonly error: ErrorFields };

/** An error as plain data. */
interface ErrorFields {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Of a UsageError. */
  readonly code: string | undefined;
  readonly path: string | undefined;
}

/** The fields of whatever was thrown. */
export function errorFields(thrown: unknown): ErrorFields {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { code, path } = error instanceof UsageError ? error : { code: undefined, path: undefined };
  return { name: error.name, message: error.message, stack: error.stack, code, path };
}

/** Makes an error from its fields: of the same class where it is one of Mycel's, with the stack from the worker. */
export function errorFrom({ name, message, stack, code, path }: ErrorFields): Error {
  const error = create();
  if (stack !== undefined) error.stack = stack;
  return error;

  function create(): Error {
    if (name === 'UsageError') return new UsageError(code ?? 'unknown', message, path);
    if (name === 'PluginError') return new PluginError(message);
    if (name === 'AssertionError') return new AssertionError(message);
    return Object.assign(new Error(message), { name });
  }
}
