/** `mycel run`. */
import { EXIT, UsageError } from '../errors.js';
import { checkWritable, resultPath } from '../report/index.js';
import { formatJson } from '../report/json.js';
import { loadScenario, withPlace } from '../scenario/load.js';
import { type PlannedRun, planScenario } from '../scenario/plan.js';
import type { Execution } from '../simulation/plan.js';
import { carryOut, type RunOutcome } from './carry-out.js';
import { RunFailure } from './failure.js';
import { listenForInterrupts } from './interrupt.js';
import { type ProgressReport, progressReport, silent } from './progress.js';
import { report } from './report.js';
import { commandLine } from './shell.js';

/** Options of `mycel run` as commander gives them. */
export interface RunFlags {
  readonly seed?: readonly number[];
  readonly out: string;
  readonly backend?: Execution['backend'];
  readonly workers: number;
  readonly set: readonly string[];
  readonly quiet?: true;
  readonly json?: true;
  readonly trace?: true;
}

/** A run to execute, and the folder for its results. */
export interface RunRequest {
  readonly plan: PlannedRun;
  /** The folder for its results. */
  readonly folder: string;
}

/**
 * Runs every scenario, one run after another. Before the first run starts, all files are read and all folders are checked
 * to be writable. Returns the exit code; if a run throws, reports the finished runs and throws its error.
 */
export async function runCommand(files: readonly string[], flags: RunFlags): Promise<number> {
  const requests = await planRuns(files, flags);
  const interruption = listenForInterrupts();
  const finished: RunOutcome[] = [];
  try {
    for (const [index, request] of requests.entries()) {
      const run = await executeRun(request, {
        flags,
        signal: interruption.signal,
        place: `${index + 1}/${requests.length}`,
      });
      if (run === undefined) {
        console.error(`interrupted: ${finished.length} of ${requests.length} runs are finished`);
        return EXIT.interrupted;
      }
      finished.push(run);
      if (flags.json) console.log(formatJson({ results: run.folder, ...run.summary }));
    }
    return EXIT.ok;
  } finally {
    interruption.stop();
    if (finished.length > 0 && !flags.json && !flags.quiet) console.log(report(finished));
  }
}

async function planRuns(files: readonly string[], flags: RunFlags): Promise<RunRequest[]> {
  const set = [...flags.set, ...(flags.backend === undefined ? [] : [`backend=${flags.backend}`])];
  const requests: RunRequest[] = [];
  const mistakes: string[] = [];
  for (const file of files) {
    try {
      const scenario = await loadScenario(file, { set, ...(flags.seed && { seeds: flags.seed }) });
      for (const plan of planScenario(scenario)) requests.push({ plan, folder: folderOf(plan, flags) });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      mistakes.push(error.message);
    }
  }
  if (mistakes.length > 0) throw new UsageError('bad-scenario', [...new Set(mistakes)].join('\n'));
  const owners = new Map<string, string>();
  for (const { plan, folder } of requests) {
    const owner = owners.get(folder);
    if (owner !== undefined) {
      const message = `expected every run to have its own folder, but ${owner} and ${plan.file} both write to ${folder}: run them separately, with different --out`;
      throw new UsageError('same-results', message);
    }
    owners.set(folder, plan.file);
    checkWritable(folder);
  }
  return requests;
}

function folderOf({ file, seed, variant }: PlannedRun, { out }: RunFlags): string {
  return resultPath({ root: out, scenario: file, seed, variant: variant.name });
}

/** Executes a run; undefined if it was interrupted. */
async function executeRun(
  request: RunRequest,
  { flags, signal, place }: { flags: RunFlags; signal: AbortSignal; place: string },
): Promise<RunOutcome | undefined> {
  if (signal.aborted) return undefined;
  const { plan } = request;
  const execution: Execution = {
    backend: plan.backend,
    workers: flags.workers,
    signal,
    breathe: () => new Promise((resolve) => setImmediate(resolve)),
  };
  const name = [`[${place}]`, plan.file, plan.variant.name, `seed ${plan.seed}`].filter(Boolean).join(' ');
  const progress: ProgressReport = flags.quiet || flags.json ? silent : progressReport(name, plan);
  try {
    return await carryOut(request, { execution, progress, trace: flags.trace === true });
  } catch (error) {
    throw new RunFailure(withPlace(error, plan.variant), commandOf(plan, execution, flags));
  } finally {
    progress.stop();
  }
}

/** The command that repeats this run alone (and, with `compare`, the other variants with this seed). */
function commandOf({ file, seed }: PlannedRun, { backend, workers }: Execution, flags: RunFlags): string {
  const set = flags.set.flatMap((override) => ['--set', override]);
  return commandLine([
    'run',
    file,
    '--seed',
    String(seed),
    '--backend',
    backend,
    '--workers',
    String(workers),
    ...set,
  ]);
}
