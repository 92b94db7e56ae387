/** What a worker thread runs: loads its own backend, then runs one group after another. Started by `worker-pool.ts`. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { assert, PluginError } from '../errors.js';
import { Arena } from '../numeric/arena.js';
import type { Kept } from '../numeric/machine.js';
import { loadBackend, reportOf } from './backend.js';
import { Claims } from './claims.js';
import type { Constants } from './executor.js';
import { createMachine, runsPrograms } from './machines.js';
import { importModules } from './modules.js';
import { runGroup, taskContext } from './run-group.js';
import { decodeInput, encodeOutput } from './shared-arrays.js';
import type { TaskContext, TaskDefinition } from './task.js';
import {
  DONE,
  errorFields,
  type GroupMessage,
  type ReadyMessage,
  type ResultMessage,
  type WorkerData,
} from './worker-protocol.js';

assert(parentPort !== null, 'worker.js is started as a worker thread');
const {
  index,
  backend,
  modules,
  constants,
  memory,
  thread,
  port,
  signal,
  claims: places,
} = workerData as WorkerData;
const arena = new Arena(memory, thread);
const claims = new Claims(places);
const definitions = new Map<string, TaskDefinition>();

async function definitionOf({ module, export: name }: GroupMessage): Promise<TaskDefinition> {
  const exports = (await import(module)) as Record<string, TaskDefinition | undefined>;
  const definition = exports[name];
  if (typeof definition?.run !== 'function') {
    throw new PluginError(
      `${module}: expected a task definition exported as "${name}", got ${definition}; a definition's \`module\` is the import.meta.url of its file and its \`export\` the name of the exported constant`,
    );
  }
  return definition;
}

async function handle(
  message: GroupMessage,
  context: TaskContext,
): Promise<{ result: ResultMessage; transfer: ArrayBuffer[] }> {
  const { job } = message;
  const kept = context.machine?.kept ?? new Map<number, Kept>();
  try {
    const key = `${message.module}#${message.export}`;
    const definition = definitions.get(key) ?? (await definitionOf(message));
    definitions.set(key, definition);
    const outputs = runGroup(definition, decodeInput(message.inputs, arena) as unknown[], context);
    const { value, transfer } = encodeOutput(outputs, arena, kept);
    return { result: { kind: 'done', job, outputs: value }, transfer };
  } catch (error) {
    return { result: { kind: 'failed', job, error: errorFields(error) }, transfer: [] };
  } finally {
    // What the task has made on the way and does not give out.
    for (const address of kept.keys()) arena.giveBack(address);
    kept.clear();
  }
}

async function prepare(): Promise<TaskContext | undefined> {
  const post = (message: ReadyMessage) => parentPort!.postMessage(message);
  try {
    const loaded = await loadBackend(backend);
    await importModules(modules);
    const machine = runsPrograms(loaded.name) ? createMachine(loaded.name, arena) : undefined;
    post({ kind: 'ready', backend: reportOf(loaded) });
    return taskContext(loaded.tf, decodeInput(constants, arena) as Constants, machine);
  } catch (error) {
    post({ kind: 'unready', error: errorFields(error) });
    return undefined;
  }
}

const context = await prepare();
while (context) {
  const sent = Atomics.load(signal, index);
  const received = receiveMessageOnPort(port) as { message: GroupMessage } | undefined;
  if (!received) {
    // Ends when the count has changed, or with the thread.
    Atomics.wait(signal, index, sent);
    continue;
  }
  if (!claims.claim(received.message.job)) continue;
  const { result, transfer } = await handle(received.message, context);
  port.postMessage(result, transfer);
  Atomics.add(signal, DONE, 1);
  Atomics.notify(signal, DONE);
}
