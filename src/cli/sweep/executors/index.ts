/** The executors of sweeps, as the command line names them. */
import { availableParallelism } from 'node:os';
import { UsageError } from '../../../errors.js';
import { bullmqExecutor } from './bullmq.js';
import type { Executor, Say } from './executor.js';
import { localExecutor } from './local.js';
import { slurmExecutor } from './slurm.js';

export const EXECUTORS = ['local', 'slurm', 'bullmq'] as const;

/** Options of `mycel sweep` that say who carries out its runs, as commander gives them. */
export interface ExecutorFlags {
  readonly executor: (typeof EXECUTORS)[number];
  readonly jobs?: number;
  readonly workers?: number;
  readonly slurm: readonly string[];
  readonly redis: string;
  readonly queue?: string;
}

/** Who carries out the runs of a sweep. */
interface Chosen {
  readonly executor: Executor;
  /** Threads of each run. */
  readonly workers: number;
  /** For people: where, or how many at a time. */
  readonly how: string;
}

/** Throws UsageError where an option belongs to another executor. */
export function chooseExecutor(flags: ExecutorFlags, say: Say): Chosen {
  checkPlaces(flags);
  const { executor, jobs, workers = 0, redis, queue, slurm: args } = flags;
  switch (executor) {
    case 'slurm': {
      const how = jobs === undefined ? 'by Slurm' : `by Slurm, ${jobs} at a time`;
      return { executor: slurmExecutor({ jobs, args, say }), workers, how };
    }
    case 'bullmq':
      return { executor: bullmqExecutor({ redis, queue, say }), workers, how: 'by workers of a queue' };
    case 'local':
      return local(flags);
  }
}

function local({ jobs = availableParallelism(), workers }: ExecutorFlags): Chosen {
  const left = Math.max(0, Math.floor(availableParallelism() / jobs) - 1);
  return { executor: localExecutor(jobs), workers: workers ?? left, how: `${jobs} at a time` };
}

function checkPlaces({ executor, slurm, queue, jobs }: ExecutorFlags): void {
  const refuse = (expected: string, got: string) => {
    throw new UsageError('bad-executor', `expected ${expected}, got ${got} with --executor ${executor}`);
  };
  if (executor !== 'slurm' && slurm.length > 0) refuse('--executor slurm', '--slurm');
  if (executor !== 'bullmq' && queue !== undefined) refuse('--executor bullmq', '--queue');
  if (executor === 'bullmq' && jobs !== undefined)
    refuse('--jobs of each `mycel sweep worker`, which says how many runs that one does at a time', '--jobs');
}
