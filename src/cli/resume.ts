/** `mycel resume`: goes on with runs that were not finished, from their last checkpoints. */
import { resolve } from 'node:path';
import { EXIT } from '../errors.js';
import { withPlace } from '../scenario/load.js';
import type { Execution } from '../simulation/plan.js';
import { breather } from '../simulation/run.js';
import { planAgain } from './again.js';
import { carryOut, type RunOutcome } from './carry-out.js';
import { checkPlan, findCheckpoint } from './checkpoints.js';
import { listenForInterrupts } from './interrupt.js';
import { progressReport, silent } from './progress.js';
import { type FinishedRun, report } from './report.js';
import { keptText } from './run.js';

/** Options of `mycel resume` as commander gives them. */
export interface ResumeFlags {
  readonly workers: number;
  readonly quiet?: true;
}

/** Continues every run to its end. Returns the exit code. */
export async function resumeCommand(folders: readonly string[], flags: ResumeFlags): Promise<number> {
  const interruption = listenForInterrupts();
  const finished: FinishedRun[] = [];
  try {
    for (const folder of folders) {
      const run = await resume(folder.replace(/(\.running)?\/?$/, ''), flags, interruption.signal);
      if (run.result.stopped === 'interrupted') {
        console.error(`interrupted: ${keptText(run)}`);
        return EXIT.interrupted;
      }
      finished.push({ ...run, note: run.result.backend.note });
    }
    return EXIT.ok;
  } finally {
    interruption.stop();
    if (finished.length > 0 && !flags.quiet) console.log(report(finished));
  }
}

async function resume(folder: string, flags: ResumeFlags, signal: AbortSignal): Promise<RunOutcome> {
  const { checkpoint, number, refused } = findCheckpoint(folder);
  const { run, at } = checkpoint;
  for (const line of refused) console.error(`${line}; going on from the checkpoint before it`);
  const plan = { ...(await planAgain(run)), backend: run.backend };
  checkPlan(checkpoint, plan);
  const execution: Execution = {
    backend: run.backend,
    workers: flags.workers,
    signal,
    breathe: breather(),
  };
  const name = `${resolve(folder)}, from round ${at.round}`;
  const progress = flags.quiet ? silent : progressReport(name, plan);
  try {
    return await carryOut(
      { plan, folder },
      {
        execution,
        progress,
        trace: run.trace,
        spans: run.spans,
        interval: run.interval,
        from: { checkpoint, number },
      },
    );
  } catch (error) {
    throw withPlace(error, plan.variant);
  } finally {
    progress.stop();
  }
}
