/**
 * The faults of a run: starts them and hands them their events.
 *
 * Several faults may hold one node down at once: it is down while at least one of them holds it (the union of their
 * intervals). The network counts the holds, and the pending events of a fault stand in the kernel's queue. What is left to be kept
 * for faults is here: barriers that are closed, what they know of links, and by how much nodes are slow.
 */
import { callPlugin, PluginError } from '../../errors.js';
import type { EventKind, Kernel, KernelEvent } from '../../kernel/kernel.js';
import type { Streams } from '../../random.js';
import { type BitsPerSecond, formatDuration } from '../../units.js';
import type { CapacityChange } from '../sharing/index.js';
import type {
  AnyFault,
  FaultActions,
  FaultAttempt,
  FaultLink,
  FaultPlanning,
  FaultSchedule,
  FaultScope,
  Slowness,
  TaskFate,
} from './fault.js';
import { LinkFaults, type LinkFaultsState } from './link-faults.js';
import type { ChosenFault } from './ready.js';
import { SlowNodes, type SlowNodesState } from './slow-nodes.js';

/** What faults do to nodes: the network's part in them. */
interface HeldNodes {
  hold(node: number, task: TaskFate): void;
  release(node: number): void;
  isUp(node: number): boolean;
  /** Cuts what is under way on links. */
  cutLinks(isCut: (link: FaultLink) => boolean): void;
  setCapacity(change: CapacityChange): void;
  setSharedCapacity(link: number, bandwidth: BitsPerSecond): void;
  /** From now on the links of a node have their bandwidth divided by `factor`. */
  slowLinks(node: number, factor: number): void;
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
  /** From now on a node takes `factor` times as long to compute. */
  readonly slowTasks: (node: number, factor: number) => void;
}

/** What is kept for faults, as plain data. */
interface FaultsState {
  readonly links: LinkFaultsState;
  readonly slow: SlowNodesState;
}

/** Payload of an event of a fault: which of the faults it is, with the event's own payload where there is one. */
type Payload = number | { readonly fault: number; readonly payload: unknown };

/** Schedules and carries out the faults of a run. */
export class Faults {
  readonly #parts: FaultParts;
  readonly #kinds = new Map<string, EventKind>();
  readonly #links: LinkFaults;
  readonly #slow = new SlowNodes();

  /** Registers the kinds of event of faults that are checked and ready. Throws PluginErrors. */
  constructor(parts: FaultParts) {
    this.#parts = parts;
    this.#links = new LinkFaults(parts);
    for (const { entry } of parts.faults) this.#register(entry);
  }

  /** Schedules the first events of every fault. To be called once, at the start of a run. */
  start(): void {
    for (const [index, { entry, options }] of this.#parts.faults.entries()) {
      callPlugin(`fault "${entry.id}"`, () => entry.start(options, this.#planning(index)));
    }
  }

  /** Whether nothing gets through a link now. */
  blocks(link: FaultLink): boolean {
    return this.#links.blocks(link);
  }

  /** Whether a fault loses an attempt that is being made. To be asked once for each. */
  loses(attempt: FaultAttempt): boolean {
    return this.#links.loses(attempt);
  }

  save(): FaultsState {
    return { links: this.#links.save(), slow: this.#slow.save() };
  }

  /** Goes on from what `save` returned for the same faults. Network and processors know themselves how slow nodes are. */
  load(saved: FaultsState): void {
    this.#links.load(saved.links);
    this.#slow.load(saved.slow);
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
      close: (barrier) => this.#parts.network.cutLinks(this.#links.close(fault, barrier)),
      open: (barrier) => this.#links.open(fault, barrier),
      setBandwidth: (node, link, bandwidth) => {
        this.#requireNode(node);
        this.#parts.network.setCapacity({ node, link, bandwidth });
      },
      setSharedBandwidth: (link, bandwidth) => this.#parts.network.setSharedCapacity(link, bandwidth),
      slow: (node, by) => {
        this.#requireNode(node);
        this.#slowed(node, this.#slow.slow(node, by));
      },
      restore: (node, by) => this.#slowed(node, this.#slow.restore(node, by)),
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

  #slowed(node: number, by: Slowness): void {
    this.#parts.slowTasks(node, by.compute);
    this.#parts.network.slowLinks(node, by.bandwidth);
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
