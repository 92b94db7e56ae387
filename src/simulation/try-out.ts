/** Whether a plan can begin: what a run does before its first event, without the run. */
import { createExecutor, workerThreads } from '../compute/executors.js';
import { ComputeQueue } from '../compute/queue.js';
import { Trace } from '../kernel/trace.js';
import type { LedgerArchive } from '../network/ledger.js';
import { type LoadData, loadConstants, loadDataset, modulesOf, type RunConstants } from './constants.js';
import { checkMemory, extentOf, extentOfPlan } from './memory.js';
import type { Execution, InnerExecution, Plan } from './plan.js';
import { World } from './world.js';

interface WithCells {
  readonly archive?: Pick<LedgerArchive, 'cells'>;
}

/** Checks that a run fits into the memory, and loads its constants. Throws UsageErrors and PluginErrors. */
export async function prepare(
  plan: Plan,
  execution: Pick<InnerExecution, 'backend' | 'workers' | 'memory' | 'journal'> & WithCells,
  load: LoadData = loadDataset,
): Promise<RunConstants> {
  const expected = extentOfPlan(plan);
  if (expected) checkMemory(expected, execution, execution.memory);
  const { journal } = execution;
  const constants = await loadConstants(
    plan,
    load,
    journal && ((stream, value) => journal.drawn(stream, value)),
  );
  checkMemory(extentOf(plan, constants, execution.archive?.cells), execution, execution.memory);
  return constants;
}

/** Makes everything that a run needs, as far as the first states of its nodes. Throws as {@link prepare}. */
export async function tryOut(
  plan: Plan,
  execution: Pick<Execution, 'backend' | 'workers' | 'memory'> & WithCells,
  load?: LoadData,
): Promise<void> {
  const constants = await prepare(plan, execution, load);
  const modules = modulesOf(constants, workerThreads(execution));
  // No task runs, so any backend will do.
  const executor = createExecutor({ backend: 'cpu', workers: 0, modules });
  try {
    await executor.start({});
    const queue = new ComputeQueue({ executor });
    new World({ plan, constants, queue, trace: new Trace() }).start();
  } finally {
    await executor.close();
  }
}

/** Loads data sets, and keeps the last one: runs of one file mostly have the same. */
export function lastDataset(): LoadData {
  let last: { readonly key: string; readonly loaded: ReturnType<LoadData> } | undefined;
  return (plan, streams) => {
    const { source, directory } = plan.data;
    const key = JSON.stringify([source.entry.id, source.options, directory, plan.nodes, plan.seed]);
    if (last?.key !== key) last = { key, loaded: loadDataset(plan, streams) };
    return last.loaded;
  };
}
