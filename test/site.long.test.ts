/** The documentation builds as a site, whose links all lead somewhere, with a page of options for each list. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { entryKinds, listEntries } from '../src/scenario/list.js';
import { projectRoot } from './tidy/source.js';

const root = projectRoot();

test('the site is built without a network, has every entry with its options, and no dead link', () => {
  execFileSync(process.execPath, [join(root, 'scripts', 'site.mjs')], { cwd: root, stdio: 'pipe' });
  const page = (name: string) => readFileSync(join(root, 'out', 'site', `${name}.html`), 'utf8');
  for (const kind of entryKinds) {
    const text = page(`options/${kind}`);
    for (const { id, options } of listEntries(kind)) {
      assert.ok(text.includes(`<h2 id="${id}"`), `${kind}: ${id}`);
      for (const { name } of options)
        assert.ok(text.includes(`<code>${name}</code>`), `${kind}: ${id} ${name}`);
    }
  }
  assert.match(page('options/algorithms'), /<td>5<\/td>|<code>5<\/code>/);
  // A link to a file of the project is its path, and one to a page leads there.
  assert.match(page('api'), /<code>src\/errors\.ts<\/code>/);
  assert.match(page('plugins'), /href="\/(index\.html)?#a-first-algorithm"/);
  // The pages need nothing from elsewhere.
  assert.doesNotMatch(page('index'), /<(?:script|link|img)\b[^>]*(?:src|href)="https?:/);
});

test('a link to a page or a place that is not there is found', async () => {
  const url = new URL('scripts/site/links.mjs', `file://${root}/`).href;
  const { deadLinks } = (await import(url)) as { deadLinks(folder: string): string[] };
  const folder = mkdtempSync(join(tmpdir(), 'mycel-site-'));
  try {
    mkdirSync(join(folder, 'sub'));
    const links = ['/b.html#there', 'sub/c.html', '#own', '/gone.html', '/b.html#nowhere', 'https://a.org/x'];
    writeFileSync(
      join(folder, 'index.html'),
      `<p id="own">${links.map((link) => `<a href="${link}">a</a>`).join('')}</p>`,
    );
    writeFileSync(join(folder, 'b.html'), '<h2 id="there">b</h2>');
    writeFileSync(join(folder, 'sub', 'c.html'), '<a href="../b">b</a><a href="d">d</a>');
    assert.deepEqual(deadLinks(folder).sort(), [
      'index.html → /b.html#nowhere',
      'index.html → /gone.html',
      'sub/c.html → d',
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
