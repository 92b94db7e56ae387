// The configuration of VitePress, which builds the site from the pages that scripts/site.mjs writes.
import { fileURLToPath } from 'node:url';
import { projectLinks } from './links.mjs';
import { sidebar } from './pages.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

export default {
  title: 'Mycel',
  description: 'A deterministic simulator of decentralized and personalized learning',
  lang: 'en',
  // Works in any folder of a server that serves files, and without a server's rules.
  base: '/',
  cleanUrls: false,
  lastUpdated: false,
  outDir: `${root}/out/site`,
  cacheDir: `${root}/out/site-cache`,
  // Text such as { use: ring } is no attribute of HTML.
  markdown: {
    attrs: { disable: true },

    config: (markdown) => projectLinks(markdown, root),
  },
  themeConfig: {
    nav: [
      { text: 'Tutorial', link: '/tutorial' },
      { text: 'Scenarios', link: '/scenarios' },
      { text: 'Plugins', link: '/plugins' },
      { text: 'API', link: '/api' },
    ],
    sidebar: sidebar(),
    outline: { level: [2, 3] },
    search: { provider: 'local' },
  },
};
