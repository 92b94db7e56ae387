/** Which nodes faults have made slow, and by how much: the factors of several faults multiply. */
import { PluginError } from '../../errors.js';
import type { Slowness } from './fault.js';

/** Factors by node, in the order in which they came, as plain data. */
export type SlowNodesState = readonly (readonly [node: number, by: readonly Slowness[]])[];

/** The factors by which nodes are slow. */
export class SlowNodes {
  readonly #factors = new Map<number, readonly Slowness[]>();

  /** Makes a node slower. Returns by how much it is slow now. */
  slow(node: number, by: Slowness): Slowness {
    for (const factor of [by.compute, by.bandwidth]) {
      if (!(factor > 0 && factor < Number.POSITIVE_INFINITY))
        throw new PluginError(`expected factors above 0 for node ${node}, got ${factor}`);
    }
    this.#factors.set(node, [...this.#of(node), { compute: by.compute, bandwidth: by.bandwidth }]);
    return this.#product(node);
  }

  /** Takes back a `slow` with these factors. Returns by how much the node is slow now. */
  restore(node: number, { compute, bandwidth }: Slowness): Slowness {
    const factors = this.#of(node);
    const place = factors.findIndex((one) => one.compute === compute && one.bandwidth === bandwidth);
    if (place < 0)
      throw new PluginError(`expected restore of what makes node ${node} slow, got other factors`);
    if (factors.length === 1) this.#factors.delete(node);
    else
      this.#factors.set(
        node,
        factors.filter((_, k) => k !== place),
      );
    return this.#product(node);
  }

  save(): SlowNodesState {
    return [...this.#factors];
  }

  load(saved: SlowNodesState): void {
    this.#factors.clear();
    for (const [node, factors] of saved) this.#factors.set(node, factors);
  }

  #of(node: number): readonly Slowness[] {
    return this.#factors.get(node) ?? [];
  }

  #product(node: number): Slowness {
    const product = { compute: 1, bandwidth: 1 };
    for (const { compute, bandwidth } of this.#of(node)) {
      product.compute *= compute;
      product.bandwidth *= bandwidth;
    }
    return product;
  }
}
