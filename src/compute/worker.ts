/** What a worker thread runs: loads its own backend, then runs one group after another. Started by `worker-pool.ts`. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { assert, PluginError } from '../errors.js';
import { Arena } from '../numeric/arena.js';
import type { Kept, Machine } from '../numeric/machine.js';
import { type ChosenBackend, chooseBackend } from './backend.js';
import { Claims } from './claims.js';
import type { Constants } from './executor.js';
import { createMachine, runsPrograms } from './machines.js';
import { importModules } from './modules.js';
import { runGroup, runsByProgram, taskContext } from './run-group.js';
import { decodeInput, encodeOutput } from './shared-arrays.js';
import type { TaskDefinition } from './task.js';
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
/** Records that come again and again. */
const known: unknown[] = [];

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

/** What tasks of this thread run with. */
interface Surroundings {
  readonly chosen: ChosenBackend;
  readonly constants: Constants;
  readonly machine: Machine | undefined;
}

async function handle(
  message: GroupMessage,
  { chosen, constants, machine }: Surroundings,
): Promise<{ result: ResultMessage; transfer: ArrayBuffer[] }> {
  const { job } = message;
  const kept = machine?.kept ?? new Map<number, Kept>();
  try {
    const key = `${message.module}#${message.export}`;
    const definition = definitions.get(key) ?? (await definitionOf(message));
    definitions.set(key, definition);
    const inputs = decodeInput(message.inputs, arena, known) as unknown[];
    const engine = runsByProgram(definition, inputs, machine) ? undefined : (await chosen.engine()).tf;
    const outputs = runGroup(definition, inputs, taskContext(engine, constants, machine));
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

async function prepare(): Promise<Surroundings | undefined> {
  const post = (message: ReadyMessage) => parentPort!.postMessage(message);
  try {
    const chosen = await chooseBackend(backend);
    await importModules(modules);
    const { name } = chosen.report;
    const machine = runsPrograms(name) ? createMachine(name, arena) : undefined;
    post({ kind: 'ready', backend: chosen.report });
    return { chosen, constants: decodeInput(constants, arena) as Constants, machine };
  } catch (error) {
    post({ kind: 'unready', error: errorFields(error) });
    return undefined;
  }
}

const surroundings = await prepare();
while (surroundings) {
  const sent = Atomics.load(signal, index);
  const received = receiveMessageOnPort(port) as { message: GroupMessage } | undefined;
  if (!received) {
    // Ends when the count has changed, or with the thread.
    Atomics.wait(signal, index, sent);
    continue;
  }
  // Also of a job that another thread has taken back.
  known.push(...received.message.records);
  if (!claims.claim(received.message.job)) continue;
  const { result, transfer } = await handle(received.message, surroundings);
  port.postMessage(result, transfer);
  Atomics.add(signal, DONE, 1);
  Atomics.notify(signal, DONE);
}
