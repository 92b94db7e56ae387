/** What the pages say of the sources is so: paths, names in files, floors. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
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
