/**
 * The queue of tasks that were submitted and are not yet needed. A task that step programs compute is handed to the
 * executor at once. The others wait until the kernel reaches an event whose task is not settled: then all of them run,
 * in groups, for they cannot depend on each other.
 */
import { asPluginError, assert, type Place, PluginError, UsageError } from '../errors.js';
import type { Gates, TaskId } from '../kernel/kernel.js';
import type { Bytes } from '../units.js';
import { type Executor, type GroupResult, type Job, runGroups, type TaskGroup } from './executor.js';
import { type ArrayHashes, assertUnchanged, hashArrays } from './frozen.js';
import { groupCost, type Splittable, splitIntoGroups } from './groups.js';
import { runsPrograms } from './machines.js';
import { checkPlain } from './plain-data.js';
import type { BackendName, TaskDefinition } from './task.js';

/**
 * Footprints up to which tasks are stacked: half of a usual second-level cache, where stacks are fastest. An operation of
 * TensorFlow costs some 20 µs whatever its size, so there a larger group pays.
 */
const GROUP_BYTES: Readonly<Record<BackendName, Bytes>> = {
  native: 1.5e6,
  wasm: 1.5e6,
  cpu: 1.5e6,
  tensorflow: 10e6,
};

/** How a queue is made. */
export interface ComputeQueueOptions {
  /** An executor that has been started. */
  readonly executor: Executor;
  /**
   * Footprint up to which tasks are stacked.
   * @defaultValue 1.5 MB; 10 MB on `tensorflow`
   */
  readonly groupBytes?: Bytes;
  /**
   * Hash the typed arrays of inputs and outputs, and assert that nobody changed them between hand-over and use.
   * @defaultValue false
   */
  readonly checkFrozen?: boolean;
}

/** Plain data from which a queue continues: pending inputs in order, and outputs that have not been taken yet. */
interface SavedQueue {
  readonly next: TaskId;
  readonly pending: ReadonlyArray<{
    readonly task: TaskId;
    readonly definition: string;
    readonly input: unknown;
  }>;
  readonly settled: ReadonlyArray<{
    readonly task: TaskId;
    readonly definition: string;
    readonly output: unknown;
  }>;
  readonly joined: ReadonlyArray<readonly [TaskId, readonly TaskId[]]>;
}

/** How the work was grouped. It depends on the number of threads, and `tasksPerWorker` on timing too. @public */
export interface ComputeStatistics {
  readonly tasks: number;
  readonly groups: number;
  /** 0 where nothing has run. */
  readonly meanGroupSize: number;
  /** By thread, that of the simulation first. */
  readonly tasksPerWorker: readonly number[];
}

interface PendingTask extends Splittable {
  readonly task: TaskId;
  /** Where it is with the executor already. */
  readonly job: Job | undefined;
  readonly definition: TaskDefinition;
  readonly input: unknown;
  /** Where frozen arrays are checked. */
  readonly hashes: ArrayHashes | undefined;
}

interface SettledTask {
  readonly task: TaskId;
  readonly definition: TaskDefinition;
  readonly output: unknown;
  /** Where frozen arrays are checked. */
  readonly hashes: ArrayHashes | undefined;
}

/** The tasks that the kernel's events wait for. Ids of tasks count up from 0. */
export class ComputeQueue implements Gates {
  readonly #executor: Executor;
  readonly #groupBytes: Bytes;
  readonly #checkFrozen: boolean;
  /** Whether there are step programs. */
  readonly #byProgram: boolean;
  readonly #pending = new Map<TaskId, PendingTask>();
  readonly #settled = new Map<TaskId, SettledTask>();
  readonly #joined = new Map<TaskId, readonly TaskId[]>();
  readonly #definitions = new Map<string, TaskDefinition>();
  #next: TaskId = 0;
  #settling = false;
  #tasks = 0;
  #groups = 0;
  readonly #tasksPerWorker: number[];

