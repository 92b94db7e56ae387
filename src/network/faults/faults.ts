/**
 * The faults of a run: starts them and hands them their events.
 *
 * Several faults may hold one node down at once: it is down while at least one of them holds it (the union of their
 * intervals). The network counts the holds; a fault keeps no state, and its pending events stand in the kernel's queue.
 */
import { asPluginError, callPlugin, PluginError, UsageError } from '../../errors.js';
import type { EventKind, Kernel, KernelEvent } from '../../kernel/kernel.js';
import type { Chosen } from '../../options/index.js';
import type { Streams } from '../../random.js';
import { formatDuration } from '../../units.js';
import type { AnyFault, FaultActions, FaultPlanning, FaultSchedule, FaultScope, TaskFate } from './fault.js';

/** A fault of a scenario with its options. */
type ChosenFault = Chosen<AnyFault>;

/** What faults do to nodes: the network's part in them. */
interface HeldNodes {
  hold(node: number, task: TaskFate): void;
  release(node: number): void;
  isUp(node: number): boolean;
}

/** What faults do to the lists of neighbours: the topology's part in them. */
interface Members {
  exclude(node: number, until: 'until it joins' | 'for good'): void;
  /** Whether the node may come in now. */
  admit(node: number): boolean;
}

/** What the faults of a run act on. */
interface FaultParts extends FaultScope {
  /** Default: there are no lists of neighbours. */
  readonly members?: Members;
  readonly faults: readonly ChosenFault[];
  /** All other kinds of event must be registered with it already. */
  readonly kernel: Kernel;
  readonly streams: Streams;
  readonly network: HeldNodes;
}

/** Payload of an event of a fault: which of the faults it is, with the event's own payload where there is one. */
type Payload = number | { readonly fault: number; readonly payload: unknown };

/** Refuses faults that do not fit the run. Throws a UsageError with the place of the option, `faults.0.node`. */
export function checkFaults(faults: readonly ChosenFault[], { nodes, learners }: FaultScope): void {
  for (const [i, { entry, options }] of faults.entries()) {
    const earlier = faults.slice(0, i).filter((other) => other.entry === entry);
    try {
      entry.check?.(
        options,
        { nodes, learners },
        earlier.map((other) => other.options),
      );
    } catch (error) {
      if (!(error instanceof UsageError)) throw asPluginError(`fault "${entry.id}"`, error);
      const path = ['faults', i, error.path].filter((step) => step !== '').join('.');
      throw new UsageError(error.code, error.message, path);
    }
  }
}

/** Schedules and carries out the faults of a run. */
export class Faults {
  readonly #parts: FaultParts;
  readonly #kinds = new Map<string, EventKind>();

  /** Registers the faults' kinds of event. Throws what {@link checkFaults} throws, and PluginErrors. */
  constructor(parts: FaultParts) {
    checkFaults(parts.faults, parts);
    this.#parts = parts;
    for (const { entry } of parts.faults) this.#register(entry);
  }

  /** Schedules the first events of every fault. To be called once, at the start of a run. */
  start(): void {
    for (const [index, { entry, options }] of this.#parts.faults.entries()) {
      callPlugin(`fault "${entry.id}"`, () => entry.start(options, this.#planning(index)));
    }
  }

  #register(entry: AnyFault): void {
    const { kernel } = this.#parts;
    if (typeof entry.on !== 'object' || entry.on === null) {
      throw new PluginError(
        `fault "${entry.id}": expected \`on\` to be an object with one handler for each of its events, got ${String(entry.on)}`,
      );
    }
    for (const name of Object.keys(entry.on)) {
      if (this.#kinds.has(name)) continue;
      if (kernel.hasKind(name)) {
        throw new PluginError(
          `fault "${entry.id}": expected a name that the simulation does not use for its own events, got "${name}"; rename the event`,
        );
      }
      this.#kinds.set(
        name,
        kernel.kind<Payload>(name, (event) => this.#happen(name, event)),
      );
    }
  }

  #happen(name: string, { time, target, payload }: KernelEvent<Payload>): void {
    const own = typeof payload === 'number' ? { fault: payload, payload: undefined } : payload;
    const { entry, options } = this.#parts.faults[own.fault]!;
    callPlugin(
      () => `fault "${entry.id}", ${name} of ${target}, at ${formatDuration(time)} (${time} ns)`,
      () => entry.on[name]!({ time, target, payload: own.payload }, options, this.#actions(own.fault)),
    );
  }

  #planning(fault: number): FaultPlanning {
    const { kernel, streams, nodes, learners } = this.#parts;
    return {
      now: kernel.now,
      nodes,
      learners,
      schedule: (event) => this.#schedule(fault, event),
      random: (owner, name) => streams.stream(`${owner}/faults${name === undefined ? '' : `/${name}`}`),
    };
  }

  #actions(fault: number): FaultActions {
    return {
      ...this.#planning(fault),
      hold: (node, task) => {
        this.#requireNode(node);
        this.#parts.network.hold(node, task);
      },
      release: (node) => {
        this.#requireNode(node);
        if (this.#parts.network.isUp(node))
          throw new PluginError(
            `expected release of a node that a fault holds, got node ${node}, which is up`,
          );
        this.#parts.network.release(node);
      },
      exclude: (node, until) => {
        this.#requireNode(node);
        this.#parts.members?.exclude(node, until);
        this.#parts.network.hold(node, 'lose');
      },
      admit: (node) => {
        this.#requireNode(node);
        if (this.#parts.members?.admit(node) ?? true) this.#parts.network.release(node);
      },
    };
  }

  #schedule(fault: number, { event, time, target, payload }: FaultSchedule): void {
    const { faults, kernel } = this.#parts;
    const { entry } = faults[fault]!;
    if (!Object.hasOwn(entry.on, event)) {
      throw new PluginError(
        `expected schedule to name one of its events (${Object.keys(entry.on).join(', ')}), got "${event}"`,
      );
    }
    if (!(time >= kernel.now && Math.floor(time) === time)) {
      throw new PluginError(
        `expected whole nanoseconds of at least ${kernel.now}, which is now, as the time of "${event}", got ${time}`,
      );
    }
    if (target !== (target | 0)) {
      throw new PluginError(
        `expected a 32-bit integer, such as the number of a node, as the target of "${event}", got ${target}`,
      );
    }
    kernel.schedule({
      time,
      kind: this.#kinds.get(event)!,
      target,
      payload: payload === undefined ? fault : { fault, payload },
    });
  }

  #requireNode(node: number): void {
    const { nodes } = this.#parts;
    if (Number.isInteger(node) && node >= 0 && node < nodes) return;
    throw new PluginError(`expected a node from 0 to ${nodes - 1}, got ${node}`);
  }
}
