/** Modules of the user: `use: ./mine.js`. Loading such a module runs its code. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMap, type LoadedModule } from '../options/index.js';

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
    if (isCompiledToCommonJs(module.default)) return { fault: commonJs(use, file) };
    return { url, exported: module.default };
  } catch (error) {
    return { fault: explain(error, use, file) };
  } finally {
    loading.delete(use);
  }
}

function explain(error: unknown, use: string, file: string): string {
  const { code, message = String(error) } = error as { code?: string; message?: string };
  const isTypeScript = /\.m?ts$/.test(use);
  if (
    isTypeScript &&
    (code === 'ERR_UNKNOWN_FILE_EXTENSION' || code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX')
  ) {
    const compiled = use.replace(/ts$/, 'js');
    return (
      `expected a module that this version of Node can load, got TypeScript: compile it ` +
      `(npx tsc --module nodenext --target es2022 ${use}) and write use: ${compiled}, ` +
      `or use Node 22.18 or later, which loads TypeScript without enums and namespaces as it is`
    );
  }
  if (error instanceof SyntaxError && ES_SYNTAX.test(message)) return commonJs(use, file);
  const missing = /^(require|module|exports) is not defined/.exec(message)?.[1];
  if (missing !== undefined) {
    return (
      `expected an ES module, got CommonJS: ${use} uses \`${missing}\`; write \`import … from\` in place of ` +
      `\`require\`, and \`export default\` in place of \`module.exports\``
    );
  }
  const kind = error instanceof Error ? error.name : 'an error';
  return `expected a module that loads, got ${kind} from ${use}: ${message}`;
}

/** What Node says of an ES module that it reads as CommonJS. */
const ES_SYNTAX =
  /^(Cannot use import statement outside a module|Unexpected token 'export'|Cannot use 'import\.meta' outside a module|await is only valid in async functions and the top level bodies of modules)/;

/** Whether this is what a compiler to CommonJS makes of a module with a default export. */
function isCompiledToCommonJs(exported: unknown): boolean {
  return isMap(exported) && exported.__esModule === true && 'default' in exported;
}

/** What to say of a file that Node takes for CommonJS: the nearest package.json decides. */
function commonJs(use: string, file: string): string {
  const renamed = use.replace(/\.(js|ts)$/, '.m$1');
  const said = packageAbove(dirname(file));
  const remedy =
    said === undefined
      ? `rename it to ${renamed}`
      : `write "type": "module" into ${said}, or rename the module to ${renamed}`;
  return `expected an ES module, but Node takes ${use} for CommonJS: ${remedy}`;
}

/** The package.json in a folder or in the nearest one above it; undefined if there is none. */
function packageAbove(folder: string): string | undefined {
  const file = join(folder, 'package.json');
  if (existsSync(file)) return file;
  const parent = dirname(folder);
  return parent === folder ? undefined : packageAbove(parent);
}
