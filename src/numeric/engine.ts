/** The engines that run step programs: in TypeScript, in WebAssembly, and native. All of them give the same bits. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { assert } from '../errors.js';
import { SIGNATURE } from './instructions.js';
import { viewsOn } from './reference/operands.js';
import { runReference } from './reference/run.js';
import { Instance, Module, type SharedMemory } from './webassembly.js';

/** Runs programs on one memory, in one thread. */
export interface Engine {
  readonly name: 'reference' | 'wasm' | 'native';
  /** For people: the instruction set that it uses. */
  readonly instructions: string;
  /**
   * Runs the program at an address, so many words long, so many times, with the registers at another address; all in
   * bytes. Behind the registers stands for each how far it moves from one run to the next.
   */
  run(program: number, words: number, registers: number, times: number): void;
  /** crc32 of so many bytes from an address on. Absent where that of Node is as fast. */
  crc32?(address: number, bytes: number): number;
}

/** The engine in TypeScript. */
export function referenceEngine(memory: SharedMemory): Engine {
  let views = viewsOn(memory.buffer);
  return {
    name: 'reference',
    instructions: 'TypeScript',
    run(program, words, registers, times) {
      if (views.bytes.buffer !== memory.buffer) views = viewsOn(memory.buffer);
      runReference(views, program, words, registers, times);
    },
  };
}

interface WasmExports {
  run(program: number, words: number, registers: number, times: number): number;
  signature(): number;
  readonly __stack_pointer: { value: number };
}

let compiled: object | undefined;

/**
 * The engine in WebAssembly. Its own data lie in the first kilobytes of the memory.
 * @param stack address where its stack ends, which grows downwards; default: in those first kilobytes, for one thread
 */
export function wasmEngine(memory: SharedMemory, stack?: number): Engine {
  compiled ??= new Module(readFileSync(new URL('./kernels.wasm', import.meta.url)));
  const instance = new Instance(compiled, { env: { memory } });
  const { run, signature, __stack_pointer } = instance.exports as unknown as WasmExports;
  if (stack !== undefined) __stack_pointer.value = stack;
  const start = signature();
  const built = Buffer.from(new Uint8Array(memory.buffer, start, SIGNATURE.length)).toString('latin1');
  assert(built === SIGNATURE, 'kernels.wasm was built from other sources: run npm run build:wasm');
  return {
    name: 'wasm',
    instructions: 'SIMD128',
    run(program, words, registers, times) {
      assert(run(program, words, registers, times) === 0, 'a program has a word that is no instruction');
    },
  };
}

interface Addon {
  readonly signature: string;
  readonly instructions: string;
  attach(memory: Uint8Array): void;
  run(program: number, words: number, registers: number, times: number): void;
  crc32?(address: number, bytes: number): number;
}

const ADDON = fileURLToPath(new URL('../../../build/kernels.node', import.meta.url));

/** Which memory the addon of this thread works on. */
let attached: SharedMemory | undefined;

/** The native engine, or why there is none. */
export function nativeEngine(memory: SharedMemory): Engine | { readonly missing: string } {
  if (!existsSync(ADDON)) return { missing: 'not compiled: npm run build:native says why' };
  let addon: Addon;
  try {
    addon = createRequire(import.meta.url)(ADDON) as Addon;
  } catch (error) {
    return { missing: `does not load: ${(error as Error).message.split('\n')[0]}` };
  }
  if (addon.signature !== SIGNATURE)
    return { missing: 'compiled from other sources: run npm run build:native' };
  const { run, crc32 } = addon;
  const attach = () => {
    // A memory stays where it is when it grows.
    if (attached !== memory) addon.attach(new Uint8Array(memory.buffer));
    attached = memory;
  };
  return {
    name: 'native',
    instructions: addon.instructions,
    run(program, words, registers, times) {
      attach();
      run(program, words, registers, times);
    },
    ...(crc32 && {
      crc32(address: number, bytes: number) {
        attach();
        return crc32(address, bytes);
      },
    }),
  };
}
