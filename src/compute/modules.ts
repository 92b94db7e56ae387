/**
 * Modules of the user's that tasks look into. Tasks are synchronous and `import()` is not, so each thread imports
 * them before its first task, and keeps what they export by default: a table a thread, as the module cache itself is.
 */
import { PluginError } from '../errors.js';

const exported = new Map<string, unknown>();

/** What this thread has under a name: the default export of the module with that URL, or what was given. */
export function exportOf(module: string): unknown {
  return exported.get(module);
}

/** Puts what is at hand already under the URL of its module, or under a name that holds in this thread only. */
export function provide(module: string, value: unknown): void {
  exported.set(module, value);
}

/** Imports modules by their URLs, those that this thread lacks. Throws a PluginError that names the one that does not load. */
export async function importModules(urls: readonly string[]): Promise<void> {
  for (const url of urls) {
    if (exported.has(url)) continue;
    try {
      exported.set(url, ((await import(url)) as { default?: unknown }).default);
    } catch (error) {
      const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
      throw new PluginError(`${url}: expected a module that loads, got ${name}: ${message}`, {
        cause: error,
      });
    }
  }
}
