/** Processors in virtual time: a node runs one task at a time, in order, and each takes its FLOPs ÷ the node's speed. */
import { assert } from '../errors.js';
import type { EventId, EventKind, Kernel, KernelEvent, TaskId } from '../kernel/kernel.js';
import type { Nanoseconds } from '../units.js';
import { taskDuration } from './profiles.js';
import type { TaskDefinition } from './task.js';

/** What processors need of the compute queue. */
interface TaskQueue {
  submit(definition: TaskDefinition<never, unknown>, input: unknown): TaskId;
  take(task: TaskId): unknown;
  cancel(task: TaskId): void;
}

/** A task that a node's processor has taken over, and what is left of it. Plain data. */
interface Computation {
  task: TaskId;
  /** The name under which the node gets the output. */
  name: string;
  /** Virtual time that is left to compute. */
  left: Nanoseconds;
  /** What it adds to the node's work once it is done. */
  work: Work;
}

/** What a node has computed: gradients, the samples that they were taken on, and floating-point operations. @public */
export interface Work {
  readonly steps: number;
  readonly samples: number;
  readonly flops: number;
}

const NO_WORK: Work = { steps: 0, samples: 0, flops: 0 };

/** One node's processor. Plain data. */
interface Processor {
  /** In order; the first one runs, unless the node is down. */
  computations: Computation[];
  /** The event that ends the first computation; null while none runs. */
  event: EventId | null;
  /** When the first computation started, or continued after a pause. */
  startedAt: Nanoseconds;
  /** Virtual time for which the processor was busy before `startedAt`. */
  busy: Nanoseconds;
  /** Of the tasks that it has finished. */
  work: Work;
  /** How many times as long as by its speed alone its tasks take now: 1, unless a fault makes it slow. */
  slowness: number;
}

/** The sum of both. */
export function sumOfWork(a: Work, b: Work): Work {
  return { steps: a.steps + b.steps, samples: a.samples + b.samples, flops: a.flops + b.flops };
}

/** All processors of a run. */
export class Processors {
  readonly #kernel: Kernel;
  readonly #queue: TaskQueue;
  readonly #speeds: Float64Array;
  readonly #computed: (node: number, name: string, output: unknown) => void;
  readonly #turned: ((node: number, isComputing: boolean) => void) | undefined;
  readonly #kind: EventKind;
  #processors: Processor[];

  constructor(parts: {
    kernel: Kernel;
    queue: TaskQueue;
    /** FLOPS of each node. */
    speeds: Float64Array;
    computed: (node: number, name: string, output: unknown) => void;
    /** A node begins or ends to compute a task. */
    turned?: ((node: number, isComputing: boolean) => void) | undefined;
  }) {
    this.#kernel = parts.kernel;
    this.#queue = parts.queue;
    this.#speeds = parts.speeds;
    this.#computed = parts.computed;
    this.#turned = parts.turned;
    this.#kind = parts.kernel.kind<TaskId>('computed', (event) => this.#complete(event));
    this.#processors = Array.from(parts.speeds, () => ({
      computations: [],
      event: null,
      startedAt: 0,
      busy: 0,
      work: NO_WORK,
      slowness: 1,
    }));
  }

  /** Queues a task on a node's processor; `computed` gets its output when its virtual time is over. */
  submit<Input>(node: number, definition: TaskDefinition<Input, unknown>, input: Input, name: string): void {
    const processor = this.#of(node);
    const task = this.#queue.submit(definition as TaskDefinition<never, unknown>, input);
    const flops = definition.flops(input);
    const left = Math.ceil(taskDuration(flops, this.#speeds[node]!) * processor.slowness);
    const work = { ...NO_WORK, ...definition.gradients?.(input), flops };
    processor.computations.push({ task, name, left, work });
    if (processor.computations.length === 1) this.#start(node);
  }

  /** Whether a task of this node is running, queued or paused. */
  isBusy(node: number): boolean {
    return this.#of(node).computations.length > 0;
  }

  /** Virtual time for which this node has computed so far. */
  busy(node: number): Nanoseconds {
    const { busy, event, startedAt } = this.#of(node);
    return event === null ? busy : busy + (this.#kernel.now - startedAt);
  }

  /** What this node has computed so far. A task that was lost is not in it. */
  work(node: number): Work {
    return this.#of(node).work;
  }

  /** The node went down: its tasks pause where they are, or are lost. */
  down(node: number, tasks: 'pause' | 'lose'): void {
    const processor = this.#of(node);
    if (processor.event !== null) {
      this.#interrupt(processor, processor.event);
      this.#turned?.(node, false);
    }
    if (tasks === 'pause') return;
    for (const { task } of processor.computations) this.#queue.cancel(task);
    processor.computations = [];
  }

  /** The node came up again: a paused task continues. */
  up(node: number): void {
    const processor = this.#of(node);
    if (processor.computations.length > 0 && processor.event === null) this.#start(node);
  }

  /**
   * From now on a node's tasks take `slowness` times as long as by its speed alone: what is left of those that it has is
   * stretched or shortened by as much, and rounded up to the nanosecond.
   */
  slow(node: number, slowness: number): void {
    const processor = this.#of(node);
    if (slowness === processor.slowness) return;
    const isRunning = processor.event !== null;
    if (isRunning) this.#interrupt(processor, processor.event!);
    for (const computation of processor.computations)
      computation.left = Math.ceil((computation.left * slowness) / processor.slowness);
    processor.slowness = slowness;
    if (isRunning) this.#run(node);
  }

  save(): Processor[] {
    return structuredClone(this.#processors);
  }

  load(saved: Processor[]): void {
    this.#processors = structuredClone(saved);
  }

  #of(node: number): Processor {
    const processor = this.#processors[node];
    assert(processor, `node ${node} has no processor`);
    return processor;
  }

  /** Stops the first computation where it is. */
  #interrupt(processor: Processor, event: EventId): void {
    this.#kernel.cancel(event);
    processor.event = null;
    const done = this.#kernel.now - processor.startedAt;
    processor.busy += done;
    processor.computations[0]!.left -= done;
  }

  #start(node: number): void {
    this.#turned?.(node, true);
    this.#run(node);
  }

  /** Schedules the end of the first computation. */
  #run(node: number): void {
    const processor = this.#of(node);
    const { task, left } = processor.computations[0]!;
    processor.startedAt = this.#kernel.now;
    const time = this.#kernel.now + left;
    processor.event = this.#kernel.schedule({
      time,
      kind: this.#kind,
      target: node,
      payload: task,
      gate: task,
    });
  }

  #complete(event: KernelEvent<TaskId>): void {
    const node = event.target;
    const processor = this.#of(node);
    const computation = processor.computations.shift();
    assert(computation?.task === event.payload, `node ${node} completed a task that it was not running`);
    processor.event = null;
    processor.busy += event.time - processor.startedAt;
    processor.work = sumOfWork(processor.work, computation.work);
    this.#turned?.(node, false);
    if (processor.computations.length > 0) this.#start(node);
    this.#computed(node, computation.name, this.#queue.take(computation.task));
  }
}
