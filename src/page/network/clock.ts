/** The time that all views of a network show. */
import type { PageContext } from '../views/view.js';

/** A virtual time, and who wants to know of its changes. */
export class Clock {
  #time = 0;
  readonly #listeners: Array<(time: number) => void> = [];

  get time(): number {
    return this.#time;
  }

  set(time: number): void {
    if (time === this.#time) return;
    this.#time = time;
    for (const listener of this.#listeners) listener(time);
  }

  listen(listener: (time: number) => void): void {
    this.#listeners.push(listener);
  }
}

const clocks = new WeakMap<PageContext, Clock>();

/** The clock of a page. */
export function clockOf(page: PageContext): Clock {
  const clock = clocks.get(page) ?? new Clock();
  clocks.set(page, clock);
  return clock;
}
