/** Bandwidths that change at stated times: what faults that follow a trace of bandwidths have in common. */
import { UsageError } from '../../errors.js';
import type { BitsPerSecond, Nanoseconds } from '../../units.js';
import type { FaultEntry, FaultPlanning } from './fault.js';

/** From `time` on, that bandwidth. */
export interface Step {
  readonly time: Nanoseconds;
  readonly bandwidth: BitsPerSecond;
}

/** One link of some nodes. */
export interface Track {
  readonly nodes: readonly number[];
  readonly link: 'uplink' | 'downlink';
  /** In order; the first one is at 0. */
  readonly steps: readonly Step[];
  /** When the first step comes again; undefined where the last one holds for good. */
  readonly period: Nanoseconds | undefined;
}

/** What a fault that follows tracks has prepared. */
export interface Tracks {
  readonly tracks: readonly Track[];
}

/** Which step of which track an event is, and when the present period has begun. Plain data. */
interface Payload {
  readonly track: number;
  readonly step: number;
  readonly begin: Nanoseconds;
}

/** Handlers of a fault that follows tracks. */
export const followTracks: Pick<FaultEntry<unknown, Tracks>, 'losesNothing' | 'start' | 'on'> = {
  losesNothing: true,
  start({ tracks }, planning) {
    for (const [track, { nodes }] of tracks.entries())
      for (const target of nodes) plan(target, { track, step: 0, begin: 0 }, planning);
  },
  on: {
    bandwidth({ target, payload }, { tracks }, actions) {
      const { track, step, begin } = payload as Payload;
      const { link, steps, period } = tracks[track]!;
      if (step + 1 < steps.length)
        plan(target, { track, step: step + 1, begin }, actions, steps[step + 1]!.time);
      else if (period !== undefined && steps.length > 1)
        plan(target, { track, step: 0, begin: begin + period }, actions);
      actions.setBandwidth(target, link, steps[step]!.bandwidth);
    },
  },
};

function plan(target: number, payload: Payload, planning: FaultPlanning, after: Nanoseconds = 0): void {
  const time = payload.begin + after;
  if (time <= Number.MAX_SAFE_INTEGER) planning.schedule({ event: 'bandwidth', time, target, payload });
}

/** Steps without those that change nothing. */
export function withoutRepeats(steps: readonly Step[]): readonly Step[] {
  return steps.filter(({ bandwidth }, k) => k === 0 || bandwidth !== steps[k - 1]!.bandwidth);
}

/** Refuses a trace that repeats after a time that does not contain it. */
export function requirePeriod(after: 'repeat' | 'stop', period: Nanoseconds | undefined): void {
  if ((after === 'repeat') === (period !== undefined)) return;
  const expected =
    after === 'repeat'
      ? 'expected a period after which the trace repeats, got none'
      : 'expected no period, since the trace does not repeat';
  throw new UsageError('period', expected, 'period');
}
