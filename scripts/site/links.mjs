// Links of the pages: in the project they lead to files, in the site to pages.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { projectPage, sitePage } from './pages.mjs';

/**
 * A plugin of markdown-it: links between pages lead to pages of the site; those to other files of the project become their
 * paths, since the site has no files. Throws where a link leads nowhere.
 */
export function projectLinks(markdown, root) {
  markdown.core.ruler.push('project-links', ({ tokens, env }) => {
    const page = projectPage(env.relativePath);
    // Pages of options link within themselves only.
    if (page === undefined) return;
    for (const { children } of tokens) {
      for (const [i, token] of (children ?? []).entries()) {
        if (token.type === 'link_open') relink(children, i, { root, page });
        if (token.type === 'image') replace(token, { root, page });
      }
    }
  });
}

function relink(tokens, at, { root, page }) {
  const href = tokens[at].attrGet('href');
  if (/^(https?:|mailto:|#)/.test(href)) return;
  const [path, hash] = decodeURI(href).split('#');
  const file = posix.join(posix.dirname(page), path);
  if (!existsSync(join(root, file))) throw new Error(`${page}: links to ${file}, which does not exist`);
  const target = sitePage(file);
  if (target !== undefined) {
    tokens[at].attrSet('href', `/${target}${hash === undefined ? '' : `#${hash}`}`);
    return;
  }
  const end = tokens.findIndex((token, k) => k > at && token.type === 'link_close');
  for (const token of tokens.slice(at, end + 1)) Object.assign(token, { type: 'text', content: '', tag: '' });
  Object.assign(tokens[at + 1], { type: 'code_inline', content: file, tag: 'code' });
}

/** Pictures lie beside the pages, as they do in docs/. */
function replace(token, { root, page }) {
  const file = posix.join(posix.dirname(page), decodeURI(token.attrGet('src')));
  if (!existsSync(join(root, file))) throw new Error(`${page}: shows ${file}, which does not exist`);
  token.attrSet('src', `./${posix.relative('docs', file)}`);
}

/** Links of built pages that lead to no page, or to no place in it; `from → to`. */
export function deadLinks(folder) {
  const pages = readdirSync(folder, { recursive: true })
    .map((name) => String(name).replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.html') && name !== '404.html');
  const texts = new Map(pages.map((page) => [page, readFileSync(join(folder, page), 'utf8')]));
  const ids = new Map(
    [...texts].map(([page, text]) => [
      page,
      new Set([...text.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id)),
    ]),
  );
  return [...texts].flatMap(([page, text]) =>
    [...text.matchAll(/<a\b[^>]*?\bhref="([^"]+)"/g)]
      .map(([, href]) => href.replaceAll('&amp;', '&'))
      .filter((href) => !/^[a-z]+:/.test(href))
      .filter((href) => {
        const [path, hash] = decodeURI(href).split('#');
        const target = path === '' ? page : pageAt(path, dirname(page));
        return !(ids.has(target) && (hash === undefined || hash === '' || ids.get(target).has(hash)));
      })
      .map((href) => `${page} → ${href}`),
  );
}

function pageAt(path, folder) {
  const file = path.startsWith('/') ? path.slice(1) : posix.join(folder, path);
  if (file === '' || file.endsWith('/')) return `${file}index.html`;
  return file.endsWith('.html') ? file : `${file}.html`;
}
