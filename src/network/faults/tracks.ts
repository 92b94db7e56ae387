/** Bandwidths that change at stated times: what faults that follow a trace of bandwidths have in common. */
import { UsageError } from '../../errors.js';
import type { BitsPerSecond, Nanoseconds } from '../../units.js';
import type { EarlierFault, FaultActions, FaultEntry, FaultPlanning } from './fault.js';

/** From `time` on, that bandwidth. */
export interface Step {
  readonly time: Nanoseconds;
  readonly bandwidth: BitsPerSecond;
}

/** The uplinks or downlinks of some nodes, or some of the links that nodes share. */
export interface Track {
  /** Numbers of nodes, or of shared links. */
  readonly targets: readonly number[];
  readonly link: 'uplink' | 'downlink' | 'shared';
  /** In order; the first one is at 0. */
  readonly steps: readonly Step[];
  /** When the first step comes again; undefined where the last one holds for good. */
  readonly period: Nanoseconds | undefined;
  /** File, and line where it has the targets: `links.csv:2`. */
  readonly source: string;
}

/** What a fault that follows tracks has prepared. */
export class Tracks {
  readonly tracks: readonly Track[];

  constructor(tracks: readonly Track[]) {
    this.tracks = tracks;
  }
}

/** Which step of which track an event is, and when the present period has begun. Plain data. */
interface Payload {
  readonly track: number;
  readonly step: number;
  readonly begin: Nanoseconds;
}

type Handlers = Pick<FaultEntry<unknown, Tracks>, 'losesNothing' | 'start' | 'on'>;

/** Handlers of a fault that follows tracks; `event` is the name of its events. */
export function followTracks(event: string): Handlers {
  const plan = (target: number, payload: Payload, planning: FaultPlanning, after: Nanoseconds = 0): void => {
    const time = payload.begin + after;
    if (time <= Number.MAX_SAFE_INTEGER) planning.schedule({ event, time, target, payload });
  };
  return {
    losesNothing: true,
    start({ tracks }, planning) {
      for (const [track, { targets }] of tracks.entries())
        for (const target of targets) plan(target, { track, step: 0, begin: 0 }, planning);
    },
    on: {
      [event]({ target, payload }, { tracks }, actions) {
        const { track, step, begin } = payload as Payload;
        const { link, steps, period } = tracks[track]!;
        if (step + 1 < steps.length)
          plan(target, { track, step: step + 1, begin }, actions, steps[step + 1]!.time);
        else if (period !== undefined && steps.length > 1)
          plan(target, { track, step: 0, begin: begin + period }, actions);
        set(target, link, steps[step]!.bandwidth, actions);
      },
    },
  };
}

function set(target: number, link: Track['link'], bandwidth: BitsPerSecond, actions: FaultActions): void {
  if (link === 'shared') actions.setSharedBandwidth(target, bandwidth);
  else actions.setBandwidth(target, link, bandwidth);
}

/** The source of the track that a link follows already, with the place of its fault; undefined where it follows none. */
export function followedBy(
  target: number,
  link: Track['link'],
  earlier: readonly EarlierFault[],
): string | undefined {
  for (const { path, prepared } of earlier) {
    if (!(prepared instanceof Tracks)) continue;
    const found = prepared.tracks.find((track) => track.link === link && track.targets.includes(target));
    if (found !== undefined) return `${found.source} of ${path}`;
  }
  return undefined;
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
