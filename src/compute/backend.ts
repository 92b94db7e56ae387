/**
 * Loads a tensor engine into this thread. tfjs has one engine per thread, which all its users in that thread have in
 * common.
 */
import { createRequire } from 'node:module';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type * as tf from '@tensorflow/tfjs-core';
import { UsageError, unknownName } from '../errors.js';
import { fastestBackend } from './machines.js';
import type { BackendName } from './task.js';
import { importTensorflow, noTensorflow } from './tensorflow.js';
import { registerStackedMatMul } from './wasm-matmul.js';

/** What a result says about the engine that computed it. Plain data. @public */
export interface BackendReport {
  readonly name: BackendName;
  /** Versions by package name, and of Node under `node`. */
  readonly versions: Readonly<Record<string, string>>;
  /** The instruction set that step programs use; absent on `tensorflow`. */
  readonly engine?: string;
  /** Number of TensorFlow's own threads, on which the last bits may depend; absent on the other backends. */
  readonly threads?: number;
  /** Why `auto` did not choose `native`; absent if it did, and where the backend was named. */
  readonly note?: string;
}

/** Backends of TensorFlow.js. */
type TfjsName = 'cpu' | 'wasm' | 'tensorflow';

/** What has no step program is computed by these. */
const TFJS = {
  native: 'wasm',
  wasm: 'wasm',
  cpu: 'cpu',
  tensorflow: 'tensorflow',
} as const satisfies Readonly<Record<BackendName, TfjsName>>;

/** A backend that is registered and active in this thread. */
export interface LoadedBackend extends BackendReport {
  /** tfjs-core: one instance for all packages of the thread. */
  readonly tf: typeof tf;
  /** The name of its backend of TensorFlow.js. */
  readonly tfjs: TfjsName;
  /** Makes this backend the active one again, in case another one has been activated. */
  activate(): Promise<void>;
}

/** The names that a scenario or `--backend` may give. */
export const BACKEND_NAMES = ['auto', 'native', 'wasm', 'cpu', 'tensorflow'] as const;

/** A thread loads each backend of TensorFlow.js once, for the whole thread. */
const loading = new Map<TfjsName, Promise<Omit<LoadedBackend, 'name'>>>();

/**
 * Registers and activates a backend in this thread. `auto` is `native` where there are native kernels, else `wasm`: the
 * results are the same. `threads` is the number of TensorFlow's own threads, the same for all runs of a process; the
 * other backends ignore it.
 *
 * @throws UsageError `no-tensorflow` where @tensorflow/tfjs-node is missing or can't run on this Node;
 * `tensorflow-threads` where it runs with another number of threads already; `no-simd` where WebAssembly has no SIMD,
 * without which `wasm` would give other bits.
 */
export async function loadBackend(name: BackendName | 'auto', threads = 1): Promise<LoadedBackend> {
  const named = nameOf(name);
  const tfjs = TFJS[named.name];
  let loaded = loading.get(tfjs);
  if (!loaded) {
    loaded = register(tfjs, threads);
    loading.set(tfjs, loaded);
  }
  const backend = await loaded;
  if (backend.threads !== undefined && backend.threads !== threads)
    throw otherThreads(backend.threads, threads);
  await backend.activate();
  return { ...backend, ...named };
}

/** The backend that a name stands for, and for `auto` the reason of a choice that needs one. Throws a UsageError. */
function nameOf(name: BackendName | 'auto'): { readonly name: BackendName; readonly note?: string } {
  if (!BACKEND_NAMES.includes(name)) throw unknownName('backend', name, BACKEND_NAMES);
  return name === 'auto' ? fastestBackend() : { name };
}

function otherThreads(present: number, wanted: number): UsageError {
  return new UsageError(
    'tensorflow-threads',
    `expected ${present} threads, since TensorFlow already runs with that number in this process and cannot change it, got ${wanted}: start this run in a process of its own`,
  );
}

/** A backend, of which the engine of TensorFlow.js is loaded by the first task that needs it; `tensorflow` is loaded at once. */
export interface ChosenBackend {
  readonly report: BackendReport;
  /** Loads the engine, or activates it. */
  engine(): Promise<LoadedBackend>;
}

