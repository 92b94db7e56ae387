/** What a part of the page is, and what it knows of the page around it. */
import type { Theme } from '../charts/palette.js';
import type { PageData, PageRun } from '../data.js';

export type { Theme };

/** The page around the views: what its reader has chosen. Listeners are called at each change, not at once. */
export interface PageContext {
  /** The run that the reader has chosen. */
  readonly run: PageRun;
  readonly theme: Theme;
  /** The node that the reader has chosen, if any. */
  readonly node: number | undefined;
  selectNode(node: number | undefined): void;
  onSelectNode(listener: (node: number | undefined) => void): void;
  onRun(listener: (run: PageRun) => void): void;
  onTheme(listener: (theme: Theme) => void): void;
}

/** A section of the page. */
export interface View {
  /** The id of its element: the navigation links to it. */
  readonly id: string;
  readonly title: string;
  /** Whether the page has the data for it. Without them, the section is left out. */
  available(data: PageData): boolean;
  /** Fills its section. Text from results is set as text, never as HTML. */
  mount(root: HTMLElement, data: PageData, page: PageContext): void;
}
