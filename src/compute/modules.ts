/**
 * The user's own modules that tasks need. Tasks are synchronous and `import()` is not, so each thread imports them before
 * its first task, and keeps their default exports in a table of its own, like its module cache.
 */
import { PluginError } from '../errors.js';

const exported = new Map<string, unknown>();

/** What this thread has under a name: the default export of the module with that URL, or what was provided. */
export function exportOf(module: string): unknown {
  return exported.get(module);
}

/** Stores a value that exists already, under the URL of its module or under a name that is valid in this thread only. */
export function provide(module: string, value: unknown): void {
  exported.set(module, value);
}

/**
 * Imports the modules that this thread has not imported yet. Throws a PluginError that names a module that does not
 * load.
 */
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
