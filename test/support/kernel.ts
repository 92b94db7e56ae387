/** Helpers of the tests of the kernel. */
import { type Gates, Kernel } from '../../src/kernel/kernel.js';
import { Trace } from '../../src/kernel/trace.js';

/** A kernel with the kind `note`, which logs payloads. */
export function noting(gates?: Gates) {
  const kernel = new Kernel(gates ? { trace: new Trace(), gates } : { trace: new Trace() });
  const notes: number[] = [];
  const note = kernel.kind('note', (event) => void notes.push(event.payload));
  const at = (time: number, payload: number, more: { priority?: number; gate?: number } = {}) =>
    kernel.schedule({ time, kind: note, target: 0, payload, ...more });
  return { kernel, notes, note, at };
}

/** Gates that count how often they were settled. */
export class FakeGates implements Gates {
  readonly open = new Set<number>();
  readonly pending = new Set<number>();
  settlements = 0;

  settled(task: number): boolean {
    return this.open.has(task);
  }

  async settle(): Promise<void> {
    this.settlements++;
    await Promise.resolve();
    for (const task of this.pending) this.open.add(task);
    this.pending.clear();
  }
}
