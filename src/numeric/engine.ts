/** The engines that run step programs: in TypeScript, in WebAssembly, and native. All of them give the same bits. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { assert } from '../errors.js';
import { SIGNATURE } from './instructions.js';
import { type Memory, viewsOn } from './reference/operands.js';
import { runReference } from './reference/run.js';

/** Runs programs on one memory, in one thread. */
export interface Engine {
  readonly name: 'reference' | 'wasm' | 'native';
  /** For people: the instruction set that it uses. */
  readonly instructions: string;
  /** Runs the program at an address, so many words long, with the registers at another; addresses in bytes. */
  run(program: number, words: number, registers: number): void;
}

/** The engine in TypeScript. */
export function referenceEngine(memory: WebAssembly.Memory): Engine {
  let views: Memory = viewsOn(memory.buffer);
  return {
    name: 'reference',
    instructions: 'TypeScript',
    run(program, words, registers) {
      if (views.bytes.buffer !== memory.buffer) views = viewsOn(memory.buffer);
      runReference(views, program, words, registers);
    },
  };
}

interface WasmExports {
  run(program: number, words: number, registers: number): number;
  signature(): number;
}

let compiled: WebAssembly.Module | undefined;

/** The engine in WebAssembly. Its own data lie in the first kilobytes of the memory. */
export function wasmEngine(memory: WebAssembly.Memory): Engine {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('./kernels.wasm', import.meta.url)));
  const instance = new WebAssembly.Instance(compiled, { env: { memory } });
  const { run, signature } = instance.exports as unknown as WasmExports;
  const start = signature();
  const said = Buffer.from(new Uint8Array(memory.buffer, start, SIGNATURE.length)).toString('latin1');
  assert(said === SIGNATURE, 'kernels.wasm was built from other sources: run npm run build:wasm');
  return {
    name: 'wasm',
    instructions: 'SIMD128',
    run(program, words, registers) {
      assert(run(program, words, registers) === 0, 'a program has a word that is no instruction');
    },
  };
}

interface Addon {
  readonly signature: string;
  readonly instructions: string;
  attach(memory: Uint8Array): void;
  run(program: number, words: number, registers: number): void;
}

const ADDON = fileURLToPath(new URL('../../../build/kernels.node', import.meta.url));

/** The native engine, or why there is none. */
export function nativeEngine(memory: WebAssembly.Memory): Engine | { readonly missing: string } {
  if (!existsSync(ADDON)) return { missing: 'not compiled: npm run build:native says why' };
  let addon: Addon;
  try {
    addon = createRequire(import.meta.url)(ADDON) as Addon;
  } catch (error) {
    return { missing: `does not load: ${(error as Error).message.split('\n')[0]}` };
  }
  if (addon.signature !== SIGNATURE)
    return { missing: 'compiled from other sources: run npm run build:native' };
  addon.attach(new Uint8Array(memory.buffer));
  return { name: 'native', instructions: addon.instructions, run: (...at) => addon.run(...at) };
}
