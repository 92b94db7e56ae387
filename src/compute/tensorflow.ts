/**
 * Loads @tensorflow/tfjs-node, which is optional: `npm run install:tensorflow` puts it in place where npm left it out.
 * TensorFlow reads its settings once from the environment of the process, before its first operation.
 */
import { isMainThread } from 'node:worker_threads';
import { UsageError } from '../errors.js';

/** The versions of what was loaded. */
interface TensorflowVersions {
  /** By package name; the library itself under `tensorflow`. */
  readonly versions: Readonly<Record<string, string>>;
}

/** The version of tfjs-node whose tfjs-core is ours. */
const TFJS_NODE = '@tensorflow/tfjs-node@4.22.0';

/**
 * Imports tfjs-node, which registers its backend with tfjs. Only in the main thread of a process, since only its
 * environment reaches the library. To be called once.
 *
 * @throws UsageError `no-tensorflow`, with the reason and a remedy, where it cannot be loaded.
 */
export async function importTensorflow(threads: number): Promise<TensorflowVersions> {
  if (!isMainThread) {
    throw noTensorflow(
      'it runs only in the main thread of a process, since its settings cannot be made in another thread',
    );
  }
  Object.assign(process.env, settings(threads));
  // Not a literal: the package is optional, and the compiler must not look for it.
  const specifier: string = '@tensorflow/tfjs-node';
  try {
    supplyOldUtil((await import('node:util')).default as OldUtil);
    const engine = (await import(specifier)) as {
      version: Record<string, string>;
      findBackend(name: string): { binding: { TF_Version: string } };
    };
    return {
      versions: {
        '@tensorflow/tfjs-node': engine.version['tfjs-node'] ?? 'unknown',
        tensorflow: engine.findBackend('tensorflow').binding.TF_Version,
      },
    };
  } catch (error) {
    throw noTensorflow(reasonOf(error as Error));
  }
}

/**
 * Environment variables. They override the user's own, since a result must not depend on settings that it does not
 * name.
 */
function settings(threads: number): Readonly<Record<string, string>> {
  return {
    TF_NUM_INTRAOP_THREADS: String(threads),
    TF_NUM_INTEROP_THREADS: '1',
    // The library's own default, fixed here because the last bits depend on it.
    TF_ENABLE_ONEDNN_OPTS: '1',
    // Fatal errors only.
    TF_CPP_MIN_LOG_LEVEL: '3',
  };
}

/** A UsageError with the reason, and with what to use instead. */
export function noTensorflow(reason: string): UsageError {
  return new UsageError(
    'no-tensorflow',
    `the tensorflow backend is not available: ${reason}; or use --backend wasm`,
  );
}

function reasonOf(error: Error & { code?: unknown }): string {
  const first = error.message.split('\n')[0]!.trim();
  if (error.code === 'ERR_MODULE_NOT_FOUND') {
    return `@tensorflow/tfjs-node is not installed: it is optional, since its install step downloads a native library, and npm leaves it out where that fails. Run "npm run install:tensorflow" in Mycel's folder, or "npm install ${TFJS_NODE}" where that download is allowed`;
  }
  return `@tensorflow/tfjs-node is installed but does not load: ${first}. "npm run install:tensorflow" in Mycel's folder mends or names the cause`;
}

/** Functions of `node:util` that tfjs-node calls. Node 22 warns about the first; Node 23 removed both. */
interface OldUtil {
  isNullOrUndefined?: (value: unknown) => boolean;
  isArray?: (value: unknown) => boolean;
}

/**
 * Supplies the functions that are gone. Where they still exist, Node prints a warning the first time one is called
 * in a process: here it is called once while warnings are switched off. Nothing else runs in between.
 */
function supplyOldUtil(util: OldUtil): void {
  util.isArray ??= Array.isArray;
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    util.isNullOrUndefined(null);
  } finally {
    process.emitWarning = emitWarning;
  }
}
