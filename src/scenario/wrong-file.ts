/** Files that are no scenarios: what they are, and what to do with them. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { quoted, UsageError } from '../errors.js';

/** Where the scenarios lie that come with Mycel. */
const SHIPPED = fileURLToPath(new URL('../../../scenarios', import.meta.url));

const MODULES: Readonly<Record<string, string>> = {
  '.js': 'JavaScript',
  '.mjs': 'JavaScript',
  '.cjs': 'JavaScript',
  '.ts': 'TypeScript',
  '.mts': 'TypeScript',
};

const isScenarioName = (name: string) => /\.(ya?ml|json)$/.test(name);

/** The text of a scenario file. Throws a UsageError that says what the file is if it is none. */
export function textOf(file: string): string {
  if (!existsSync(file)) throw wrong(file, `expected a scenario file that can be read, but ${missing(file)}`);
  if (statSync(file).isDirectory()) throw wrong(file, ofFolder(file));
  const language = MODULES[extname(file)];
  if (language !== undefined) {
    const use = file.startsWith('.') || file.startsWith(sep) ? file : `./${file}`;
    const what = `expected a scenario, but this is a ${language} module`;
    throw wrong(file, `${what}: name it in a scenario, as in algorithm: { use: ${use} }, and run that`);
  }
  if (/\.(csv|parquet|ndjson)$/.test(file)) {
    const what = 'expected a scenario, but this is a table that Mycel or another program has written';
    throw wrong(file, `${what}: scenarios are files in YAML or JSON`);
  }
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw wrong(file, `expected a scenario file that can be read, but ${(error as Error).message}`);
  }
}

/** What is wrong with a value that was read from a file, if it is the summary of a result; undefined for others. */
export function refusalOfSummary(value: unknown, file: string): UsageError | undefined {
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  if (!keys.includes('scenario') || !keys.includes('fingerprints')) return undefined;
  return wrong(
    file,
    `expected a scenario, but this is the summary of a result, which has its scenario under the key scenario: ` +
      `mycel verify ${join(file, '..')} runs it again`,
  );
}

function wrong(file: string, message: string): UsageError {
  return new UsageError('unreadable-file', `${file}: ${message}`, file);
}

function missing(file: string): string {
  const bare = (name: string) => basename(name).replace(/\.(ya?ml|json)$/, '');
  const shipped = existsSync(SHIPPED) ? readdirSync(SHIPPED, { recursive: true }).map(String) : [];
  const found = shipped.find((name) => isScenarioName(name) && bare(name) === bare(file));
  if (found === undefined) return 'there is none';
  const path = join(SHIPPED, found);
  const near = relative('', path);
  return `there is none here; Mycel comes with one of that name: ${near.startsWith('..') ? path : near}`;
}

function ofFolder(folder: string): string {
  const names = readdirSync(folder).sort((a, b) => (a < b ? -1 : 1));
  if (names.includes('summary.json')) {
    return `expected a scenario file, but this is a folder of results: mycel verify ${folder} runs it again`;
  }
  const example = names.find(isScenarioName);
  const remedy = example === undefined ? '' : `: name files in it, such as ${quoted(join(folder, example))}`;
  return `expected a scenario file, but it is a directory${remedy}`;
}
