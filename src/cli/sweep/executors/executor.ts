/** Who carries out the runs of a sweep. An executor gets keys only, and has `mycel sweep work` do each. */

/** What an executor is told. */
export interface Assignment {
  readonly keys: readonly string[];
  readonly store: string;
  /** Threads of each run. */
  readonly workers: number;
  /** Called when the work on a run has ended, in whatever way. */
  readonly ended: (key: string) => void;
  readonly signal: AbortSignal;
}

/** Carries out runs, in any order. Ends when all have been tried, or soon after the signal. May be called again. */
export type Executor = (assignment: Assignment) => Promise<void>;

/** Says something to who has started the sweep. */
export type Say = (text: string) => void;
