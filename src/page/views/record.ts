/** Where the numbers come from: scenario, versions, fingerprints, and the commands that repeat a run. */
import { formatBytes, formatDuration } from '../../units.js';
import type { PageRun } from '../data.js';
import { textButton } from '../parts/download.js';
import { element } from '../parts/element.js';
import { table } from '../parts/table.js';
import type { View } from './view.js';

type Facts = Readonly<Record<string, unknown>>;

export const record: View = {
  id: 'record',
  title: 'The record',
  available: () => true,
  mount(root, data, page) {
    const chosen = element('div');
    const show = () => {
      const { run } = page;
      const scenario = JSON.stringify(run.summary.scenario, undefined, 2);
      chosen.replaceChildren(
        element('h3', {}, run.label),
        facts(run),
        element('h3', {}, 'To repeat it'),
        ...repeating(run),
        element(
          'p',
          { class: 'controls' },
          textButton('scenario.json', 'scenario.json', () => `${scenario}\n`),
          textButton('summary.json', 'summary.json', () => `${JSON.stringify(run.summary, undefined, 2)}\n`),
        ),
        element('pre', { tabindex: '0', 'aria-label': 'The scenario with all its defaults' }, scenario),
      );
    };
    root.append(chosen);
    if (data.runs.length > 1) root.append(element('h3', {}, 'All runs'), allRuns(data.runs));
    page.onRun(show);
    show();
  },
};

function facts({ summary, folder, end, sent, rounds, events }: PageRun): HTMLElement {
  const machine = summary.machine as Facts;
  const computed = summary.computed as Facts;
  const { trace, params } = fingerprints(summary);
  const entries: ReadonlyArray<readonly [name: string, fact: unknown]> = [
    ['scenario', machine.file],
    ['variant', summary.variant],
    ['seed', summary.seed],
    ['results', folder],
    ['ended', [summary.stopped, summary.explanation].filter(Boolean).join(': ')],
    ['virtual time', `${formatDuration(end)}, ${rounds} rounds, ${events.toLocaleString('en')} events`],
    ['bytes sent', `${formatBytes(sent)} (${sent.toLocaleString('en')} B)`],
    ['fingerprints', `trace ${trace}, params ${params}`],
    ['versions', `mycel ${summary.mycel}, node ${machine.node}, ${machine.platform}`],
    ['computed by', [computed.by, machine.backend, machine.engine].filter(Boolean).join(', ')],
    ['processor', machine.cpu],
    ['diverged', listed(summary.diverged)],
    ['not finite', listed(summary.notFinite)],
    ['forked', listed(summary.forked)],
  ];
  const known = entries.filter(([, fact]) => fact !== undefined && fact !== '');
  return element(
    'dl',
    {},
    ...known.flatMap(([name, fact]) => [element('dt', {}, name), element('dd', {}, String(fact))]),
  );
}

function fingerprints(summary: Facts): Facts {
  return summary.fingerprints as Facts;
}

function listed(list: unknown): string {
  return Array.isArray(list) && list.length > 0 ? JSON.stringify(list) : '';
}

function repeating({ commands }: PageRun): HTMLElement[] {
  const { verify, run } = commands;
  if (verify === undefined || run === undefined)
    return [
      element('p', {}, 'This run was forked: its scenario changed on the way, so no one command repeats it.'),
    ];
  return [
    element('p', { class: 'note' }, 'Where its folder is, computed again and compared to the bit:'),
    element('pre', { tabindex: '0' }, verify),
    element(
      'p',
      { class: 'note' },
      'Elsewhere, from the scenario below as a file (modules of your own have to lie beside it):',
    ),
    element('pre', { tabindex: '0' }, run),
  ];
}

function allRuns(runs: readonly PageRun[]): HTMLElement {
  return table(
    'Each run with its fingerprints',
    ['', 'rounds', 'virtual time', 'bytes sent', 'trace', 'params', 'results'],
    runs.map(({ label, rounds, end, sent, summary, folder }) => {
      const { trace, params } = fingerprints(summary);
      return [
        ...[label, String(rounds), formatDuration(end), formatBytes(sent)],
        ...[String(trace), String(params), folder],
      ];
    }),
  );
}
