// Builds the documentation as a site into out/site: `npm run docs:site`. It needs no network. Fails where a link leads nowhere.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vitepress';
import { deadLinks } from './site/links.mjs';
import { writePages } from './site/pages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = join(root, 'out', 'site-pages');
writePages(root, pages);
mkdirSync(join(pages, '.vitepress'));
const config = JSON.stringify(new URL('site/config.mjs', import.meta.url).href);
writeFileSync(join(pages, '.vitepress', 'config.mjs'), `export { default } from ${config};\n`);
await build(pages);
const dead = deadLinks(join(root, 'out', 'site'));
for (const link of dead) console.error(`leads nowhere: ${link}`);
process.exit(dead.length > 0 ? 1 : 0);
