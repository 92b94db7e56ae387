/** Progress of long runs on stderr: a bar on a terminal, plain lines elsewhere. */
import { Presets, SingleBar } from 'cli-progress';
import type { Plan } from '../simulation/plan.js';
import type { Progress } from '../simulation/result.js';
import { formatDuration } from '../units.js';

/** Between two plain lines, in milliseconds. */
const LINE_INTERVAL = 5000;

/** Shows where a run is. */
export interface ProgressReport {
  update(progress: Progress): void;
  /** The run is over, or given up. */
  stop(): void;
}

/** Says nothing. */
export const silent: ProgressReport = { update() {}, stop() {} };

/** A bar where stderr is a terminal, a line every few seconds where it is none. */
export function progressReport(name: string, plan: Pick<Plan, 'stop'>): ProgressReport {
  return process.stderr.isTTY ? bar(name, plan) : lines(name, plan);
}

/** Share of the run that is done, by rounds or by virtual time, whichever is nearer to its end; 0 … 1. */
export function doneShare(progress: Progress, { stop }: Pick<Plan, 'stop'>): number {
  const byRounds = stop.after === undefined ? 0 : progress.round / stop.after;
  return Math.min(1, Math.max(byRounds, progress.time / stop.at));
}

/** `time 1.25 s, round 3/30, 12,000 events/s, 8 s left`. */
export function describe(progress: Progress, plan: Pick<Plan, 'stop'>, elapsed: number): string {
  const share = doneShare(progress, plan);
  const rounds = plan.stop.after === undefined ? progress.round : `${progress.round}/${plan.stop.after}`;
  const rate = Math.round(progress.events / Math.max(elapsed / 1000, 1e-3)).toLocaleString('en');
  const left = share > 0 ? `, ${formatSeconds((elapsed / 1000) * (1 / share - 1))} left` : '';
  return `time ${formatDuration(progress.time)}, round ${rounds}, ${rate} events/s${left}`;
}

function formatSeconds(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function lines(name: string, plan: Pick<Plan, 'stop'>): ProgressReport {
  const start = performance.now();
  let last = start;
  return {
    update(progress) {
      const now = performance.now();
      if (now - last < LINE_INTERVAL) return;
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
