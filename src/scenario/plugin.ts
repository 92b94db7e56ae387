/** Modules of the user: `use: ./mine.js`. Loading such a module runs its code. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LoadedModule } from '../options/index.js';

/** Modules whose import has begun and not ended. */
const loading = new Set<string>();

/** What to say where the process ends while a module is still being imported; undefined where none is. */
export function unfinishedModule(): string | undefined {
  const [use] = loading;
  if (use === undefined) return undefined;
  return `expected a module that loads, got ${use}, whose top-level await never ends`;
}

/** Imports the module at the path `use`, relative to `directory`. Never throws: the result may be a `fault`. */
export async function loadModule(use: string, directory: string): Promise<LoadedModule> {
  const file = resolve(directory, use);
  if (!existsSync(file)) return { fault: `expected a module, got "${use}": there is no file ${file}` };
  const url = pathToFileURL(file).href;
  loading.add(use);
  try {
    const module = (await import(url)) as { default?: unknown };
    return { url, exported: module.default };
  } catch (error) {
    return { fault: explain(error, use) };
  } finally {
    loading.delete(use);
  }
}

function explain(error: unknown, use: string): string {
  const { code, message } = error as { code?: string; message?: string };
  const isTypeScript = /\.m?ts$/.test(use);
  if (
    isTypeScript &&
    (code === 'ERR_UNKNOWN_FILE_EXTENSION' || code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX')
  ) {
    const compiled = use.replace(/ts$/, 'js');
    return (
      `expected a module that this version of Node can load, got TypeScript: compile it ` +
      `(npx tsc --module nodenext --target es2022 ${use}) and write use: ${compiled}`
    );
  }
  const kind = error instanceof Error ? error.name : 'an error';
  return `expected a module that loads, got ${kind} from ${use}: ${message ?? String(error)}`;
}
