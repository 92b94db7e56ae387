/** What a worker thread runs: loads its own backend, then runs one group after another. Started by `worker-pool.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { assert, PluginError } from '../errors.js';
import { loadBackend, reportOf } from './backend.js';
import { importModules } from './modules.js';
import { ownBuffers } from './plain-data.js';
import { runGroup, taskContext } from './run-group.js';
import type { TaskContext, TaskDefinition } from './task.js';
import { errorFields, type GroupMessage, type WorkerData, type WorkerMessage } from './worker-protocol.js';

assert(parentPort !== null, 'worker.js is started as a worker thread');
const port = parentPort;
const { backend, modules, constants } = workerData as WorkerData;
/** Buffers that are never transferred, even where a task returns one of them. */
const keptBuffers = ownBuffers(constants);
const definitions = new Map<string, TaskDefinition>();

function post(message: WorkerMessage, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

async function definitionOf({ module, export: name }: GroupMessage): Promise<TaskDefinition> {
  const key = `${module}#${name}`;
  let definition = definitions.get(key);
  if (!definition) {
    const exports = (await import(module)) as Record<string, TaskDefinition | undefined>;
    definition = exports[name];
    if (typeof definition?.run !== 'function') {
      throw new PluginError(
        `${module}: expected a task definition exported as "${name}", got ${definition}; a definition's \`module\` is the import.meta.url of its file and its \`export\` the name of the exported constant`,
      );
    }
    definitions.set(key, definition);
  }
  return definition;
}

async function handle(message: GroupMessage, context: TaskContext): Promise<void> {
  const { group, inputs } = message;
  try {
    const outputs = runGroup(await definitionOf(message), inputs, context);
    const transfer = [...ownBuffers(outputs)].filter((buffer) => !keptBuffers.has(buffer));
    post({ kind: 'done', group, outputs }, transfer);
  } catch (error) {
    post({ kind: 'failed', group, error: errorFields(error) });
  }
}

try {
  const loaded = await loadBackend(backend);
  await importModules(modules);
  const context = taskContext(loaded.tf, constants);
  port.on('message', (message: GroupMessage) => void handle(message, context));
  post({ kind: 'ready', backend: reportOf(loaded) });
} catch (error) {
  post({ kind: 'unready', error: errorFields(error) });
}
