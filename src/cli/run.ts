/** `mycel run`. */
import { EXIT, shortened, UsageError } from '../errors.js';
import { checkWritable, resultPath } from '../report/index.js';
import { formatJson } from '../report/json.js';
import { loadScenario, withPlace } from '../scenario/load.js';
import { type PlannedRun, planScenario } from '../scenario/plan.js';
import type { Execution } from '../simulation/plan.js';
import { breather } from '../simulation/run.js';
import type { Round } from '../units.js';
import { carryOut, type RunOutcome } from './carry-out.js';
import type { CheckpointInterval } from './checkpoints.js';
import { differingPaths, leafAt, summaryIn } from './collect.js';
import { RunFailure } from './failure.js';
import { listenForInterrupts } from './interrupt.js';
import { scenarioPages } from './page.js';
import { type ProgressReport, progressReport, silent } from './progress.js';
import { type FinishedRun, report } from './report.js';
import { Shelf } from './shelf.js';
import { commandLine } from './shell.js';
import { writeScenarioTables } from './tables.js';
import { tryOutAll } from './try-out.js';

/** Options of `mycel run` as commander gives them. */
export interface RunFlags {
  readonly seed?: readonly number[];
  readonly out: string;
  readonly backend?: Execution['backend'];
  readonly workers: number;
  readonly set: readonly string[];
  readonly quiet?: true;
  readonly json?: true;
  readonly force?: true;
  readonly fresh?: true;
  readonly store: string;
  readonly tables: boolean;
  readonly report?: true;
  readonly timingOnly?: true;
  readonly trace?: true;
  readonly spans?: Round | true;
  readonly checkpoint?: CheckpointInterval;
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
  // A single run finds its mistakes itself.
  if (requests.length > 1)
    await tryOutAll(
      requests.map(({ plan }) => plan),
      flags,
    );
  const interruption = listenForInterrupts();
  const finished: FinishedRun[] = [];
  const shelf = new Shelf(flags);
  const pages: string[] = [];
  try {
    for (const [index, request] of requests.entries()) {
      const place = `${index + 1}/${requests.length}`;
      const known = flags.fresh ? undefined : await shelf.find(request);
      if (known) {
        finished.push(known);
        if (!flags.quiet && !flags.json)
          console.error(`${nameOf(request.plan, place)}: finished before; --fresh computes it again`);
        if (flags.json) console.log(formatJson({ results: known.folder, ...known.summary }));
        continue;
      }
      const run = await executeRun(request, { flags, signal: interruption.signal, place });
      if (run === undefined || run.result.stopped === 'interrupted') {
        const kept = run === undefined ? '' : `; ${keptText(run)}`;
        console.error(`interrupted: ${finished.length} of ${requests.length} runs are finished${kept}`);
        return EXIT.interrupted;
      }
      shelf.keep(run);
      finished.push({ ...run, note: run.result.backend.note });
      if (flags.json) console.log(formatJson({ results: run.folder, ...run.summary }));
    }
    if (flags.tables) writeScenarioTables(files, flags.out);
    if (flags.report) pages.push(...(await scenarioPages(files, flags.out)));
    return EXIT.ok;
  } finally {
    interruption.stop();
    if (finished.length > 0 && !flags.json && !flags.quiet)
      console.log([report(finished), ...pages].join('\n\n'));
  }
}

/** What remains of an interrupted run. */
export function keptText({ plan, result, folder, isResumable }: RunOutcome): string {
  if (isResumable) return `go on with: mycel resume ${folder}`;
  return `what ${plan.file} had measured in ${result.rounds} rounds is in ${folder}`;
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
  if (!flags.force) for (const { folder, plan } of requests) refuseOther(folder, plan);
  return requests;
}

/** Throws a UsageError if the folder has a result of another scenario, which would be lost. */
function refuseOther(folder: string, { resolved }: PlannedRun): void {
  const earlier = summaryIn(folder)?.scenario;
  if (earlier === undefined) return;
  // As it would stand in summary.json.
  const scenario = JSON.parse(formatJson(resolved)) as Readonly<Record<string, unknown>>;
  const paths = differingPaths([earlier, scenario]);
  if (paths.length === 0) return;
  const changes = paths
    .slice(0, 3)
    .map((path) => `${path} was ${shown(leafAt(earlier, path))} and is ${shown(leafAt(scenario, path))}`);
  const more = paths.length > changes.length ? `, and ${paths.length - changes.length} more` : '';
  throw new UsageError(
    'other-results',
    `cannot write ${folder}: it has the result of another scenario (${changes.join(', ')}${more}). Expected another --out, or --force to replace it`,
    folder,
  );
}

const shown = (value: unknown) => (value === undefined ? 'missing' : shortened(JSON.stringify(value)));

function folderOf({ file, seed, variant }: PlannedRun, { out }: RunFlags): string {
  return resultPath({ root: out, scenario: file, seed, variant: variant.name });
}

function nameOf({ file, variant, seed }: PlannedRun, place: string): string {
  return [`[${place}]`, file, variant.name, `seed ${seed}`].filter(Boolean).join(' ');
}

/** Executes a run; undefined if it was interrupted before it began. */
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
    breathe: breather(),
  };
  const name = nameOf(plan, place);
  const progress: ProgressReport = flags.quiet || flags.json ? silent : progressReport(name, plan);
  try {
    return await carryOut(request, {
      execution,
      progress,
      trace: flags.trace === true,
      spans: flags.spans === true ? 1 : flags.spans,
      onCost: (cost) => flags.quiet || console.error(`${name}: ${cost}`),
      interval: flags.checkpoint,
    });
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
