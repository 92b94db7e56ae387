/** The page around the views: title, navigation, the choice of a run and of light or dark. */
import { Choices } from './context.js';
import type { PageData } from './data.js';
import { element } from './parts/element.js';
import type { Theme, View } from './views/view.js';

/** Builds the page. */
export function mountPage(data: PageData, views: readonly View[]): void {
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  const choices = new Choices(data.runs[0]!, system.matches ? 'dark' : 'light');
  const shown = views.filter((view) => view.available(data));
  document.title = data.title;
  const main = element('main', { id: 'main' });
  document.body.append(...head(data, shown, choices), main);
  applyTheme(choices.theme);
  choices.onTheme(applyTheme);
  system.addEventListener('change', ({ matches }) => choices.selectTheme(matches ? 'dark' : 'light'));
  paperIsWhite(choices);
  for (const view of shown) {
    const section = element(
      'section',
      { id: view.id, 'aria-labelledby': `${view.id}-title` },
      element('h2', { id: `${view.id}-title` }, view.title),
    );
    main.append(section);
    const body = element('div');
    section.append(body);
    view.mount(body, data, choices);
  }
}

/** What is printed is light. */
function paperIsWhite(choices: Choices): void {
  let before = choices.theme;
  window.addEventListener('beforeprint', () => {
    before = choices.theme;
    choices.selectTheme('light');
  });
  window.addEventListener('afterprint', () => choices.selectTheme(before));
}

function applyTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
}

/** The title, and a bar that stays in sight. */
function head(data: PageData, views: readonly View[], choices: Choices): HTMLElement[] {
  const links = views.map((view) => element('li', {}, element('a', { href: `#${view.id}` }, view.title)));
  return [
    element(
      'header',
      {},
      element('a', { href: '#main', class: 'skip' }, 'To the figures'),
      element('h1', {}, data.title),
      element('div', { class: 'fact' }, factsOf(data)),
    ),
    element(
      'div',
      { class: 'bar' },
      element('nav', { 'aria-label': 'Sections' }, element('ul', {}, ...links)),
      ...runPicker(data, choices),
      themeSwitch(choices),
    ),
  ];
}

function factsOf({ runs }: PageData): string {
  const nodes = [...new Set(runs.map((run) => run.nodes))];
  const seeds = new Set(runs.map(({ seed }) => seed)).size;
  return [
    plural(runs.length, 'run'),
    plural(seeds, 'seed'),
    nodes.length === 1 ? plural(nodes[0]!, 'node') : `${Math.min(...nodes)} to ${Math.max(...nodes)} nodes`,
    `mycel ${[...new Set(runs.map(({ summary }) => String(summary.mycel)))].join(', ')}`,
  ].join(' · ');
}

function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

function runPicker({ runs }: PageData, choices: Choices): Node[] {
  if (runs.length < 2) return [];
  const options = runs.map(({ index, label }) => element('option', { value: String(index) }, label));
  const select = element('select', { id: 'run' }, ...options);
  select.addEventListener('change', () => choices.selectRun(runs[Number(select.value)]!));
  choices.onRun(({ index }) => {
    select.value = String(index);
  });
  return [element('span', { class: 'choice' }, element('label', { for: 'run' }, 'Run'), ' ', select)];
}

function themeSwitch(choices: Choices): HTMLElement {
  const button = element('button', { type: 'button', id: 'theme' });
  const show = (theme: Theme) => {
    button.textContent = theme === 'dark' ? 'Light' : 'Dark';
    button.setAttribute('aria-label', `Show the page ${theme === 'dark' ? 'light' : 'dark'}`);
  };
  button.addEventListener('click', () => choices.selectTheme(choices.theme === 'dark' ? 'light' : 'dark'));
  choices.onTheme(show);
  show(choices.theme);
  return button;
}
