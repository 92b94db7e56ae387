/** Entries of the user's own: `use: ./mine.js`. Loading such a module runs its code. */
import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { List } from './lists.js';
import { isMap } from './path.js';

/** A user's module, loaded, or what is wrong with it. */
export type Loaded = { readonly url: string; readonly exported: unknown } | { readonly fault: string };

/** Whether a `use` names a file and no entry of a list. */
export function isModulePath(use: string): boolean {
  return /^\.{1,2}[\\/]/.test(use) || isAbsolute(use) || /\.(js|mjs|ts|mts)$/.test(use);
}

/** Imports the module that `use` names, relative to `directory`. Never throws: faults are in the answer. */
export async function loadModule(use: string, directory: string): Promise<Loaded> {
  const file = resolve(directory, use);
  if (!existsSync(file)) return { fault: `expected a module, got "${use}": there is no file ${file}` };
  const url = pathToFileURL(file).href;
  try {
    const module = (await import(url)) as { default?: unknown };
    return { url, exported: module.default };
  } catch (error) {
    return { fault: explain(error, use) };
  }
}

/**
 * The entry that a module exports by default, checked to be one of `list`; else a message that says what it lacks.
 * Its functions are not called.
 */
export function entryOf(exported: unknown, use: string, list: List): List['entries'][number] | string {
  const expected = `expected ${use} to export ${list.what === 'algorithm' ? 'an algorithm' : `a ${list.what}`} by default`;
  if (!isMap(exported))
    return `${expected}, got ${exported === undefined ? 'no default export' : typeof exported}`;
  const missing: string[] = [];
  for (const name of ['id', 'description', ...(list.what === 'algorithm' ? ['reference'] : [])]) {
    if (typeof exported[name] !== 'string' || exported[name] === '') missing.push(`${name} (text)`);
  }
  if (!isSchema(exported.options)) {
    missing.push('options (a zod schema: z.strictObject({ … }))');
  }
  for (const name of list.functions) {
    const value = name.split('.').reduce<unknown>((at, key) => (isMap(at) ? at[key] : undefined), exported);
    if (typeof value !== 'function') missing.push(`${name} (a function)`);
  }
  return missing.length === 0
    ? (exported as unknown as List['entries'][number])
    : `${expected}; it lacks ${missing.join(', ')}`;
}

function isSchema(options: unknown): boolean {
  return typeof options === 'object' && options !== null && 'safeParse' in options && '_zod' in options;
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
