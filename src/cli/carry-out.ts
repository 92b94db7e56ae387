/** Executes one run, from its plan to its folder of results. */
import { UsageError } from '../errors.js';
import { TRAFFIC_COLUMNS } from '../network/traffic.js';
import { ResultDirectory } from '../report/index.js';
import { CELLS_IN_MEMORY } from '../simulation/memory.js';
import type { Execution, InnerExecution } from '../simulation/plan.js';
import type { Progress, Result } from '../simulation/result.js';
import { follow } from '../simulation/run.js';
import { Simulation } from '../simulation/simulation.js';
import { formatBytes, type Round } from '../units.js';
import {
  type Checkpoint,
  CheckpointClock,
  type CheckpointInterval,
  codeHash,
  type FoundCheckpoint,
  planHash,
} from './checkpoints.js';
import { availableMemory, mycelVersion } from './machine.js';
import { measuringCost } from './measuring-cost.js';
import { MemoryWatch } from './memory-watch.js';
import type { ProgressReport } from './progress.js';
import type { RunRequest } from './run.js';
import { runKey } from './run-key.js';
import { expectedSpans, spanFiles } from './spans.js';
import { type Summary, summaryOf } from './summary.js';

/**
 * A run whose results are in a folder: of an interrupted one (`result.stopped`), beside that of its request. Where it has
 * checkpoints, that folder is the unfinished run.
 */
export interface RunOutcome extends RunRequest {
  readonly result: Result;
  /** Content of summary.json. */
  readonly summary: Summary;
  /** Whether the run was interrupted and can be resumed. */
  readonly isResumable: boolean;
}

/** How a run is executed and reported. */
interface RunSettings {
  readonly execution: Execution;
  readonly progress: ProgressReport;
  /** Whether to write trace.ndjson. */
  readonly trace: boolean;
  /** Rounds of the log of spans: every k-th. Default: there is none. */
  readonly spans?: Round | undefined;
  /** Gets a sentence on what will take long, or much room. */
  readonly onCost?: (cost: string) => void;
  /** How often to write a checkpoint. Default: never. */
  readonly interval?: CheckpointInterval | undefined;
  /** Where to continue. Default: a new run. */
  readonly from?: Pick<FoundCheckpoint, 'checkpoint' | 'number'> | undefined;
  /** Default: of this process. */
  readonly watch?: MemoryWatch;
  /** Number of cells of the ledger from which on those that are over are laid aside. */
  readonly cells?: number;
  /** Called after each checkpoint. */
  readonly onCheckpoint?: () => void;
}

/** Header lines of metrics.csv and topology.csv. */
const METRIC_COLUMNS = ['time_ns', 'round', 'node', 'metric', 'value'] as const;
const TOPOLOGY_COLUMNS = ['time_ns', 'change', 'from', 'to', 'weight'] as const;

/** Header line of blocks.csv. */
const BLOCK_COLUMNS = ['events', 'time_ns', 'trace'] as const;

/** Milliseconds after which a run is worth threads of its own: starting them takes as long. */
const WORKERS_AFTER = 300;

const BEGINNING: Progress = { time: 0, round: 0, events: 0 };

/**
 * Runs a plan and writes its results. If the signal of `execution` is aborted, what was measured before is kept in a folder
 * of its own; with checkpoints, the run can be resumed. If it throws, nothing is kept but its last checkpoints.
 */
