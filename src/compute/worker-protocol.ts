/** What the pool and its workers say to each other. Plain data: an error crosses as its fields. */
import type { MessagePort } from 'node:worker_threads';
import { AssertionError, PluginError, UsageError } from '../errors.js';
import type { SharedMemory } from '../numeric/webassembly.js';
import type { BackendReport } from './backend.js';
import type { BackendName } from './task.js';

/** `workerData` of a worker. */
export interface WorkerData {
  /** From 1: number 0 is the simulation's own thread. */
  readonly index: number;
  readonly backend: BackendName | 'auto';
  /** URLs to import before the first task. */
  readonly modules: readonly string[];
  /** Encoded as the inputs of tasks are. */
  readonly constants: unknown;
  /** The memory that all threads share, and the number of the worker there. */
  readonly memory: SharedMemory;
  readonly thread: number;
  /** Where groups come from and results go to. */
  readonly port: MessagePort;
  /** Counts what was sent, so that threads can wait for it: results at {@link DONE}, groups at the worker's index. */
  readonly signal: Int32Array;
  /** Memory of `Claims`: a worker runs only the jobs that it can claim. */
  readonly claims: Int32Array<SharedArrayBuffer>;
}

/** Place of the count of results. */
export const DONE = 0;

/** To a worker: run this. */
export interface GroupMessage {
  readonly job: number;
  /** Where the worker finds the task definition. */
  readonly module: string;
  readonly export: string;
  /** Records that the worker is to know from now on, behind those that it knows. */
  readonly records: readonly unknown[];
  /** Encoded by `encodeInput`. */
  readonly inputs: unknown;
}

/** From a worker: its backend is loaded (or not). */
export type ReadyMessage =
  | { readonly kind: 'ready'; readonly backend: BackendReport }
  | { readonly kind: 'unready'; readonly error: ErrorFields };

/** From a worker: a group is done, or has failed. */
export type ResultMessage =
  | {
      readonly kind: 'done';
      readonly job: number;
      /** Encoded by `encodeOutput`. */
      readonly outputs: unknown;
    }
  | { readonly kind: 'failed'; readonly job: number; readonly error: ErrorFields };

/** An error as plain data. */
interface ErrorFields {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Of a UsageError. */
  readonly code: string | undefined;
  readonly path: string | undefined;
}

/** Takes apart whatever was thrown. */
export function errorFields(thrown: unknown): ErrorFields {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { code, path } = error instanceof UsageError ? error : { code: undefined, path: undefined };
  return { name: error.name, message: error.message, stack: error.stack, code, path };
}

/** The error again, of its own kind where Mycel knows it, with the stack from the worker. */
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
