/** How many bytes a run will send: measured in its first rounds, which are run. */
import type { PlannedRun } from '../../scenario/plan.js';
import type { Execution } from '../../simulation/plan.js';
import { breather, runToEnd } from '../../simulation/run.js';
import type { Bytes, Nanoseconds, Round } from '../../units.js';

/** What the first rounds have sent, and what the whole run will send if later rounds are like them. */
export interface PredictedTraffic {
  /** Number of rounds that were run; 0 where that would have taken too long. */
  readonly roundsRun: Round;
  /** Bytes of each of these rounds, headers and lost messages included. */
  readonly bytesByRound: readonly Bytes[];
  /** Of the last of these rounds, by type of message. */
  readonly lastRound: ReadonlyArray<{
    readonly type: string;
    readonly messages: number;
    readonly bytes: Bytes;
  }>;
  /**
   * If all later rounds are like the one that sent least, and like the one that sent most. Undefined where no round was
   * run, or the scenario states no number of rounds.
   */
  readonly totalBytes: { readonly least: Bytes; readonly most: Bytes } | undefined;
  /** Virtual time of these rounds. */
  readonly time: Nanoseconds;
}

/** The first round may differ from the others, so two are run. */
const ROUNDS = 2;

/** Runs the first rounds without measuring anything else; gives up after a while. */
export async function predictTraffic(
  plan: PlannedRun,
  { backend, workers, patience }: Pick<Execution, 'backend' | 'workers'> & { readonly patience: Nanoseconds },
): Promise<PredictedTraffic> {
  const rounds = Math.min(ROUNDS, plan.stop.after ?? ROUNDS);
  const short = {
    ...plan,
    measure: { ...plan.measure, probes: [], target: undefined },
    stop: { ...plan.stop, after: rounds },
  };
  const none = { roundsRun: 0, bytesByRound: [], lastRound: [], totalBytes: undefined, time: 0 };
  if (patience <= 0) return none;
  const signal = AbortSignal.timeout(patience / 1e6);
  const { result } = await runToEnd(short, { backend, workers, signal, breathe: breather() });
  if (result.stopped === 'interrupted' || result.rounds < 1) return none;
  const bytesByRound = Array.from({ length: result.rounds }, () => 0);
  const last = new Map<string, { type: string; messages: number; bytes: Bytes }>();
  for (const row of result.trafficRows()) {
    if (row.round >= result.rounds) continue;
    bytesByRound[row.round]! += row.sent_bytes;
    if (row.round !== result.rounds - 1) continue;
    const known = last.get(row.type) ?? { type: row.type, messages: 0, bytes: 0 };
    known.messages += row.sent_messages;
    known.bytes += row.sent_bytes;
    last.set(row.type, known);
  }
  const ran = bytesByRound.reduce((sum, bytes) => sum + bytes, 0);
  const { after } = plan.stop;
  const total = (each: Bytes) => ran + ((after ?? 0) - result.rounds) * each;
  const ends = { least: total(Math.min(...bytesByRound)), most: total(Math.max(...bytesByRound)) };
  return {
    roundsRun: result.rounds,
    bytesByRound,
    lastRound: [...last.values()],
    totalBytes: after === undefined ? undefined : ends,
    time: result.time,
  };
}