export async function carryOut(request: RunRequest, settings: RunSettings): Promise<RunOutcome> {
  const { progress, trace, spans, interval, from, cells = CELLS_IN_MEMORY, watch = memoryWatch() } = settings;
  const forks = from?.checkpoint.run.forks;
  const { plan } = request;
  // Before the run, whose modules and data are those of this moment.
  const key = forks && forks.length > 0 ? undefined : await runKey(plan, settings.execution);
  const directory = new ResultDirectory(request.folder, {
    resumable: interval !== undefined,
    ...(from && { from: from.checkpoint.files }),
  });
  const execution = watched(settings.execution, watch, () => directory.renewLock());
  const clock =
    interval &&
    new CheckpointClock(interval, { number: from?.number ?? 0, at: from?.checkpoint.at ?? BEGINNING });
  let simulation: Simulation | undefined;
  const started = performance.now();
  try {
    const events = trace ? directory.trace() : undefined;
    const full: InnerExecution = {
      ...execution,
      workersWhen: () => performance.now() - started > WORKERS_AFTER,
      memory: availableMemory(),
      archive: { store: directory.spool(), cells },
      ...(spans !== undefined && { spans: spanFiles(directory, spans) }),
      onWorld(world) {
        progress.watch(world);
        for (const cost of [measuringCost(world), spans && expectedSpans(world, spans)])
          if (cost) settings.onCost?.(cost);
      },
      ...(clock && { pause: (done, round) => clock.isDue(done, round) }),
      ...(events && { onEvent: ({ time, ...event }) => events.write({ time_ns: time, ...event }) }),
    };
    const made = from
      ? await Simulation.restore(plan, full, from.checkpoint.state)
      : await Simulation.create(plan, full);
    simulation = made;
    const metrics = directory.table('metrics.csv', METRIC_COLUMNS);
    const topology = directory.table('topology.csv', TOPOLOGY_COLUMNS);
    const save = (at: Progress): Checkpoint => {
      const { file, variant, resolved, backend } = plan;
      const scenario = resolved as Readonly<Record<string, unknown>>;
      return {
        mycel: mycelVersion(),
        code: codeHash(),
        plan: planHash(plan),
        run: {
          file,
          variant: variant.name,
          scenario,
          backend,
          trace,
          ...(spans !== undefined && { spans }),
          interval: interval!,
          ...(forks && { forks }),
        },
        at,
        files: directory.sync(),
        state: made.save(),
      };
    };
    await follow(made.run(), {
      samples(samples) {
        for (const { time, ...sample } of samples) metrics.write({ time_ns: time, ...sample });
      },
      topology(changes) {
        for (const { time, ...change } of changes) topology.write({ time_ns: time, ...change });
      },
      progress(at) {
        const isUrgent = execution.signal?.aborted === true;
        if (clock && !made.isOver && (clock.isDue(at.events, at.round) || isUrgent)) {
          directory.checkpoint(clock.next(at), save(at), isUrgent);
          settings.onCheckpoint?.();
        }
      },
    });
    const result = made.result();
    const summary = summaryOf(plan, result, { forks, spans, key });
    const isInterrupted = result.stopped === 'interrupted';
    if (isInterrupted && directory.isResumable) {
      if (watch.used !== undefined)
        throw outgrown(watch, result, `go on with: mycel resume ${request.folder}`);
      return { ...request, result, summary, isResumable: true };
    }
    writeTraffic(directory, result);
    const blocks = directory.table('blocks.csv', BLOCK_COLUMNS);
    for (const { time, ...block } of result.blocks) blocks.write({ time_ns: time, ...block });
    if (Object.keys(result.artifacts).length > 0) directory.artifacts(result.artifacts);
    directory.summary(summary);
    const folder = isInterrupted ? directory.commitInterrupted() : directory.commit();
    if (isInterrupted && watch.used !== undefined)
      throw outgrown(watch, result, `what was measured is kept in ${folder}`);
    return { ...request, folder, result, summary, isResumable: false };
  } finally {
    clock?.stop();
    // After a commit there is nothing left to abort.
    directory.abort();
    await simulation?.close();
  }
}

/**
 * Messages up to which an interrupted run writes traffic.csv: after two seconds, nobody waits for its results any more, and
 * summary.json has its sums.
 */
const SOON_WRITTEN = 50_000;

function writeTraffic(directory: ResultDirectory, { stopped, traffic, trafficRows }: Result): void {
  if (stopped === 'interrupted' && traffic.messages.sent > SOON_WRITTEN) return;
  const table = directory.table('traffic.csv', TRAFFIC_COLUMNS);
  for (const row of trafficRows()) table.write(row);
}

function memoryWatch(): MemoryWatch {
  return new MemoryWatch({
    limit: availableMemory(),
    used: () => process.memoryUsage.rss(),
    now: () => performance.now(),
  });
}

/** Milliseconds between two renewals of the lock. */
const RENEWAL = 10_000;

/** The same execution, which ends where the watch says so, and renews the lock. */
function watched(execution: Execution, watch: MemoryWatch, renewLock: () => void): Execution {
  const { signal, breathe } = execution;
  let renewed = performance.now();
  return {
    ...execution,
    signal: signal ? AbortSignal.any([signal, watch.signal]) : watch.signal,
    breathe: () => {
      watch.look();
      const now = performance.now();
      if (now - renewed > RENEWAL) {
        renewed = now;
        renewLock();
      }
      return breathe?.();
    },
  };
}

function outgrown({ used, limit }: MemoryWatch, { rounds }: Result, kept: string): UsageError {
  return new UsageError(
    'out-of-memory',
    `expected a run that stays within ${formatBytes(limit)} of memory, got one that had grown to ${formatBytes(used!)} in ` +
      `round ${rounds}, so it was stopped, and ${kept}: take fewer nodes, a smaller model or fewer samples; where nodes ` +
      'wait with a deadline, `algorithm.ahead` bounds what slow ones keep',
    'nodes',
  );
}
