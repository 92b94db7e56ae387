/** Where the numbers come from: scenario, versions, fingerprints, and the command that repeats a run. */
import { element } from '../parts/element.js';
import type { View } from './view.js';

/** The record of the chosen run. */
export const record: View = {
  id: 'record',
  title: 'The record',
  available: () => true,
  mount(root, _data, page) {
    const show = () => {
      const { label, folder, command, summary } = page.run;
      root.replaceChildren(
        element('h3', {}, label),
        element('p', {}, folder),
        element('pre', {}, command),
        element('pre', { tabindex: '0' }, JSON.stringify(summary.scenario, undefined, 2)),
      );
    };
    page.onRun(show);
    show();
  },
};
