import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { FakeGates, noting } from '../../test/support/kernel.js';
import { type EventId, Kernel, type KernelState } from './kernel.js';
import { Trace, type TraceRecord } from './trace.js';

/** A small world whose whole future depends on its state: it schedules, cancels and mixes by a running hash. */
class World {
  readonly kernel: Kernel;
  readonly log: TraceRecord[] = [];
  state = { hash: 0, held: [] as EventId[] };
  readonly #kinds = new Map<string, number>();

  constructor(names: readonly string[]) {
    this.kernel = new Kernel({ trace: new Trace({ event: (record) => void this.log.push(record) }) });
    for (const name of names) {
      const kind = this.kernel.kind<number | { hash: number }>(name, ({ payload, time, target }) => {
        this.#live(typeof payload === 'number' ? payload : payload.hash, time + target);
      });
      this.#kinds.set(name, kind);
    }
  }

  plant(seed: number): void {
    this.state.hash = seed;
    for (let i = 0; i < 30; i++) this.#live(seed, i);
  }

  #live(payload: number, salt: number): void {
    this.state.hash = (Math.imul(this.state.hash ^ payload, 0x9e3779b1) + salt) | 0;
    const hash = this.state.hash;
    this.kernel.trace.mix(hash / 3);
    const children = this.kernel.pending < 40 ? 2 : this.kernel.pending > 400 ? 0 : 1 + (hash & 1);
    for (let i = 0; i < children; i++) {
      const id = this.kernel.schedule({
        time: this.kernel.now + ((hash >>> (i * 7)) & 1023) * (hash & 64 ? 1 : 1000),
        kind: this.#kinds.get(hash & 4 ? 'grow' : 'rest')!,
        target: (hash >>> 5) & 15,
        priority: (hash >>> 9) & 3,
        payload: hash & 8 ? hash : { hash },
      });
      if (hash & 16) this.state.held.push(id);
    }
    if (hash & 32 && this.state.held.length > 0) {
      const index = (hash >>> 10) % this.state.held.length;
      this.kernel.trace.mix(this.kernel.cancel(this.state.held.splice(index, 1)[0]!) ? 1 : 0);
    }
  }

  async runTo(executed: number): Promise<void> {
    await this.kernel.run({ stop: () => this.kernel.executed >= executed });
  }
}

test('a run that is saved at any moment and loaded elsewhere is the same run', async () => {
  const moments = fc.record({ seed: fc.integer(), before: fc.nat(3000), after: fc.nat(1000) });
  await fc.assert(
    fc.asyncProperty(moments, async ({ seed, before, after }) => {
      const whole = new World(['grow', 'rest']);
      whole.plant(seed);
      await whole.runTo(before);
      const saved = serialize({ kernel: whole.kernel.save(), state: whole.state });
      whole.log.length = 0;
      await whole.runTo(before + after);

      const resumed = new World(['unused', 'rest', 'grow']);
      const { kernel, state } = deserialize(saved) as { kernel: KernelState; state: World['state'] };
      resumed.kernel.load(kernel);
      resumed.state = state;
      await resumed.runTo(before + after);
      assert.deepEqual(resumed.log, whole.log);
      assert.equal(resumed.kernel.trace.fingerprint, whole.kernel.trace.fingerprint);
      assert.deepEqual(resumed.kernel.save(), whole.kernel.save());
      assert.deepEqual(resumed.state, whole.state);
    }),
    { seed: 1, numRuns: 40 },
  );
});

test('saving settles no gate, and keeps it', async () => {
  const gates = new FakeGates();
  const { kernel, at } = noting(gates);
  at(1, 1, { gate: 12 });
  const state = kernel.save();
  assert.equal(gates.settlements, 0);
  const resumed = noting(gates);
  resumed.kernel.load(state);
  gates.pending.add(12);
  await resumed.kernel.run();
  assert.deepEqual([resumed.notes, gates.settlements], [[1], 1]);
});

test('a saved event of an unknown kind is an error that names the known ones', () => {
  const { kernel, at } = noting();
  at(1, 1);
  const other = new Kernel({ trace: new Trace() });
  other.kind('deliver', () => {});
  assert.throws(
    () => other.load(kernel.save()),
    /expected saved events of known kinds \(deliver\), got the kind "note"/,
  );
});

test('the fingerprint of a small run is the one that it always was', async () => {
  const world = new World(['grow', 'rest']);
  world.plant(7);
  await world.runTo(500);
  assert.equal(world.kernel.trace.fingerprint, '5d2c7da56f266d4f');
});
