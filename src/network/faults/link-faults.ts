/** What faults do to links: barriers that are closed, and attempts that they lose. */
import { callPlugin, expectPlugin, PluginError } from '../../errors.js';
import type { Streams } from '../../random.js';
import type { FaultAttempt, FaultLink, FaultMemory } from './fault.js';
import type { ChosenFault } from './ready.js';

/** What faults have done to links, as plain data. */
export interface LinkFaultsState {
  /** Closed barriers: the fault and its own number for it, as often as it has closed it. */
  readonly barriers: readonly (readonly [fault: number, barrier: number])[];
  /** What faults know of links: the fault, from · nodes + to, and that. */
  readonly memories: readonly (readonly [fault: number, link: number, state: unknown])[];
}

/** The links of a run, as far as faults disturb them. */
export class LinkFaults {
  readonly #faults: readonly ChosenFault[];
  readonly #nodes: number;
  readonly #streams: Streams;
  /** By fault, what its streams are called: those of one kind are numbered from the second one on. */
  readonly #names: readonly string[];
  /** By fault and link; undefined where the fault loses nothing. */
  readonly #memories: readonly (Map<number, FaultMemory> | undefined)[];
  #barriers: (readonly [fault: number, barrier: number])[] = [];

  constructor(parts: { faults: readonly ChosenFault[]; nodes: number; streams: Streams }) {
    const { faults } = parts;
    this.#faults = faults;
    this.#nodes = parts.nodes;
    this.#streams = parts.streams;
    this.#names = faults.map(({ entry: { id } }, i) => {
      const earlier = faults.slice(0, i).filter(({ entry }) => entry.id === id).length;
      return earlier === 0 ? id : `${id} ${earlier + 1}`;
    });
    this.#memories = faults.map(({ entry }) => (entry.loses === undefined ? undefined : new Map()));
  }

  /** Whether nothing gets through a link now. */
  blocks(link: FaultLink): boolean {
    return this.#barriers.some(([fault, barrier]) => this.#leadsThrough(link, fault, barrier));
  }

  /** Whether a fault loses an attempt that is being made. All are asked, so that none changes the draws of another. */
  loses(attempt: FaultAttempt): boolean {
    let isLost = false;
    for (const [fault, memories] of this.#memories.entries()) {
      if (memories === undefined) continue;
      const { entry, options } = this.#faults[fault]!;
      const memory = this.#memory(fault, attempt);
      const loses = callPlugin(
        () => `fault "${entry.id}"`,
        () => entry.loses!(options, attempt, memory),
      );
      isLost = loses || isLost;
    }
    return isLost;
  }

  /** Closes a barrier. Returns which links it blocks. */
  close(fault: number, barrier: number): (link: FaultLink) => boolean {
    const { entry } = this.#faults[fault]!;
    expectPlugin(entry.blocks, `fault "${entry.id}"`, '`blocks` of a fault that closes a barrier, got none');
    this.#barriers.push([fault, barrier]);
    return (link) => this.#leadsThrough(link, fault, barrier);
  }

  open(fault: number, barrier: number): void {
    const place = this.#barriers.findIndex((one) => one[0] === fault && one[1] === barrier);
    if (place < 0)
      throw new PluginError(`expected open of a barrier that this fault has closed, got ${barrier}`);
    this.#barriers.splice(place, 1);
  }

  save(): LinkFaultsState {
    const memories = this.#memories.flatMap((links, fault) =>
      [...(links ?? [])].map(([link, { state }]) => [fault, link, structuredClone(state)] as const),
    );
    return { barriers: [...this.#barriers], memories };
  }

  load({ barriers, memories }: LinkFaultsState): void {
    this.#barriers = [...barriers];
    for (const links of this.#memories) links?.clear();
    for (const [fault, link, state] of memories) {
      const ends = { from: Math.floor(link / this.#nodes), to: link % this.#nodes };
      this.#memory(fault, ends).state = structuredClone(state);
    }
  }

  #leadsThrough(link: FaultLink, fault: number, barrier: number): boolean {
    const { entry, options } = this.#faults[fault]!;
    return callPlugin(
      () => `fault "${entry.id}"`,
      () => entry.blocks!(options, link, barrier),
    );
  }

  #memory(fault: number, { from, to }: FaultLink): FaultMemory {
    const links = this.#memories[fault]!;
    const link = from * this.#nodes + to;
    let memory = links.get(link);
    if (memory === undefined) {
      const name = `link ${from}>${to}/faults/${this.#names[fault]}`;
      const random = (own?: string) => this.#streams.stream(own === undefined ? name : `${name}/${own}`);
      memory = { random, state: undefined };
      links.set(link, memory);
    }
    return memory;
  }
}
