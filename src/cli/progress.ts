/** Progress of long runs on stderr: a bar in a terminal, otherwise plain lines. */
import { Presets, SingleBar } from 'cli-progress';
import width from 'string-width';
import type { Plan } from '../simulation/plan.js';
import type { Progress } from '../simulation/result.js';
import type { World } from '../simulation/world.js';
import { formatDuration } from '../units.js';

/** Least time between two plain lines. */
const LINE_INTERVAL_MS = 5000;

/** Time between two looks at a run for the bar. */
const BAR_INTERVAL_MS = 500;

/** Columns where the terminal does not say. */
const COLUMNS = 80;

/** Shows the progress of a run. */
export interface ProgressReport {
  /** From now on the run can be looked at; before, it is being set up. */
  watch(world: World): void;
  /** Ends the report: the run is over or has failed. */
  stop(): void;
}

/** Where a run is now. */
interface LiveProgress extends Progress {
  /** Mean round of the nodes whose rounds count. */
  readonly meanRound: number;
  /** Whether it measures at this instant. */
  readonly isMeasuring: boolean;
}

/** A report that prints nothing. */
export const silent: ProgressReport = { watch() {}, stop() {} };

/** A bar if stderr is a terminal, otherwise a line every few seconds. */
export function progressReport(name: string, plan: Pick<Plan, 'stop'>): ProgressReport {
  return process.stderr.isTTY ? bar(name, plan) : lines(name, plan);
}

/** Share of the run that is done, 0 … 1: that of its rounds or of its virtual time, whichever is greater. */
export function doneShare(
  { time, meanRound }: Pick<LiveProgress, 'time' | 'meanRound'>,
  { stop }: Pick<Plan, 'stop'>,
): number {
  const byRounds = stop.after === undefined ? 0 : meanRound / stop.after;
  return Math.min(1, Math.max(byRounds, time / stop.at));
}

/** `round 3/30, 8 s left, 12,000 events/s, time 1.25 s`; `elapsed` is the wall-clock time so far in milliseconds. */
export function describe(
  progress: LiveProgress | undefined,
  plan: Pick<Plan, 'stop'>,
  elapsed: number,
): string {
  if (progress === undefined) return `setting up, ${formatSeconds(elapsed / 1000)}`;
  const share = doneShare(progress, plan);
  const rounds = plan.stop.after === undefined ? progress.round : `${progress.round}/${plan.stop.after}`;
  const rate = Math.round(progress.events / Math.max(elapsed / 1000, 1e-3)).toLocaleString('en');
  // Where next to nothing is done, nothing can be said.
  const left = share > 1e-3 ? `, ${formatSeconds((elapsed / 1000) * (1 / share - 1))} left` : '';
  const measuring = progress.isMeasuring ? ', measuring' : '';
  return `round ${rounds}${left}, ${rate} events/s, time ${formatDuration(progress.time)}${measuring}`;
}

/** `80 s`, `12 min`, `1.5 h`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** A name that fits beside a text into a line: its middle is left out. */
export function fitted(name: string, columns: number): string {
  if (width(name) <= columns) return name;
  const letters = [...name];
  const half = Math.max(1, Math.floor((columns - 1) / 2));
  return `${letters.slice(0, half).join('')}…${letters.slice(letters.length - half).join('')}`;
}

function progressOf({ kernel, rounds, constants, recorder }: World): LiveProgress {
  const counting = constants.counts.flatMap((counts, node) => (counts ? [rounds.of(node)] : []));
  return {
    time: kernel.now,
    round: rounds.least,
    events: kernel.executed,
    meanRound: counting.reduce((sum, round) => sum + round, 0) / Math.max(1, counting.length),
    isMeasuring: recorder.isDue,
  };
}

function lines(name: string, plan: Pick<Plan, 'stop'>): ProgressReport {
  return repeated(LINE_INTERVAL_MS, (world, elapsed) => {
    const text = describe(world && progressOf(world), plan, elapsed);
    console.error(`${fitted(name, COLUMNS - 2 - width(text))}: ${text}`);
  });
}

/** Columns that the bar and its percentage take. */
const BAR_COLUMNS = 20;

function bar(name: string, plan: Pick<Plan, 'stop'>): ProgressReport {
  const single = new SingleBar(
    {
      format: '{bar} {text}',
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: true,
      barsize: BAR_COLUMNS - 1,
    },
    Presets.rect,
  );
  single.start(1, 0, { text: name });
  const report = repeated(BAR_INTERVAL_MS, (world, elapsed) => {
    const progress = world && progressOf(world);
    const text = describe(progress, plan, elapsed);
    const room = (process.stderr.columns ?? COLUMNS) - BAR_COLUMNS - width(text) - 3;
    single.update(progress ? doneShare(progress, plan) : 0, { text: `${fitted(name, room)}: ${text}` });
  });
  return {
    ...report,
    stop() {
      report.stop();
      single.stop();
    },
  };
}

/** Shows a run again and again, with the milliseconds since the beginning. */
function repeated(
  interval: number,
  show: (world: World | undefined, elapsed: number) => void,
): ProgressReport {
  const start = performance.now();
  let watched: World | undefined;
  const timer = setInterval(() => show(watched, performance.now() - start), interval).unref();
  return {
    watch(world) {
      watched = world;
    },
    stop: () => clearInterval(timer),
  };
}
