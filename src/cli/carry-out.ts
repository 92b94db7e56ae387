/** Executes one run, from its plan to its folder of results. */

import { TRAFFIC_COLUMNS, type TrafficRow } from '../network/traffic.js';
import { ResultDirectory, type Row } from '../report/index.js';
import type { Execution } from '../simulation/plan.js';
import type { Result, TopologyChange } from '../simulation/result.js';
import { follow } from '../simulation/run.js';
import { Simulation } from '../simulation/simulation.js';
import { availableMemory } from './machine.js';
import type { ProgressReport } from './progress.js';
import type { RunRequest } from './run.js';
import { summaryOf } from './summary.js';

/** A run whose results are in its folder. */
export interface RunOutcome extends RunRequest {
  readonly result: Result;
  /** Content of summary.json. */
  readonly summary: Readonly<Record<string, unknown>>;
}

/** How a run is executed and reported. */
interface RunSettings {
  readonly execution: Execution;
  readonly progress: ProgressReport;
  /** Whether to write trace.ndjson. */
  readonly trace: boolean;
}

/** Header line of topology.csv. */
const TOPOLOGY_COLUMNS = ['time_ns', 'change', 'from', 'to', 'weight'] as const;

/**
 * Runs a plan and writes its results. Returns undefined, and leaves no files, if the signal of `execution` was aborted.
 * The files have partial names until the run is over, and are removed if it throws.
 */
export async function carryOut(
  request: RunRequest,
  { execution, progress, trace }: RunSettings,
): Promise<RunOutcome | undefined> {
  const directory = new ResultDirectory(request.folder);
  let simulation: Simulation | undefined;
  try {
    const events = trace ? directory.trace() : undefined;
    simulation = await Simulation.create(request.plan, {
      ...execution,
      memory: availableMemory(),
      ...(events && { onEvent: ({ time, ...event }) => events.write({ time_ns: time, ...event }) }),
    });
    const metrics = directory.metrics();
    const changes: TopologyChange[] = [];
    await follow(simulation.run(), {
      samples(samples) {
        for (const sample of samples) metrics.write(sample);
      },
      topology: (more) => void changes.push(...more),
      progress: (where) => progress.update(where),
    });
    const result = simulation.result();
    if (result.stopped === 'aborted') return undefined;
    directory.table(
      'topology.csv',
      TOPOLOGY_COLUMNS,
      changes.map(({ time, ...rest }) => ({ time_ns: time, ...rest })),
    );
    directory.table('traffic.csv', TRAFFIC_COLUMNS, result.trafficRows() as Iterable<Row<keyof TrafficRow>>);
    if (Object.keys(result.artifacts).length > 0) directory.artifacts(result.artifacts);
    const summary = summaryOf(request.plan, result);
    directory.summary(summary);
    directory.commit();
    return { ...request, result, summary };
  } finally {
    // After a commit there is nothing left to abort.
    directory.abort();
    await simulation?.close();
  }
}
