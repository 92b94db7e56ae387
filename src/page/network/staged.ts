/** Views of one run: they are built anew for another run, and drawn anew when time, node or theme change. */
import type { PageRun } from '../data.js';
import type { PageContext } from '../views/view.js';
import { clockOf } from './clock.js';

/** What a view shows of a run. */
export interface Scene {
  readonly elements: readonly (HTMLElement | string)[];
  /** Time, node or theme are others. */
  changed(what: 'time' | 'node' | 'theme'): void;
}

/** Fills `root` with the scene of the chosen run. */
export function staged(root: HTMLElement, page: PageContext, build: (run: PageRun) => Scene): void {
  const clock = clockOf(page);
  let scene: Scene | undefined;
  const show = () => {
    // A run is first shown as it ended.
    clock.set(page.run.end);
    scene = build(page.run);
    root.replaceChildren(...scene.elements);
  };
  page.onRun(show);
  page.onSelectNode(() => scene?.changed('node'));
  page.onTheme(() => scene?.changed('theme'));
  clock.listen(() => scene?.changed('time'));
  show();
}
