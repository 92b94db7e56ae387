/** The slider of time, and what moves it. */

import type { Clock } from '../network/clock.js';
import { timeText } from '../network/figures.js';
import { element } from '../parts/element.js';

/** Steps of the slider. */
const STEPS = 10_000;

/** Seconds in which the whole run goes by. */
const DURATIONS = [
  [10, '10 s'],
  [30, '30 s'],
  [60, '1 min'],
  [300, '5 min'],
  [1800, '30 min'],
] as const;

/** The player of a run: play, pause, slider, speed, and steps from measurement to measurement. */
export class Player {
  readonly elements: readonly HTMLElement[];
  readonly #clock: Clock;
  readonly #end: number;
  readonly #stops: Float64Array;
  readonly #play = element('button', { type: 'button', id: 'replay-play' }, 'Play');
  readonly #slider = element('input', {
    ...{ type: 'range', min: '0', max: String(STEPS), step: '1', id: 'replay-time' },
    'aria-label': 'Virtual time',
  });
  readonly #speed = element(
    'select',
    { id: 'replay-speed' },
    ...DURATIONS.map(([seconds, text]) => element('option', { value: String(seconds) }, text)),
  );
  readonly #shown = element('output', { for: 'replay-time' });
  readonly #stopped: () => void;
  #frame: number | undefined;

  /** `stops` are the times of measurements, ascending; `stopped` hears when it no longer plays. */
  constructor(
    clock: Clock,
    run: { readonly end: number; readonly stops: Float64Array; readonly stopped: () => void },
  ) {
    const { end, stops, stopped } = run;
    this.#stopped = stopped;
    this.#clock = clock;
    this.#end = end;
    this.#stops = stops;
    this.#speed.value = '60';
    this.#play.addEventListener('click', () => this.toggle());
    this.#slider.addEventListener('input', () => {
      this.pause();
      clock.set((Number(this.#slider.value) / STEPS) * end);
    });
    const button = (text: string, label: string, act: () => void) => {
      const made = element('button', { type: 'button', 'aria-label': label, title: label }, text);
      made.addEventListener('click', act);
      return made;
    };
    this.elements = [
      this.#play,
      button('‹', 'To the measurement before', () => this.step(-1)),
      button('›', 'To the next measurement', () => this.step(1)),
      this.#slider,
      this.#shown,
      element('label', {}, 'the whole run in ', this.#speed),
    ];
    this.changed();
  }

  get isPlaying(): boolean {
    return this.#frame !== undefined;
  }

  toggle(): void {
    if (this.isPlaying) {
      this.pause();
      return;
    }
    if (this.#clock.time >= this.#end) this.#clock.set(0);
    this.#play.textContent = 'Pause';
    let last: number | undefined;
    const next = (now: number) => {
      if (!this.#play.isConnected) return this.pause();
      const passed = (now - (last ?? now)) / 1000 / Number(this.#speed.value);
      last = now;
      this.#frame = requestAnimationFrame(next);
      this.#clock.set(Math.min(this.#end, this.#clock.time + passed * this.#end));
      if (this.#clock.time >= this.#end) this.pause();
    };
    this.#frame = requestAnimationFrame(next);
  }

  pause(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    this.#play.textContent = 'Play';
    this.#stopped();
  }

  /** To the next measurement, or the one before. */
  step(direction: 1 | -1): void {
    this.pause();
    const { time } = this.#clock;
    const stop =
      direction > 0 ? this.#stops.find((at) => at > time) : this.#stops.findLast((at) => at < time);
    this.#clock.set(stop ?? (direction > 0 ? this.#end : 0));
  }

  /** By a share of the run. */
  move(share: number): void {
    this.pause();
    this.#clock.set(Math.max(0, Math.min(this.#end, this.#clock.time + share * this.#end)));
  }

  /** Shows the time of the clock. */
  changed(): void {
    const { time } = this.#clock;
    this.#slider.value = String(Math.round((time / Math.max(1, this.#end)) * STEPS));
    const text = `${timeText(time, this.#end)} of ${timeText(this.#end)}`;
    this.#shown.textContent = text;
    this.#slider.setAttribute('aria-valuetext', text);
  }
}
