/** `mycel init`: a project with an algorithm, a scenario and a test, ready to run. */
import { basename, resolve } from 'node:path';
import {
  developmentVersion,
  entryFiles,
  type Files,
  type Language,
  ownDependency,
  template,
  told,
  writeFiles,
} from './files.js';

/** Options of `mycel init` as commander gives them. */
export interface InitFlags {
  readonly typescript?: true;
}

/** The name that the algorithm of a new project has, until it is changed. */
const ALGORITHM = 'my-algorithm';

/** Writes the project. Returns what to print. Throws UsageError if one of its files is there already. */
export function initCommand(directory: string, flags: InitFlags): string {
  const folder = resolve(directory);
  const language = flags.typescript ? 'typescript' : 'javascript';
  const files = projectFiles(folder, language);
  writeFiles(folder, files);
  const enter = folder === process.cwd() ? [] : [`cd ${directory}`];
  return told(files, [...enter, 'npm install', 'npm test', 'npm start']);
}

function projectFiles(folder: string, language: Language): Files {
  const name = packageName(basename(folder));
  const isTyped = language === 'typescript';
  const ending = isTyped ? '-typescript' : '';
  return {
    'package.json': `${JSON.stringify(packageJson(name, folder, language), null, 2)}\n`,
    ...(isTyped && { 'tsconfig.json': template('project/tsconfig.jsonc') }),
    // npm packs no file of the name .gitignore.
    '.gitignore': template(`project/gitignore${ending}`),
    'README.md': template(`project/README${ending}.md`).replace('PROJECT', name),
    ...entryFiles('algorithm', ALGORITHM, language),
  };
}

/** A name that npm accepts, and that is not the dependency's own. */
function packageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return name === '' || name === 'mycel' ? 'my-study' : name;
}

function packageJson(name: string, folder: string, language: Language): object {
  const isTyped = language === 'typescript';
  const start = `mycel run scenarios/${ALGORITHM}.yaml`;
  return {
    name,
    private: true,
    type: 'module',
    scripts: isTyped
      ? {
          build: 'tsc -p .',
          test: 'npm run build && node --test dist/*.test.js',
          start: `npm run build && ${start}`,
        }
      : { test: 'node --test', start },
    dependencies: { mycel: ownDependency(folder) },
    ...(isTyped && {
      devDependencies: {
        '@types/node': developmentVersion('@types/node'),
        typescript: developmentVersion('typescript'),
      },
    }),
  };
}
