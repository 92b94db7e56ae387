/** The files of a start: read from scenarios/templates, given their names, and written where nothing is yet. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../errors.js';
import { orUnwritable } from '../../report/output-file.js';

/** The folder with the package.json of this Mycel. From dist/src/cli/starts/. */
const packageRoot = fileURLToPath(new URL('../../../../', import.meta.url));

/** Where editors find the schema of scenarios: from scenarios/templates/KIND, and from the scenarios of a project. */
const SCHEMA = '../../../docs/scenario.schema.json';
const SCHEMA_OF_PROJECT = '../node_modules/mycel/docs/scenario.schema.json';

/** The languages in which entries of a scenario are written. */
export type Language = 'javascript' | 'typescript';

/** Texts by the paths of their files, which start from the project. */
export type Files = Readonly<Record<string, string>>;

/** A file of scenarios/templates, as it is in a project. */
export function template(path: string): string {
  const text = readFileSync(join(packageRoot, 'scenarios', 'templates', path), 'utf8');
  return path.endsWith('.yaml') ? text.replace(SCHEMA, SCHEMA_OF_PROJECT) : text;
}

/**
 * The start of an entry: its module and its test in `src/`, and a scenario that names the module as Node runs it: in
 * TypeScript that is what `tsc` writes to `dist/`.
 * @param kind a folder of scenarios/templates whose files are called `my-` and the kind
 */
export function entryFiles(kind: string, name: string, language: Language): Files {
  const own = `my-${kind}`;
  const [ending, compiled] = language === 'typescript' ? ['ts', 'dist'] : ['js', 'src'];
  const named = (text: string) => text.replaceAll(own, name);
  const read = (end: string) => template(`${kind}/${own}${end}`);
  return {
    [`src/${name}.${ending}`]: named(read(`.${ending}`)),
    [`src/${name}.test.${ending}`]: named(read('.test.js')),
    [`scenarios/${name}.yaml`]: named(read('.yaml').replaceAll(`./${own}.js`, `../${compiled}/${own}.js`)),
  };
}

/**
 * Writes files into a folder, which may be there already. Throws UsageError `exists`, before anything is written, if one
 * of them is there.
 */
export function writeFiles(folder: string, files: Files): void {
  const there = Object.keys(files).filter((path) => existsSync(join(folder, path)));
  if (there.length > 0) {
    throw new UsageError(
      'exists',
      `expected no ${there.join(', ')} in ${folder}, since nothing is overwritten: choose another name, or another folder; nothing was written`,
      folder,
    );
  }
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    orUnwritable(file, () => {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text, { flag: 'wx' });
    });
  }
}

/** Says which files were written, and what to do next. */
export function told(files: Files, commands: readonly string[]): string {
  return [...Object.keys(files), 'Next:', ...commands.map((command) => `  ${command}`)].join('\n');
}

/**
 * How a project in `folder` depends on this Mycel: by its version, if that is installed as a package, else by the path of
 * the clone that is running.
 */
export function ownDependency(folder: string, root = packageRoot): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string;
  };
  if (/[\\/]node_modules[\\/]/.test(root)) return version;
  return `file:${(relative(folder, root) || '.').replaceAll('\\', '/')}`;
}

/** The versions of packages with which Mycel itself is compiled. */
export function developmentVersion(name: string): string {
  const text = readFileSync(join(packageRoot, 'package.json'), 'utf8');
  return (JSON.parse(text) as { devDependencies: Record<string, string> }).devDependencies[name]!;
}
