/** What the reader of the page has chosen. */
import type { PageRun } from './data.js';
import type { PageContext, Theme } from './views/view.js';

/** A value that is chosen, and who wants to know. */
class Choice<Value> {
  value: Value;
  readonly #listeners: Array<(value: Value) => void> = [];

  constructor(value: Value) {
    this.value = value;
  }

  choose(value: Value): void {
    if (value === this.value) return;
    this.value = value;
    for (const listener of this.#listeners) listener(value);
  }

  listen(listener: (value: Value) => void): void {
    this.#listeners.push(listener);
  }
}

/** The choices of the page, which its head changes too. */
export class Choices implements PageContext {
  readonly #run: Choice<PageRun>;
  readonly #theme: Choice<Theme>;
  readonly #node = new Choice<number | undefined>(undefined);

  constructor(run: PageRun, theme: Theme) {
    this.#run = new Choice(run);
    this.#theme = new Choice(theme);
  }

  get run(): PageRun {
    return this.#run.value;
  }

  get theme(): Theme {
    return this.#theme.value;
  }

  get node(): number | undefined {
    return this.#node.value;
  }

  /** A node of another run is another node. */
  selectRun(run: PageRun): void {
    if (run !== this.run) this.#node.choose(undefined);
    this.#run.choose(run);
  }

  selectTheme(theme: Theme): void {
    this.#theme.choose(theme);
  }

  selectNode(node: number | undefined): void {
    this.#node.choose(node);
  }

  onSelectNode(listener: (node: number | undefined) => void): void {
    this.#node.listen(listener);
  }

  onRun(listener: (run: PageRun) => void): void {
    this.#run.listen(listener);
  }

  onTheme(listener: (theme: Theme) => void): void {
    this.#theme.listen(listener);
  }
}
