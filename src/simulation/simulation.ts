/**
 * The one place where everything is put together: a Plan in, samples and a Result out. `constants.ts` loads what never
 * changes, `world.ts` wires the parts, and this file runs them to an end.
 */
import type { Executor } from '../compute/executor.js';
import { createExecutor, workerThreads } from '../compute/executors.js';
import { createOutlineExecutor } from '../compute/outline-executor.js';
import { sumOfWork } from '../compute/processor.js';
import { ComputeQueue } from '../compute/queue.js';
import type { Dataset } from '../data/dataset.js';
import { assert, callPlugin } from '../errors.js';
import { Trace } from '../kernel/trace.js';
import { sharedMemory } from '../numeric/thread.js';
import { modulesOf, pathOf } from './constants.js';
import { paramsFingerprint } from './params.js';
import type { Execution, InnerExecution, Plan } from './plan.js';
import type { Result, RunUpdate, StopReason } from './result.js';
import { prepare } from './try-out.js';
import { measuredAt } from './view.js';
import { World, type WorldState } from './world.js';

/** A saved run: plain data for `v8.serialize`. @public */
export interface SimulationState {
  readonly world: WorldState;
  /** Whether the measurement at the end of the run has been requested. */
  readonly ended: boolean;
}

/** In place of the fingerprint of params, where nothing is learned. */
const NO_PARAMS = 'none';

/** One run of a plan. @public */
export class Simulation {
  readonly #world: World;
  readonly #executor: Executor;
  readonly #execution: Execution;
  /** Gives back what the data take in the memory of kernels. */
  #release: (() => void) | undefined;
  #ended = false;

  private constructor(world: World, executor: Executor, execution: Execution, release?: () => void) {
    this.#release = release;
    this.#world = world;
    this.#executor = executor;
    this.#execution = execution;
  }

  /** Loads the data and makes everything ready; nothing has happened yet. Throws UsageErrors. */
  static async create(plan: Plan, execution: Execution): Promise<Simulation> {
    return Simulation.#make(plan, execution, (world) => world.start());
  }

  /** Continues from a saved state of the same plan; bit by bit the same run on `cpu` and `wasm`. Throws UsageErrors. */
  static async restore(plan: Plan, execution: Execution, state: SimulationState): Promise<Simulation> {
    const simulation = await Simulation.#make(plan, execution, (world) => world.load(state.world));
    simulation.#ended = state.ended;
    return simulation;
  }

