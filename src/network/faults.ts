/**
 * Faults beside the load: hold nodes down and let go of them again, at listed times or at random.
 *
 * Several faults may hold one node down at once: it is down while at least one of them holds it (the union of their
 * intervals). The fault that takes it down decides what becomes of its running task. The network counts who holds whom;
 * a fault keeps no state beside its events in the kernel's queue.
 */
import type { EventKind, Kernel } from '../kernel/kernel.js';
import type { Streams } from '../random.js';
import { checkTime, type Nanoseconds } from '../units.js';
import type { Network } from './network.js';
import { checkNodes, type FaultOptions, type NetworkOptions, repeatedNode } from './options.js';

/** What the faults of a run act on. */
export interface FaultSetup {
  readonly faults: readonly FaultOptions[];
  /** Nodes that go down at random where a fault names none. */
  readonly learners: number;
  /** All nodes, roles included. */
  readonly nodes: number;
  readonly options: NetworkOptions;
  readonly kernel: Kernel;
  readonly streams: Streams;
  readonly network: Network;
}

type RandomNodeDown = Extract<FaultOptions, { use: 'random-node-down' }>;

/** Schedules and carries out the faults of a run. */
export class Faults {
  readonly #setup: FaultSetup;
  readonly #down: EventKind;
  readonly #up: EventKind;

  /**
   * Registers its event kinds. Throws UsageError where a fault names an unknown node, or where two faults take one
   * node down at random.
   */
  constructor(setup: FaultSetup) {
    checkNodes(setup.options, setup.faults, setup.nodes);
    checkRandomNodes(setup);
    this.#setup = setup;
    this.#down = setup.kernel.kind('node-down', (event) => this.#onDown(event.target, event.payload));
    this.#up = setup.kernel.kind('node-up', (event) => this.#onUp(event.target, event.payload));
  }

  /** Schedules the first event of every fault. To be called once, at the start of a run. */
  start(): void {
    for (const [index, fault] of this.#setup.faults.entries()) {
      if (fault.use === 'node-down') {
        this.#schedule(this.#down, fault.at, fault.node, index);
        continue;
      }
      for (const node of nodesOf(fault, this.#setup.learners)) {
        this.#schedule(this.#down, this.#after(node, fault.up), node, index);
      }
    }
  }

  #onDown(node: number, index: number): void {
    const fault = this.#setup.faults[index]!;
    if (fault.use === 'random-node-down') {
      this.#schedule(this.#up, this.#after(node, fault.down), node, index);
    } else if (fault.for !== undefined) {
      this.#schedule(this.#up, fault.at + fault.for, node, index);
    }
    this.#setup.network.hold(node, fault.task);
  }

  #onUp(node: number, index: number): void {
    const fault = this.#setup.faults[index]!;
    if (fault.use === 'random-node-down') {
      this.#schedule(this.#down, this.#after(node, fault.up), node, index);
    }
    this.#setup.network.release(node);
  }

  /** An exponentially distributed time from now, rounded up to the nanosecond; at least one, so that time goes on. */
  #after(node: number, mean: Nanoseconds): Nanoseconds {
    const { kernel, streams } = this.#setup;
    const delay = Math.ceil(streams.stream(`node ${node}/faults`).exponential(mean));
    return checkTime(
      kernel.now + Math.max(1, delay),
      'a random-node-down fault beyond it; lower its mean times',
    );
  }

  #schedule(kind: EventKind, time: Nanoseconds, node: number, index: number): void {
    this.#setup.kernel.schedule({ time, kind, target: node, payload: index });
  }
}

function nodesOf(fault: RandomNodeDown, learners: number): readonly number[] {
  return fault.nodes ?? Array.from({ length: learners }, (_, node) => node);
}

function checkRandomNodes(setup: FaultSetup): void {
  const seen = new Set<number>();
  for (const [index, fault] of setup.faults.entries()) {
    if (fault.use !== 'random-node-down') continue;
    for (const node of nodesOf(fault, setup.learners)) {
      if (seen.has(node)) throw repeatedNode(node, `faults.${index}.nodes`);
      seen.add(node);
    }
  }
}
