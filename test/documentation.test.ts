/** What the pages say of the sources is so: paths, names in files, floors. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { algorithms } from '../src/algorithms/index.js';
import type { AnyAlgorithm } from '../src/learning/algorithm.js';
import { optionsOf } from '../src/testing/variations.js';
import { FOLDER_FLOORS } from './tidy/rules.js';
import { projectRoot, readPages, type SourceFile } from './tidy/source.js';

const root = projectRoot();
/** The changelog tells of files that are gone. */
const pages = readPages(root).filter(({ path }) => path !== 'CHANGELOG.md');
const architecture = readFileSync(join(root, 'docs/architecture.md'), 'utf8');

/** Paths of sources that a page names; `*` stands for some letters, and those with `<name>` are patterns. */
function namedPaths({ text }: SourceFile): string[] {
  return [...text.matchAll(/(?<![\w./-])(?:src|test|scripts)\/[\w./*<>-]*[\w*>/]/g)]
    .map(([path]) => path)
    .filter((path) => !path.includes('<'));
}

/** What a page links to in the project. */
function linkedPaths({ path, text }: SourceFile): string[] {
  return [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, target]) => join(dirname(path), target!));
}

function exists(path: string): boolean {
  if (!path.includes('*')) return existsSync(join(root, path));
  const pattern = new RegExp(`^${path.split('/').at(-1)!.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
  const folder = join(root, dirname(path));
  return existsSync(folder) && readdirSync(folder).some((name) => pattern.test(name));
}

test('every path that a page names or links to exists', () => {
  const named = pages.flatMap((page) =>
    [...namedPaths(page), ...linkedPaths(page)].map((path) => ({ page: page.path, path })),
  );
  assert.ok(named.length > 100);
  assert.deepEqual(
    named.filter(({ path }) => !exists(path)),
    [],
  );
  const page = { path: 'docs/a.md', text: '`src/gone.ts`, `src/errors.ts`, [b](b.md), `src/*.ts`' };
  const [gone, errors, any] = namedPaths(page);
  assert.deepEqual([exists(gone!), exists(errors!), exists(any!)], [false, true, true]);
  assert.deepEqual(linkedPaths(page), ['docs/b.md']);
});

test('every algorithm stands in the table of methods of the README', () => {
  const table = readFileSync(join(root, 'README.md'), 'utf8').split('## Methods\n')[1]!.split('\n## ')[0]!;
  const missing = algorithms.map(({ id }) => id).filter((id) => !table.includes(`\`${id}\``));
  assert.deepEqual(missing, []);
});

test('the table of what methods take is what they say themselves', () => {
  const table = readFileSync(join(root, 'docs/scenarios.md'), 'utf8');
  const has = (algorithm: AnyAlgorithm, option: string) => optionsOf(algorithm).has(option);
  const takes = (codec: string) => (algorithm: AnyAlgorithm) =>
    has(algorithm, 'codec') && algorithm.options.safeParse({ codec }).success;
  const refusesLosses = ({ id }: AnyAlgorithm) => {
    const file = readdirSync(join(root, 'src/algorithms'), { recursive: true })
      .map(String)
      .find((name) => name.endsWith(`${id}.ts`))!;
    return /\brefuseLos/.test(readFileSync(join(root, 'src/algorithms', file), 'utf8'));
  };
  const rows: [string, (algorithm: AnyAlgorithm) => boolean][] = [
    ['have a server, so no `topology`', ({ roles }) => roles !== undefined],
    ['have no `localSteps` and `localEpochs`', (one) => !has(one, 'localSteps')],
    ['have no `deadline`', (one) => !has(one, 'deadline')],
    ['refuse messages that may be lost for good', refusesLosses],
    ['need links and nodes that stay', ({ fixedTopology }) => fixedTopology === true],
    ['refuse links in one direction', ({ undirected }) => undirected === true],
    [
      'refuse mixing weights that move the mean over the nodes, such as `uniform` on a star',
      ({ keepsMean }) => keepsMean === true,
    ],
    ['have no `codec`', (one) => !has(one, 'codec')],
    ['take sparse codecs', takes('top-k')],
    ['take codecs of masks', takes('packed-mask')],
  ];
  for (const [what, holds] of rows) {
    const line = table.split('\n').find((one) => one.startsWith(`| ${what}`))!;
    const named = [...line.split('|')[2]!.matchAll(/`([\w-]+)`/g)].map(([, id]) => id!);
    const ids = algorithms.filter(holds).map(({ id }) => id);
    assert.deepEqual(
      named,
      ids.sort((a, b) => (a < b ? -1 : 1)),
      what,
    );
  }
});

test('every name in the table of the architecture page stands in the file beside it', () => {
  const rows = [...architecture.matchAll(/^\|[^|]+\| `(src\/[^`]+)` \| (.+) \|$/gm)];
  assert.ok(rows.length > 40);
  for (const [, path, cell] of rows) {
    const text = readFileSync(join(root, path!), 'utf8');
    const own = cell!.split('; those of')[0]!;
    for (const [, name] of own.matchAll(/`([\w#.]+)`/g)) {
      const parts = name!.split('.');
      for (const part of parts) assert.match(text, new RegExp(`(?<!\\w)${part}\\b`), `${path}: ${name}`);
    }
  }
});

test('the floors of the architecture page are those that are enforced', () => {
  const rows = architecture.matchAll(/^\| (\d+) \| (.+?) \| .*\|$/gm);
  const floors = [...rows].flatMap(([, floor, cell]) =>
    [...cell!.matchAll(/`(\w+)\/`/g)].map(([, folder]) => [folder!, Number(floor)] as const),
  );
  assert.deepEqual(Object.fromEntries(floors), FOLDER_FLOORS);
});

test('what pages quote from files, and what they say that commands print, is so', async () => {
  const url = new URL('scripts/docs/quotes.mjs', `file://${root}/`).href;
  const quotes = (await import(url)) as {
    quotingPages(root: string): string[];
    withQuotes(page: string, root: string): string;
  };
  const quoting = quotes.quotingPages(root);
  assert.ok(quoting.includes('docs/plugins.md'));
  for (const path of quoting) {
    const page = readFileSync(join(root, path), 'utf8');
    assert.equal(quotes.withQuotes(page, root), page, `${path}: run node scripts/quotes.mjs`);
  }
  const page = '<!-- file LICENSE -->\n```text\nold\n```';
  assert.match(quotes.withQuotes(page, root), /Apache License/);
});