  static async #make(
    plan: Plan,
    execution: InnerExecution,
    begin: (world: World) => void,
  ): Promise<Simulation> {
    const { backend, workers, workersWhen, onlyWorkers, breathe, onEvent, journal, archive, spans } =
      execution;
    const loaded = await prepare(plan, execution);
    const { dataset, release } =
      backend === 'tensorflow' ? { dataset: loaded.dataset } : forKernels(loaded.dataset);
    const constants = { ...loaded, dataset };
    const modules = modulesOf(constants, workerThreads(execution));
    const executor = plan.timingOnly
      ? createOutlineExecutor(backend)
      : createExecutor({
          backend,
          workers,
          modules,
          ...(workersWhen && { workersWhen }),
          ...(onlyWorkers && { onlyWorkers }),
          ...(breathe && { breathe }),
        });
    try {
      await executor.start({ dataset: constants.dataset });
      const queue = new ComputeQueue({ executor, checkFrozen: execution.checkFrozen ?? false });
      const trace = new Trace({
        ...((onEvent || journal) && {
          event(record) {
            const { time, kind, target, priority } = record;
            const event = { time, kind, target, ...world.arrival(record) };
            onEvent?.(event);
            const attempt = kind === 'message-arrival' ? (record.payload as number) : undefined;
            journal?.event({ ...event, priority, ...(attempt !== undefined && { attempt }) });
          },
        }),
        ...(journal && { mixed: (what, value) => journal.mixed(what, value) }),
      });
      const world: World = new World({ plan, constants, queue, trace, archive, spans });
      begin(world);
      execution.onWorld?.(world);
      return new Simulation(world, executor, execution, release);
    } catch (error) {
      await executor.close();
      release?.();
      throw error;
    }
  }

  /**
   * Runs to the end. Yields samples and changes of the topology as they come, and progress with them. Ends early,
   * with `stopped: 'interrupted'`, where the execution's signal is aborted.
   */
  async *run(): AsyncGenerator<RunUpdate, void> {
    const world = this.#world;
    const { signal, breathe, pause } = this.#execution;
    const { kernel, rounds } = world;
    const isOver = () => world.samples.length > 0 || (world.stopReason !== null && !world.recorder.isDue);
    for (;;) {
      const end = await kernel.run({
        until: world.plan.stop.at,
        stop: pause
          ? () => isOver() || (world.stopReason === null && pause(kernel.executed, rounds.least))
          : isOver,
        ...(signal && { signal }),
        ...(breathe && { breathe }),
      });
      yield* this.#updates();
      if (end === 'aborted') world.stopReason = 'interrupted';
      if (end === 'idle') world.stopReason ??= this.#idleReason();
      if (end === 'until') world.stopReason ??= 'time';
      if (world.stopReason === 'interrupted') break;
      if (world.stopReason === null || world.recorder.isDue) continue;
      if (this.#ended) break;
      this.#ended = true;
      world.recorder.measureNow();
    }
    world.spans?.end(world.network.underWay());
    world.network.audit();
    callPlugin(`algorithm "${world.plan.algorithm.entry.id}", end of the run`, () => world.messages.audit());
  }

  /** Runs that many further events and pauses, for checkpoints. Returns true where the run has ended before. */
  async step(events: number): Promise<boolean> {
    const { kernel, plan } = this.#world;
    const goal = kernel.executed + events;
    const over = () => this.#world.stopReason !== null;
    const end = await kernel.run({ until: plan.stop.at, stop: () => kernel.executed >= goal || over() });
    return end !== 'stopped' || over();
  }

  /** Whether the run has come to its end; at most a last measurement is missing. */
  get isOver(): boolean {
    return this.#world.stopReason !== null;
  }

  /** Plain data from which `restore` continues. To be called while the run is paused: not inside a `for await`. */
  save(): SimulationState {
    return { world: this.#world.save(), ended: this.#ended };
  }

  /** The result of the run; asserts that it is over. */
  result(): Result {
    const { plan, constants, kernel, rounds, actors, ledger, recorder, queue, divergences, stopReason } =
      this.#world;
    assert(
      stopReason !== null,
      'expected a run that has ended, got a request for the result of one that has not',
    );
    const { target } = plan.measure;
    return {
      stopped: stopReason,
      measuredAt: plan.timingOnly ? '' : measuredAt(this.#world),
      explanation: stopReason === 'stalled' ? this.#explainStall() : undefined,
      time: kernel.now,
      rounds: rounds.least,
      events: kernel.executed,
      fingerprints: {
        trace: kernel.trace.fingerprint,
        params: plan.timingOnly
          ? NO_PARAMS
          : paramsFingerprint(constants.roles.map((_, node) => actors.evaluate(node))),
      },
      traffic: ledger.totals(),
      work: this.#work(),
      trafficRows: () => ledger.rows(),
      final: recorder.final,
      ...(plan.timingOnly ? { artifacts: {}, leftOut: {} } : actors.artifacts()),
      target: recorder.target && target !== undefined ? { accuracy: target, ...recorder.target } : undefined,
      diverged: divergences,
      notFinite: recorder.notFinite,
      blocks: kernel.trace.blocks,
      backend: this.#executor.backend,
      path: plan.timingOnly ? 'nothing' : pathOf(constants, this.#executor.backend.name),
      compute: queue.statistics(),
    };
  }

  /** Ends the workers. To be called in any case, after an error too. */
  async close(): Promise<void> {
    await this.#executor.close();
    this.#release?.();
    this.#release = undefined;
  }

  #work(): Result['work'] {
    const { constants, processors, plan } = this.#world;
    const learners = constants.shards.slice(0, plan.nodes);
    const work = learners.map((_, node) => processors.work(node)).reduce(sumOfWork);
    const rows = learners.reduce((sum, { train }) => sum + train.length, 0);
    return { ...work, passes: work.samples / rows };
  }

  *#updates(): Generator<RunUpdate> {
    const { samples, changes, kernel, rounds } = this.#world;
    this.#world.samples = [];
    this.#world.changes = [];
    if (changes.length > 0) yield { kind: 'topology', changes };
    if (samples.length > 0) yield { kind: 'samples', samples };
    const progress = { time: kernel.now, round: rounds.least, events: kernel.executed };
    yield { kind: 'progress', progress };
  }

  #idleReason(): StopReason {
    return this.#world.plan.stop.after === undefined ? 'idle' : 'stalled';
  }

  #explainStall(): string {
    const { rounds, constants, ledger, plan } = this.#world;
    const { least } = rounds;
    const behind = constants.roles.flatMap((_, node) =>
      constants.counts[node] && rounds.of(node) === least ? [node] : [],
    );
    const named = behind.slice(0, 8).join(', ') + (behind.length > 8 ? ', …' : '');
    const { dropped, cut } = ledger.totals().messages;
    return (
      `no event is pending, but round ${least} of ${plan.stop.after} is not over on node(s) ${named}; ` +
      `${dropped} messages were dropped and ${cut} cut`
    );
  }
}

/** The data set with its features in the memory of kernels, and not also outside. */
function forKernels(dataset: Dataset): { readonly dataset: Dataset; release(): void } {
  const { resident } = sharedMemory();
  const features = resident.move(dataset.features);
  const release = () => {
    resident.release(features);
    resident.clear();
  };
  return { dataset: { ...dataset, features }, release };
}
