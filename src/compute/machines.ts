/** Chooses the engine of step programs. */
import { assert, UsageError } from '../errors.js';
import { Arena } from '../numeric/arena.js';
import { type Engine, nativeEngine, referenceEngine, wasmEngine } from '../numeric/engine.js';
import { Machine } from '../numeric/machine.js';
import { EXPECTED, selfTest } from '../numeric/self-test.js';
import { sharedMemory } from '../numeric/thread.js';
import type { BackendName } from './task.js';

/** Backends that run step programs. */
type ProgramBackend = Exclude<BackendName, 'tensorflow'>;

/** Whether a backend runs step programs. */
export function runsPrograms(name: BackendName): name is ProgramBackend {
  return name !== 'tensorflow';
}

/**
 * A machine for this thread.
 * @param arena of a worker: the memory of the simulation's thread; default: this is that thread
 * @throws UsageError `no-native` where there are no native kernels, or not with the right bits
 */
export function createMachine(name: ProgramBackend, arena?: Arena): Machine {
  if (arena) return new Machine(arena, engineOf(name, arena));
  const own = sharedMemory();
  const engine = ownEngines.get(name) ?? engineOf(name, own.arena);
  ownEngines.set(name, engine);
  return new Machine(own.arena, engine, own.resident);
}

/** The engines of this thread: each is made once, for all its machines. */
const ownEngines = new Map<ProgramBackend, Engine>();

function engineOf(name: ProgramBackend, arena: Arena): Engine {
  const { memory } = arena;
  if (name === 'cpu') return referenceEngine(memory);
  if (name === 'wasm') return wasmEngine(memory, arena.take(STACK) + STACK);
  const reason = noNative();
  if (reason !== undefined)
    throw new UsageError('no-native', `${reason}; take --backend wasm, which has the same results`);
  const engine = nativeEngine(memory);
  assert(!('missing' in engine), 'native kernels that were tested are there');
  return engine;
}

/** Bytes of stack of a WebAssembly instance: each has its own, since threads run at the same time. */
const STACK = 65536;

/** Why there are no native kernels here; undefined where there are. */
let missing: { readonly reason: string | undefined } | undefined;

function noNative(): string | undefined {
  missing ??= { reason: findMissing() };
  return missing.reason;
}

function findMissing(): string | undefined {
  const arena = new Arena();
  const engine = nativeEngine(arena.memory);
  if ('missing' in engine) return `there are no native kernels here (${engine.missing})`;
  if (selfTest(new Machine(arena, engine)) === EXPECTED) return undefined;
  return `the native kernels (${engine.instructions}) failed their self-test: they compute other bits than they should`;
}

/** The fastest backend whose results do not depend on the machine; with the reason where that is not `native`. */
export function fastestBackend(): { readonly name: ProgramBackend; readonly note?: string } {
  const reason = noNative();
  return reason === undefined
    ? { name: 'native' }
    : { name: 'wasm', note: `computed by WebAssembly: ${reason}` };
}
