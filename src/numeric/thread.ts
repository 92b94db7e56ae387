/** The memory of this process that kernels work on, and a machine on it for the simulation's own thread. */
import { Arena } from './arena.js';
import { nativeEngine, wasmEngine } from './engine.js';
import { Machine } from './machine.js';
import { Resident } from './resident.js';

/** Bytes that copies of arrays may take. */
export const RESIDENT_BYTES = 128 * 2 ** 20;

let shared: { readonly arena: Arena; readonly resident: Resident } | undefined;

/** One for all runs of the process: an arena takes gigabytes of addresses, though not of memory. */
export function sharedMemory(): { readonly arena: Arena; readonly resident: Resident } {
  if (!shared) {
    const arena = new Arena();
    shared = { arena, resident: new Resident(arena, RESIDENT_BYTES) };
  }
  return shared;
}

let vectors: Machine | undefined;

/**
 * For sums of vectors outside tasks, on whatever engine is the fastest here: their bits are the same on all.
 */
export function vectorMachine(): Machine {
  if (!vectors) {
    const { arena, resident } = sharedMemory();
    const native = nativeEngine(arena.memory);
    vectors = new Machine(arena, 'missing' in native ? wasmEngine(arena.memory) : native, resident);
  }
  return vectors;
}
