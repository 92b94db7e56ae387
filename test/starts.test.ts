/** `mycel init` and `mycel new`: what they write and what they refuse. starts.long.test.ts runs what they write. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ownDependency } from '../src/cli/starts/files.js';
import { mycel } from './support/cli.js';
import { compileHere, MODULES } from './support/starts.js';
import { workIn } from './support/work-in.js';
import { projectRoot } from './tidy/source.js';

const folder = workIn('mycel-starts-');
const root = projectRoot();
const templates = join(root, 'scenarios', 'templates');

/** Enters a new folder, with these files. */
function enter(name: string, files: Readonly<Record<string, string>> = {}): string {
  const path = join(folder, name);
  mkdirSync(path);
  process.chdir(path);
  for (const [file, text] of Object.entries(files)) writeFileSync(file, text);
  return path;
}

const MODULE = { 'package.json': '{ "type": "module" }' };

test('init writes a project, says which files, and what to do next', async () => {
  enter('outside');
  const { code, out, err } = await mycel('init', '../Slow Links');
  assert.deepEqual([code, err], [0, '']);
  assert.deepEqual(out.split('\n').slice(0, -1), [
    ...['package.json', '.gitignore', 'README.md'],
    ...['src/my-algorithm.js', 'src/my-algorithm.test.js', 'scenarios/my-algorithm.yaml'],
    ...['Next:', '  cd ../Slow Links', '  npm install', '  npm test', '  npm start'],
  ]);
  const read = (file: string) => readFileSync(join(folder, 'Slow Links', file), 'utf8');
  const { name, type, dependencies } = JSON.parse(read('package.json')) as Record<string, unknown>;
  assert.deepEqual([name, type], ['slow-links', 'module']);
  assert.deepEqual(dependencies, { mycel: ownDependency(join(folder, 'Slow Links')) });
  assert.match(read('.gitignore'), /^results\/\nruns\/$/m);
  assert.match(read('README.md'), /^# slow-links\n/);
  assert.match(read('scenarios/my-algorithm.yaml'), /use: \.\.\/src\/my-algorithm\.js/);
});

test('a project depends on the version that is installed, or on the clone that runs', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  assert.equal(ownDependency('/home/me/study', '/home/me/study/node_modules/mycel/'), version);
  assert.equal(ownDependency('/home/me/study', '/home/me/mycel'), 'file:../mycel');
});

test('nothing is overwritten: if one file is there, none is written', async () => {
  enter('taken', { ...MODULE, 'README.md': 'mine' });
  const { code, err } = await mycel('init');
  assert.equal(code, 2);
  assert.match(err, /^expected no package\.json, README\.md in .*nothing was written$/m);
  assert.deepEqual(readdirSync('.').sort(), ['README.md', 'package.json']);
  assert.equal((await mycel('new', 'probe', 'spread')).code, 0);
  const again = await mycel('new', 'probe', 'spread');
  assert.equal(again.code, 2);
  assert.match(again.err, /^expected no src\/spread\.js, src\/spread\.test\.js, scenarios\/spread\.yaml in /);
});

test('new writes a start under its name, in the language of the project', async () => {
  enter('languages', MODULE);
  for (const kind of MODULES) {
    const { out } = await mycel('new', kind, `slow-${kind}`);
    assert.deepEqual(out.split('\n').slice(0, 5), [
      ...[`src/slow-${kind}.js`, `src/slow-${kind}.test.js`, `scenarios/slow-${kind}.yaml`],
      ...['Next:', `  node --test src/slow-${kind}.test.js`],
    ]);
    assert.match(readFileSync(`src/slow-${kind}.js`, 'utf8'), new RegExp(`id: 'slow-${kind}'`));
    const texts = readdirSync('src').map((name) => readFileSync(join('src', name), 'utf8'));
    for (const text of texts) assert.ok(!text.includes(`my-${kind}`));
  }
  const { out } = await mycel('new', 'model', 'typed', '--typescript');
  assert.match(out, /^tsconfig\.json\nsrc\/typed\.ts\nsrc\/typed\.test\.ts\nscenarios\/typed\.yaml\n/);
  assert.match(out, /npm install --save-dev --save-exact typescript@\d\S* @types\/node@\d/);
  assert.match(readFileSync('scenarios/typed.yaml', 'utf8'), /use: \.\.\/dist\/typed\.js/);
  assert.match((await mycel('new', 'probe', 'next')).out, /^src\/next\.ts\n/);
  assert.equal((await mycel('new', 'scenario', 'alone')).out.split('\n')[0], 'scenarios/alone.yaml');
  // Editors find the schema of the package that the project has.
  for (const file of ['scenarios/alone.yaml', 'scenarios/typed.yaml'])
    assert.match(
      readFileSync(file, 'utf8'),
      /^# yaml-language-server: \$schema=\.\.\/node_modules\/mycel\/docs\/scenario\.schema\.json\n/,
    );
});

test('names that cannot be one, kinds that are none, and folders that are no project are refused', async () => {
  enter('refused', MODULE);
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['probe', 'Big'], /expected a name in kebab case .*, got "Big"/],
    [['probe', '../up'], /expected a name in kebab case .*, got "\.\.\/up"/],
    [['probe', 'accuracy'], /which is one of probes: choose another/],
    [['prob', 'a'], /unknown kind of start "prob"\. Did you mean "probe"\?/],
  ];
  for (const [words, message] of cases) {
    const { code, err } = await mycel('new', ...words);
    assert.equal(code, 2);
    assert.match(err, message);
  }
  assert.deepEqual(readdirSync('.'), ['package.json']);
  enter('empty');
  assert.match((await mycel('new', 'data', 'a')).err, /expected a package\.json in .*mycel init/);
  enter('common', { 'package.json': '{}' });
  assert.match((await mycel('new', 'data', 'a')).err, /expected "type": "module" in .*, got no type/);
  enter('broken', { 'package.json': '{' });
  assert.match((await mycel('new', 'data', 'a')).err, /expected JSON in /);
  assert.ok(!existsSync('src'));
});

test('a start in JavaScript is the one in TypeScript without its types', () => {
  const out = enter('same');
  for (const [language, ending] of [
    ['typescript', 'ts'],
    ['javascript', 'js'],
  ] as const) {
    const files = MODULES.map((kind) => join(templates, kind, `my-${kind}.${ending}`));
    const settings = ['--module', 'nodenext', '--target', 'es2022', '--strict', 'false', '--noCheck'];
    compileHere(
      ...files,
      ...settings,
      '--allowJs',
      '--ignoreConfig',
      '--outDir',
      join(out, language),
      '--rootDir',
      templates,
    );
  }
  for (const kind of MODULES) {
    const [typed, plain] = ['typescript', 'javascript'].map((language) =>
      readFileSync(join(out, language, kind, `my-${kind}.js`), 'utf8'),
    );
    assert.ok(plain!.length > 500);
    assert.equal(typed, plain);
  }
});
