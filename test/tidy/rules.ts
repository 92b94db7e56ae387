/** The rules of the house that a text can be checked for. Each gives one line a violation. */
import { importsOf, namesOf, type SourceFile, withoutText } from './source.js';

/** Looks at all files and says what is wrong, starting with the path. */
export type Rule = (files: readonly SourceFile[]) => string[];

/** The floor of each folder of `src`. */
export const FOLDER_FLOORS: Readonly<Record<string, number>> = {
  options: 1,
  files: 1,
  kernel: 1,
  numeric: 1,
  topology: 2,
  wire: 3,
  compute: 3,
  network: 4,
  data: 4,
  models: 5,
  learning: 6,
  algorithms: 7,
  metrics: 7,
  simulation: 8,
  page: 8,
  scenario: 9,
  report: 9,
  testing: 10,
  cli: 11,
};
const ROOT_FLOORS: readonly (readonly [RegExp, number])[] = [
  [/^(errors|units|random|numbers|grown|outline)\.ts$/, 0],
  [/^(index|plugin)\.ts$/, 10],
];

/** The floor of a file, and the folder whose files it may use beside lower floors. */
function placeOf(path: string): { floor: number; folder: string } | undefined {
  const [, folder, ...rest] = path.split('/');
  if (rest.length > 0) {
    const floor = FOLDER_FLOORS[folder!];
    return floor === undefined ? undefined : { floor, folder: folder! };
  }
  const floor = ROOT_FLOORS.find(([pattern]) => pattern.test(folder!))?.[1];
  return floor === undefined ? undefined : { floor, folder: '' };
}

const isTest = (path: string) => path.endsWith('.test.ts');
const inFolder = (path: string, folders: readonly string[]) =>
  folders.some((folder) => path.startsWith(`src/${folder}/`));
const ours = (files: readonly SourceFile[]) =>
  files.filter(({ path }) => path.startsWith('src/') && !isTest(path));

