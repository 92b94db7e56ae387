// The pages of the site: those of the project, where they are, and those of the options.
import { copyFileSync, cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { optionPages, titleOf } from './options.mjs';

/** Titles in the sidebar by page; `optionPages` stands for those of the options. */
const GROUPS = {
  Start: {
    'README.md': 'What Mycel is',
    'docs/tutorial.md': 'Tutorial',
    'docs/scenarios.md': 'Scenario files',
    'docs/plugins.md': 'Plugins',
    'docs/sweeps.md': 'Many runs',
    'docs/report.md': 'Pages and figures',
    'docs/results.md': 'Results elsewhere',
  },
  'What a scenario can name': optionPages,
  'How it works': {
    'docs/network.md': 'Network',
    'docs/topologies.md': 'Topologies and mixing',
    'docs/wire.md': 'Wire format',
    'docs/performance.md': 'Performance',
    'docs/reliability.md': 'Reliability',
    'docs/architecture.md': 'Architecture',
    'docs/glossary.md': 'Glossary',
    'docs/api.md': 'API',
  },
  'What was found': { 'docs/studies.md': 'Studies', 'docs/reproduction.md': 'Reproduction' },
  Project: {
    'CONTRIBUTING.md': 'Contributing',
    'docs/decisions.md': 'Decisions',
    'CHANGELOG.md': 'Changes',
  },
};

const OWN = Object.values(GROUPS).flatMap((group) => (group === optionPages ? [] : Object.keys(group)));

/** Where a file of the project is in the site; undefined if it is no page. */
export function sitePage(path) {
  if (path === 'README.md') return 'index.md';
  return OWN.includes(path) ? path.replace(/^docs\//, '') : undefined;
}

/** The file of the project behind a page of the site. */
export function projectPage(page) {
  return OWN.find((path) => sitePage(path) === page);
}

/** The sidebar as VitePress has it. */
export function sidebar() {
  const link = (page) => `/${page.replace(/(index)?\.md$/, '')}`;
  return Object.entries(GROUPS).map(([text, group]) => ({
    text,
    items:
      group === optionPages
        ? Object.keys(optionPages()).map((page) => ({
            text: titleOf(page.slice('options/'.length, -'.md'.length)),
            link: link(page),
          }))
        : Object.entries(group).map(([path, title]) => ({ text: title, link: link(sitePage(path)) })),
  }));
}

/** Writes all pages, and the figures, below `folder`. Throws where a page of docs/ is in no group. */
export function writePages(root, folder) {
  rmSync(folder, { recursive: true, force: true });
  const missing = readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md') && !OWN.includes(`docs/${name}`))
    .join(', ');
  if (missing !== '')
    throw new Error(`expected every page of docs/ in a group of the sidebar, got ${missing}`);
  mkdirSync(join(folder, 'options'), { recursive: true });
  for (const path of OWN) copyFileSync(join(root, path), join(folder, sitePage(path)));
  for (const pictures of ['figures', 'images'])
    cpSync(join(root, 'docs', pictures), join(folder, pictures), { recursive: true });
  for (const [page, text] of Object.entries(optionPages())) {
    mkdirSync(dirname(join(folder, page)), { recursive: true });
    writeFileSync(join(folder, page), text);
  }
}
