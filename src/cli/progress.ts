/** Progress of long runs on stderr: a bar in a terminal, otherwise plain lines. */
import { Presets, SingleBar } from 'cli-progress';
import type { Plan } from '../simulation/plan.js';
import type { Progress } from '../simulation/result.js';
import { formatDuration } from '../units.js';

/** Least time between two plain lines. */
const LINE_INTERVAL_MS = 5000;

/** Shows the progress of a run. */
export interface ProgressReport {
  update(progress: Progress): void;
  /** Ends the report: the run is over or has failed. */
  stop(): void;
}

/** A report that prints nothing. */
export const silent: ProgressReport = { update() {}, stop() {} };

/** A bar if stderr is a terminal, otherwise a line every few seconds. */
export function progressReport(name: string, plan: Pick<Plan, 'stop'>): ProgressReport {
  return process.stderr.isTTY ? bar(name, plan) : lines(name, plan);
}

/** Share of the run that is done, 0 … 1: that of its rounds or of its virtual time, whichever is greater. */
export function doneShare(progress: Progress, { stop }: Pick<Plan, 'stop'>): number {
  const byRounds = stop.after === undefined ? 0 : progress.round / stop.after;
  return Math.min(1, Math.max(byRounds, progress.time / stop.at));
}

/** `time 1.25 s, round 3/30, 12,000 events/s, 8 s left`; `elapsed` is the wall-clock time so far in milliseconds. */
export function describe(progress: Progress, plan: Pick<Plan, 'stop'>, elapsed: number): string {
  const share = doneShare(progress, plan);
  const rounds = plan.stop.after === undefined ? progress.round : `${progress.round}/${plan.stop.after}`;
  const rate = Math.round(progress.events / Math.max(elapsed / 1000, 1e-3)).toLocaleString('en');
  const left = share > 0 ? `, ${formatSeconds((elapsed / 1000) * (1 / share - 1))} left` : '';
  return `time ${formatDuration(progress.time)}, round ${rounds}, ${rate} events/s${left}`;
}

/** `80 s`, `12 min`, `1.5 h`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function lines(name: string, plan: Pick<Plan, 'stop'>): ProgressReport {
  const start = performance.now();
  let last = start;
  return {
    update(progress) {
      const now = performance.now();
      if (now - last < LINE_INTERVAL_MS) return;
      last = now;
      console.error(`${name}: ${describe(progress, plan, now - start)}`);
    },
    stop() {},
  };
}

function bar(name: string, plan: Pick<Plan, 'stop'>): ProgressReport {
  const start = performance.now();
  const single = new SingleBar(
    {
      format: '{name} {bar} {percentage}% {text}',
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: true,
      barsize: 20,
    },
    Presets.rect,
  );
  single.start(1, 0, { name, text: '' });
  return {
    update(progress) {
      single.update(doneShare(progress, plan), { text: describe(progress, plan, performance.now() - start) });
    },
    stop: () => single.stop(),
  };
}