/** `./b.js` in `src/a.ts` → `src/b.ts`, and so is `../dist/src/b.js` in a script; undefined for packages. */
function resolve(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts
    .join('/')
    .replace(/^dist\//, '')
    .replace(/\.js$/, '.ts');
}

/** A file imports from its own folder or from a lower floor; types count. */
export const floors: Rule = (files) =>
  ours(files).flatMap(({ path, text }) => {
    const from = placeOf(path);
    if (from === undefined) return [`${path}: stands on no floor; add it to the floors of the tidy rules`];
    return importsOf({ path, text }).flatMap(({ specifier }) => {
      const target = resolve(path, specifier);
      const to = target === undefined ? undefined : placeOf(target);
      if (to === undefined || to.floor < from.floor) return [];
      if (to.floor === from.floor && to.folder === from.folder) return [];
      return [`${path}: floor ${from.floor} imports ${target} of floor ${to.floor}`];
    });
  });

/** No file imports itself by way of others; imports of types are gone when the code runs and do not count. */
export const cycles: Rule = (files) => {
  const sources = new Map(ours(files).map((file) => [file.path, file]));
  const done = new Set<string>();
  const trail: string[] = [];
  const found: string[] = [];
  const visit = (path: string) => {
    const file = sources.get(path);
    if (file === undefined || done.has(path)) return;
    if (trail.includes(path)) {
      found.push(`${[...trail.slice(trail.indexOf(path)), path].join(' → ')}: imports go in a circle`);
      return;
    }
    trail.push(path);
    for (const { specifier, isType } of importsOf(file)) {
      const target = isType ? undefined : resolve(path, specifier);
      if (target !== undefined) visit(target);
    }
    trail.pop();
    done.add(path);
  };
  for (const path of sources.keys()) visit(path);
  return found;
};

/** A package that only some folders may import. */
function importsOnlyIn(pattern: RegExp, folders: readonly string[]): Rule {
  return (files) =>
    ours(files)
      .filter(({ path }) => !inFolder(path, folders))
      .flatMap((file) =>
        importsOf(file)
          .filter(({ specifier }) => pattern.test(specifier))
          .map(({ specifier }) => `${file.path}: imports ${specifier}, which only ${folders.join(', ')} may`),
      );
}

/** Tensors stay inside tasks. */
export const tensorflow = importsOnlyIn(/^@tensorflow\//, ['compute', 'models', 'learning', 'algorithms']);
/** Graphs stay at the edge. */
export const graphology = importsOnlyIn(/^graphology/, ['topology', 'report']);
/** Threads are a matter of executing tasks. */
export const workerThreads = importsOnlyIn(/^(node:)?worker_threads$/, ['compute']);
/** A run reads no file; loaders and writers do, and a backend reads its own WebAssembly. */
export const fileSystem = importsOnlyIn(/^(node:)?fs(\/|$)/, [
  'files',
  'data',
  'topology',
  'scenario',
  'report',
  'testing',
  'cli',
  'compute',
  'numeric',
]);
/** Clocks and timers in disguise. */
export const clockModules = importsOnlyIn(/^(node:)?(timers|perf_hooks)(\/|$)/, ['cli']);

/** Something that the code of certain files, comments and strings aside, must not contain. */
function forbids(pattern: RegExp, reason: string, applies: (path: string) => boolean): Rule {
  return (files) =>
    files
      .filter(({ path }) => applies(path))
      .flatMap(({ path, text }) =>
        withoutText(text, { strings: true })
          .split('\n')
          .flatMap((line, i) => {
            const match = pattern.exec(line);
            return match === null ? [] : [`${path}:${i + 1}: ${match[0].trim()}: ${reason}`];
          }),
      );
}

const belowCli = (path: string) => path.startsWith('src/') && !inFolder(path, ['cli']) && !isTest(path);
const belowTop = (path: string) => belowCli(path) && path !== 'src/simulation/run.ts';

/** The one sets the environment variables by which TensorFlow takes its settings, and reads none; the other is for tests. */
const ENVIRONMENT = ['src/compute/tensorflow.ts', 'src/data/jpeg.ts'];

/** The names of a folder that is written to and the lock of a folder say which process it is; the last one changes clocks for a test. */
const OUTSIDE = ['src/report/folder-lock.ts', 'src/report/result-directory.ts', 'src/testing/other-clock.ts'];

/** What would let chance, a clock or the machine into a run. */
export const impureGlobals = forbids(
  /\bMath\s*\.\s*random\b|(?<![.\w])Date\b|(?<![.\w])performance\s*\.|\bset(Timeout|Interval|Immediate)\b|\bprocess\s*\.\s*(env|hrtime|uptime)\b|\bglobalThis\b|\b(getRandomValues|random(UUID|Bytes|FillSync))\b/,
  'a run depends on scenario, seed, backend and code alone',
  (path) => belowTop(path) && ![...ENVIRONMENT, ...OUTSIDE].includes(path),
);
/** Nothing below the command line speaks to the user. */
export const consoles = forbids(
  /(?<![.\w])console\s*\.|\bprocess\s*\.\s*(stdout|stderr)\b/,
  'only cli/ prints',
  belowCli,
);
/** A sort without a comparator compares numbers as text. */
export const bareSorts = forbids(/\.(sort|toSorted)\s*\(\s*\)/, 'a sort needs a comparator', (path) =>
  path.startsWith('src/'),
);
/** An interface is named like any type. */
export const prefixedInterfaces = forbids(/\binterface\s+I[A-Z]\w*/, 'no I prefix', () => true);
/** A test that is left out says why, and none leaves out the others. */
export const silencedTests = forbids(
  /\.only\s*\(|\bonly\s*:\s*true\b|\b(test|it|describe|suite)\s*\.\s*skip\s*\(|\.skip\s*\(\s*(?!['"`])|\bskip\s*:\s*true\b/,
  'a skip gives its reason as text, and only is for debugging',
  isTest,
);

/** Unfinished work does not go in. */
export const unfinished: Rule = (files) =>
  files
    .filter(({ path }) => path.startsWith('src/'))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/\b(TODO|FIXME|XXX)\b/g)].map(([word]) => `${path}: contains ${word}`),
    );

/** The files whose exports are for users: the entry points of package.json. */
export const ENTRY_POINTS: readonly string[] = [
  'src/index.ts',
  'src/plugin.ts',
  'src/models/public.ts',
  'src/testing/index.ts',
];

/**
 * What is exported is used by another file, be it a test or a script; what only its own file uses is not exported. Workers import
 * tasks by the names that stand in `export: 'train'`.
 */
export const unusedExports: Rule = (files) => {
  const used = new Set<string>();
  for (const file of files) {
    for (const { original, from } of namesOf(file).taken)
      used.add(`${resolve(file.path, from!)} ${original}`);
    for (const [, name] of file.text.matchAll(/^ {2}export: '(\w+)',$/gm)) used.add(`${file.path} ${name}`);
  }
  return files
    .filter(({ path }) => !ENTRY_POINTS.includes(path))
    .flatMap((file) =>
      namesOf(file)
        .exported.filter(({ name }) => !used.has(`${file.path} ${name}`) && !used.has(`${file.path} *`))
        .map(({ name }) => `${file.path}: exports ${name}, which no other file uses`),
    );
};

/** A scenario that a page names is there. */
export function namedScenarios(pages: readonly SourceFile[], exists: (path: string) => boolean): string[] {
  return pages.flatMap(({ path, text }) =>
    [...text.matchAll(/\bscenarios\/[\w./-]+\.(?:ya?ml|json)\b/g)]
      .filter(([scenario]) => !exists(scenario))
      .map(([scenario]) => `${path}: names ${scenario}, which does not exist`),
  );
}
