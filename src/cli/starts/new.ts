/** `mycel new`: a commented start of an entry or of a scenario, with its test. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { quoted, UsageError, unknownName } from '../../errors.js';
import { type EntryKind, listEntries } from '../../scenario/list.js';
import {
  developmentVersion,
  entryFiles,
  type Files,
  type Language,
  template,
  told,
  writeFiles,
} from './files.js';

/** Options of `mycel new` as commander gives them. */
export interface NewFlags {
  readonly typescript?: true;
}

/** Kinds of starts, and the list in which built-in entries of that kind are. */
const KINDS: Readonly<Record<string, EntryKind | undefined>> = {
  algorithm: 'algorithms',
  scenario: undefined,
  probe: 'probes',
  data: 'sources',
  model: 'models',
  topology: 'topologies',
};

/** The kinds of starts, for help texts. */
export const startKinds = Object.keys(KINDS);

/**
 * Writes the start into the project in the current folder. Returns what to print. Throws UsageError for an unknown kind, a
 * name that cannot be one, a folder that is no project, or files that are there already.
 */
export function newCommand(kind: string, name: string, flags: NewFlags): string {
  if (!Object.hasOwn(KINDS, kind)) throw unknownName('kind of start', kind, startKinds);
  checkName(name, KINDS[kind]);
  const scenario = `scenarios/${name}.yaml`;
  const run = [`npx mycel validate ${scenario}`, `npx mycel run ${scenario}`];
  if (kind === 'scenario') return write({ [scenario]: template('scenario/my-scenario.yaml') }, run);
  requireModules();
  const isTyped = flags.typescript || existsSync('tsconfig.json');
  const language: Language = isTyped ? 'typescript' : 'javascript';
  const files = entryFiles(kind, name, language);
  if (!isTyped) return write(files, [`node --test src/${name}.test.js`, ...run]);
  const compile = ['npx tsc -p .', `node --test dist/${name}.test.js`, ...run];
  if (existsSync('tsconfig.json')) return write(files, compile);
  const packages = ['typescript', '@types/node'].map((one) => `${one}@${developmentVersion(one)}`).join(' ');
  return write({ 'tsconfig.json': template('project/tsconfig.jsonc'), ...files }, [
    `npm install --save-dev --save-exact ${packages}`,
    ...compile,
  ]);
}

function write(files: Files, commands: readonly string[]): string {
  writeFiles(process.cwd(), files);
  return told(files, commands);
}

/** A name stands in `use`, in file names and in metrics. */
function checkName(name: string, list: EntryKind | undefined): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 60) {
    throw new UsageError(
      'bad-name',
      `expected a name in kebab case of at most 60 characters, such as "slow-gossip", got ${quoted(name)}`,
    );
  }
  if (list === undefined || !listEntries(list).some(({ id }) => id === name)) return;
  throw new UsageError(
    'taken-name',
    `expected a name that no built-in entry has, got "${name}", which is one of ${list}: choose another (mycel list ${list} shows those that are taken)`,
  );
}

/** Modules of a scenario are ES modules, which package.json has to say. */
function requireModules(): void {
  const file = resolve('package.json');
  const hint = 'make a project with mycel init, and run mycel new in its folder';
  if (!existsSync(file)) {
    throw new UsageError('no-project', `expected a package.json in ${process.cwd()}, got none: ${hint}`);
  }
  let type: unknown;
  try {
    type = (JSON.parse(readFileSync(file, 'utf8')) as { type?: unknown } | null)?.type;
  } catch (error) {
    throw new UsageError('no-project', `expected JSON in ${file}: ${(error as Error).message}`, file);
  }
  if (type === 'module') return;
  throw new UsageError(
    'no-project',
    `expected "type": "module" in ${file}, got ${type === undefined ? 'no type' : JSON.stringify(type)}: add it, or ${hint}`,
    file,
  );
}
