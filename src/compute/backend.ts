/** Loads a tensor engine into this thread. tfjs has one engine a thread, shared by whoever uses it there. */
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type * as tf from '@tensorflow/tfjs-core';
import { UsageError, unknownName } from '../errors.js';
import type { BackendName } from './task.js';
import { registerStackedMatMul } from './wasm-matmul.js';

/** What a result says about the engine that computed it. Plain data. */
export interface BackendReport {
  readonly name: BackendName;
  /** Versions by package name, and of Node under `node`. */
  readonly versions: Readonly<Record<string, string>>;
  /** What `auto` chose and why; absent where the backend was named. */
  readonly note?: string;
}

/** A backend that is registered and active in this thread. */
export interface LoadedBackend extends BackendReport {
  /** tfjs-core: one instance for all packages of the thread. */
  readonly tf: typeof tf;
  /** Makes this backend the active one again, where somebody has activated another one. */
  activate(): Promise<void>;
}

/** The names that a scenario or `--backend` may give. */
export const BACKEND_NAMES = ['wasm', 'cpu', 'tensorflow', 'auto'] as const;

/** A thread loads a backend once: tfjs registers it for the whole thread. */
const loading = new Map<BackendName, Promise<LoadedBackend>>();

/**
 * Registers and activates a backend in this thread. `auto` is `tensorflow` where it loads, else `wasm`.
 *
 * @throws UsageError `no-tensorflow` where @tensorflow/tfjs-node is missing or can't run on this Node;
 * `no-simd` where WebAssembly has no SIMD, without which `wasm` would give other bits.
 */
export async function loadBackend(name: BackendName | 'auto'): Promise<LoadedBackend> {
  if (!BACKEND_NAMES.includes(name)) throw unknownName('backend', name, BACKEND_NAMES);
  if (name === 'auto') return loadBest();
  let loaded = loading.get(name);
  if (!loaded) {
    loaded = register(name);
    loading.set(name, loaded);
  }
  const backend = await loaded;
  await backend.activate();
  return backend;
}

async function loadBest(): Promise<LoadedBackend> {
  try {
    return {
      ...(await loadBackend('tensorflow')),
      note: 'auto: tensorflow, since @tensorflow/tfjs-node loads',
    };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { ...(await loadBackend('wasm')), note: `auto: wasm, since ${error.message}` };
  }
}

async function register(name: BackendName): Promise<LoadedBackend> {
  const engine = await import('@tensorflow/tfjs-core');
  // The documented switches for tfjs's banners and warnings.
  engine.enableProdMode();
  engine.env().set('DEPRECATION_WARNINGS_ENABLED', false);
  const packages = await REGISTER[name](engine);
  const activate = async (): Promise<void> => {
    if (engine.getBackend() !== name && !(await engine.setBackend(name))) {
      throw new Error(`the tfjs backend "${name}" could not be initialised`);
    }
  };
  return {
    name,
    tf: engine,
    versions: { '@tensorflow/tfjs-core': engine.version_core, ...packages, node: process.versions.node },
    activate,
  };
}

/** Each registers one backend with tfjs and returns versions by package name. */
const REGISTER: Readonly<Record<BackendName, (engine: typeof tf) => Promise<Record<string, string>>>> = {
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

  async tensorflow(engine) {
    const version = await importTensorflow();
    if (engine.findBackend('tensorflow') === null) {
      throw noTensorflow(
        'it brought a second copy of @tensorflow/tfjs-core; install @tensorflow/tfjs-node in version 4.22.0',
      );
    }
    return { '@tensorflow/tfjs-node': version };
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

async function importTensorflow(): Promise<string> {
  const major = Number.parseInt(process.versions.node, 10);
  if (major >= 23) {
    throw noTensorflow(
      `@tensorflow/tfjs-node does not run on Node 23 and later (this is ${process.versions.node}): use Node 20 or 22`,
    );
  }
  // Not a literal: the package is optional, and the compiler must not look for it.
  const specifier: string = '@tensorflow/tfjs-node';
  try {
    const { version } = (await import(specifier)) as { version: Record<string, string> };
    return version['tfjs-node'] ?? 'unknown';
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === 'ERR_MODULE_NOT_FOUND') {
      throw noTensorflow(
        '@tensorflow/tfjs-node is not installed: it is optional, since its install step downloads a native library, and npm leaves it out where that fails. Run "npm install @tensorflow/tfjs-node@4.22.0" where that download is allowed',
      );
    }
    throw noTensorflow(`@tensorflow/tfjs-node is installed but does not load: ${(error as Error).message}`);
  }
}

function noTensorflow(reason: string): UsageError {
  return new UsageError(
    'no-tensorflow',
    `the tensorflow backend is not available: ${reason}; or use --backend wasm`,
  );
}