  constructor(options: ComputeQueueOptions) {
    this.#executor = options.executor;
    this.#groupBytes = options.groupBytes ?? GROUP_BYTES[options.executor.backend.name];
    this.#checkFrozen = options.checkFrozen ?? false;
    this.#tasksPerWorker = new Array<number>(Math.max(1, options.executor.workers)).fill(0);
    this.#byProgram = runsPrograms(options.executor.backend.name);
    assert(this.#groupBytes > 0, `groupBytes: expected a size above 0, got ${this.#groupBytes}`);
  }

  /**
   * Adds a task and returns its id. `input` is frozen from here on.
   *
   * @throws PluginError where the input is not plain data, or the definition gives an impossible cost or footprint;
   * UsageError `duplicate-task` where two definitions have one id.
   */
  submit<Input>(definition: TaskDefinition<Input, unknown>, input: Input): TaskId {
    assert(!this.#settling, 'no task is submitted while tasks run');
    const task = this.#next++;
    this.#add(task, definition as TaskDefinition, input);
    return task;
  }

  /**
   * An id for several tasks together: it is settled when all of them are, and each of them is taken by itself. Where
   * nobody waits for it any more it is left.
   */
  join(tasks: readonly TaskId[]): TaskId {
    const id = this.#next++;
    this.#joined.set(id, [...tasks]);
    return id;
  }

  /** Forgets an id of {@link join}; asserts that it is known. */
  leave(id: TaskId): void {
    assert(this.#joined.delete(id), `there are no tasks joined as #${id}`);
  }

  /** Whether the output is there. Asserts that the task is known: neither taken nor cancelled. */
  settled(task: TaskId): boolean {
    if (this.#settled.has(task)) return true;
    const joined = this.#joined.get(task);
    if (joined) return joined.every((one) => this.settled(one));
    const pending = this.#pending.get(task);
    assert(pending, `task #${task} was taken, cancelled or never submitted`);
    if (!pending.job) return false;
    this.#executor.collect();
    if (!pending.job.result) return false;
    this.#storeJob(pending, pending.job.result);
    return true;
  }

  /** Returns the output, which is frozen, and forgets the task. Asserts that it is settled. */
  take(task: TaskId): unknown {
    const settled = this.#settled.get(task);
    assert(settled, `task #${task} is not settled, or was taken before`);
    if (settled.hashes) assertUnchanged(settled.output, settled.hashes, `output of ${nameOf(settled)}`);
    this.#settled.delete(task);
    return settled.output;
  }

  /** Forgets a task; one that has not run yet will not run. Asserts that it was neither taken nor cancelled before. */
  cancel(task: TaskId): void {
    assert(!this.#settling, 'no task is cancelled while tasks run');
    const pending = this.#pending.get(task);
    if (pending?.job) this.#executor.drop(pending.job);
    const known = this.#pending.delete(task) || this.#settled.delete(task);
    assert(known, `task #${task} was taken, cancelled or never submitted`);
  }

  /**
   * Runs a task; with one that waits for a group, all that do.
   *
   * @throws the error of the first task that threw, in the order of groups and submission. A PluginError names the
   * task, or all tasks of a group that throws only as a whole.
   */
  async settle(task: TaskId): Promise<void> {
    assert(!this.#settling, 'settle was called while tasks run');
    this.#settling = true;
    try {
      for (const one of this.#joined.get(task) ?? [task]) {
        if (!this.settled(one)) await this.#settleOne(this.#pending.get(one)!);
      }
    } finally {
      this.#settling = false;
    }
  }

  async #settleOne(pending: PendingTask): Promise<void> {
    if (!pending.job) return this.#settleGroups();
    await this.#executor.finish(pending.job);
    this.#storeJob(pending, pending.job.result!);
  }

  async #settleGroups(): Promise<void> {
    const pending = [...this.#pending.values()].filter(({ job }) => !job);
    checkInputs(pending);
    const groups = splitIntoGroups(pending, {
      groupBytes: this.#groupBytes,
      workers: this.#executor.workers,
    });
    const results = await runGroups(this.#executor, groups.map(toTaskGroup));
    checkInputs(pending);
    for (const [i, result] of results.entries()) {
      if ('error' in result) throw await this.#blame(groups[i]!, result.error);
    }
    for (const [i, result] of results.entries()) this.#store(groups[i]!, result);
  }

  statistics(): ComputeStatistics {
    const meanGroupSize = this.#groups === 0 ? 0 : this.#tasks / this.#groups;
    return {
      tasks: this.#tasks,
      groups: this.#groups,
      meanGroupSize,
      tasksPerWorker: [...this.#tasksPerWorker],
    };
  }

  /** What {@link load} continues from. Runs no task. A definition is saved as its id. */
  save(): SavedQueue {
    assert(!this.#settling, 'a queue is saved while no task runs');
    const pending = [...this.#pending.values()].map(({ task, definition, input }) => ({
      task,
      definition: definition.id,
      input,
    }));
    const settled = [...this.#settled.values()]
      .sort((a, b) => a.task - b.task)
      .map(({ task, definition, output }) => ({ task, definition: definition.id, output }));
    return { next: this.#next, pending, settled, joined: [...this.#joined] };
  }

  /** Fills a new queue; `resolve` gives the definition with an id, and throws where there is none. */
  load(saved: SavedQueue, resolve: (id: string) => TaskDefinition<never, unknown>): void {
    assert(this.#next === 0, 'a saved queue is loaded into a new one');
    this.#next = saved.next;
    const find = (id: string): TaskDefinition => {
      const definition = resolve(id) as TaskDefinition;
      assert(definition.id === id, `expected the task definition "${id}", got "${definition.id}"`);
      return definition;
    };
    for (const { task, definition, input } of saved.pending) this.#add(task, find(definition), input);
    for (const { task, definition, output } of saved.settled) this.#settle(task, find(definition), output);
    for (const [id, tasks] of saved.joined) this.#joined.set(id, tasks);
  }

  #add(task: TaskId, definition: TaskDefinition, input: unknown): void {
    const known = this.#definitions.get(definition.id) ?? definition;
    if (known.module !== definition.module || known.export !== definition.export) {
      throw new UsageError(
        'duplicate-task',
        `expected one task definition with the id "${definition.id}", got ${known.module}#${known.export} and ${definition.module}#${definition.export}: rename one of them`,
      );
    }
    this.#definitions.set(definition.id, definition);
    checkPlain(input, `input of task "${definition.id}"`);
    const cost = checkSize(definition, 'flops', definition.flops(input));
    const hashes = this.#checkFrozen ? hashArrays(input) : undefined;
    const goes = this.#byProgram && definition.byProgram?.(input) === true;
    this.#pending.set(task, {
      task,
      definition,
      input,
      cost,
      hashes,
      key: goes ? definition.id : `${definition.id} ${definition.group(input)}`,
      footprint: goes ? 0 : checkSize(definition, 'footprint', definition.footprint(input)),
      job: goes ? this.#executor.begin({ definition, inputs: [input], cost }) : undefined,
    });
  }

  /** Of a task that is with the executor. */
  #storeJob(pending: PendingTask, result: GroupResult): void {
    checkInputs([pending]);
    if ('error' in result) throw asPluginError(placeOf([pending]), result.error);
    this.#store([pending], result);
  }

  #store(group: readonly PendingTask[], result: GroupResult): void {
    assert('outputs' in result, 'only outputs are stored');
    for (const [i, { task, definition }] of group.entries()) {
      this.#pending.delete(task);
      this.#settle(task, definition, result.outputs[i]);
    }
    this.#tasks += group.length;
    this.#groups++;
    this.#tasksPerWorker[result.worker]! += group.length;
  }

  #settle(task: TaskId, definition: TaskDefinition, output: unknown): void {
    this.#settled.set(task, {
      task,
      definition,
      output,
      hashes: this.#checkFrozen ? hashArrays(output) : undefined,
    });
  }

  /** Runs the members of a group one by one, to say which of them throws. */
  async #blame(group: readonly PendingTask[], thrown: Error): Promise<Error> {
    if (group.length > 1) {
      const results = await runGroups(
        this.#executor,
        group.map((member) => toTaskGroup([member])),
      );
      for (const [i, result] of results.entries()) {
        if ('error' in result) return asPluginError(placeOf(group.slice(i, i + 1)), result.error);
      }
    }
    return asPluginError(placeOf(group), thrown);
  }
}

function toTaskGroup(group: readonly PendingTask[]): TaskGroup {
  return {
    definition: group[0]!.definition,
    inputs: group.map(({ input }) => input),
    cost: groupCost(group),
  };
}

function checkInputs(pending: readonly PendingTask[]): void {
  for (const item of pending) {
    if (item.hashes) assertUnchanged(item.input, item.hashes, `input of ${nameOf(item)}`);
  }
}

function checkSize(definition: TaskDefinition, what: 'footprint' | 'flops', size: number): number {
  if (!(Number.isFinite(size) && size >= 0)) {
    throw new PluginError(
      `task "${definition.id}": ${what}(input): expected a finite number ≥ 0, got ${size}`,
    );
  }
  return size;
}

/** Names tasks and their module in the message of an error that they throw. */
function placeOf(group: readonly PendingTask[]): Place {
  const { id, module, export: name } = group[0]!.definition;
  const tasks = group.map(({ task }) => `#${task}`).join(', ');
  return () => `task${group.length === 1 ? '' : 's'} ${tasks} "${id}" (${module}#${name})`;
}

function nameOf({ task, definition }: { task: TaskId; definition: TaskDefinition }): string {
  return `task #${task} "${definition.id}"`;
}