/** Chooses as {@link loadBackend} does, and throws the same. */
export async function chooseBackend(name: BackendName | 'auto', threads = 1): Promise<ChosenBackend> {
  const named = nameOf(name);
  const engine = () => loadBackend(named.name, threads);
  if (named.name === 'tensorflow') return { report: reportOf(await engine()), engine };
  return { report: { ...named, versions: versionsFor(TFJS[named.name]) }, engine };
}

/** The versions that are loaded if they are needed. */
function versionsFor(backend: 'cpu' | 'wasm'): Readonly<Record<string, string>> {
  const require = createRequire(import.meta.url);
  const names = ['@tensorflow/tfjs-core', `@tensorflow/tfjs-backend-${backend}`];
  const versions = names.map((name) => [name, require(`${name}/package.json`).version as string]);
  return { ...Object.fromEntries(versions), node: process.versions.node };
}

/** The part of a loaded backend that is plain data. */
function reportOf({ name, versions, threads, note }: BackendReport): BackendReport {
  return {
    name,
    versions,
    ...(threads === undefined ? {} : { threads }),
    ...(note === undefined ? {} : { note }),
  };
}

async function register(name: TfjsName, threads: number): Promise<Omit<LoadedBackend, 'name'>> {
  const engine = await import('@tensorflow/tfjs-core');
  // The documented switches for tfjs's banners and warnings.
  engine.enableProdMode();
  engine.env().set('DEPRECATION_WARNINGS_ENABLED', false);
  const packages = await REGISTER[name](engine, threads);
  const activate = async (): Promise<void> => {
    if (engine.getBackend() !== name && !(await engine.setBackend(name))) {
      throw new Error(`the tfjs backend "${name}" could not be initialised`);
    }
  };
  return {
    tfjs: name,
    tf: engine,
    versions: { '@tensorflow/tfjs-core': engine.version_core, ...packages, node: process.versions.node },
    ...(name === 'tensorflow' ? { threads } : {}),
    activate,
  };
}

/** Each registers one backend with tfjs and returns versions by package name. */
const REGISTER: Readonly<
  Record<TfjsName, (engine: typeof tf, threads: number) => Promise<Readonly<Record<string, string>>>>
> = {
  async cpu() {
    const { version_cpu } = await import('@tensorflow/tfjs-backend-cpu');
    return { '@tensorflow/tfjs-backend-cpu': version_cpu };
  },

  async wasm(engine) {
    const { version_wasm } = await import('@tensorflow/tfjs-backend-wasm');
    if (!(await engine.env().getAsync('WASM_HAS_SIMD_SUPPORT'))) {
      throw new UsageError(
        'no-simd',
        'the wasm backend needs WebAssembly SIMD, which this Node lacks; use --backend cpu',
      );
    }
    await withoutNewListeners(() => engine.setBackend('wasm'));
    registerStackedMatMul(engine, engine.backend() as BackendWasm);
    return { '@tensorflow/tfjs-backend-wasm': version_wasm };
  },

  async tensorflow(engine, threads) {
    const { versions } = await importTensorflow(threads);
    if (engine.findBackend('tensorflow') === null) {
      throw noTensorflow(
        'it brought a second copy of @tensorflow/tfjs-core; install @tensorflow/tfjs-node in version 4.22.0',
      );
    }
    return versions;
  },
};

/**
 * The compiled wasm module adds process-wide handlers that rethrow whatever is uncaught, which would spoil the host's
 * own error reports: they are taken away again.
 */
async function withoutNewListeners(load: () => Promise<unknown>): Promise<void> {
  const events = ['uncaughtException', 'unhandledRejection'];
  const before = events.map((event) => new Set(process.listeners(event as 'uncaughtException')));
  await load();
  for (const [i, event] of events.entries()) {
    for (const listener of process.listeners(event as 'uncaughtException')) {
      if (!before[i]!.has(listener)) process.off(event, listener);
    }
  }
}
