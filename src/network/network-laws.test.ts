import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { type Flow, reference } from '../../test/support/maxmin.js';
import { logOf, Rig, type RigParts, runAudited } from '../../test/support/network.js';
import { byCodeUnit } from '../errors.js';
import { timeToSend } from './sharing/arithmetic.js';

const MS = 1e6;
const NODES = 5;
const node = fc.nat(NODES - 1);
const bandwidth = fc.constantFrom('unlimited', '1Mbps', '3Mbps', '700kbps', '999983bps', '20bps');
const send = fc
  .record({
    at: fc.oneof(
      fc.integer({ min: 0, max: 60 }).map((ms) => ms * MS),
      fc.integer({ min: 0, max: 60 * MS }),
    ),
    from: node,
    offset: fc.integer({ min: 1, max: NODES - 1 }),
    bytes: fc.integer({ min: 32, max: 6000 }),
    reliable: fc.boolean(),
    round: fc.nat(2),
    type: fc.nat(1),
  })
  .map(({ offset, ...rest }) => ({ ...rest, to: (rest.from + offset) % NODES }));
const nodeDown = fc
  .record({ node, at: fc.nat(80), for: fc.integer({ min: 1, max: 90 }) })
  .map((f) => ({ use: 'node-down', node: f.node, at: `${f.at}ms`, for: `${f.for}ms` }));
const randomNodeDown = fc.constant({ use: 'random-node-down', up: '40ms', down: '15ms' });
const latency = fc.constantFrom(
  { use: 'constant', value: '0ms' },
  { use: 'constant', value: '5ms' },
  { use: 'uniform', from: '1ms', to: '30ms' },
  { use: 'log-normal', median: '5ms', sigma: 1 },
);

const tcp = fc.record({
  use: fc.constant('tcp'),
  initialWindow: fc.constantFrom('400B', '1kB'),
  window: fc.constantFrom('900B', '5kB', '1MB'),
  handshake: fc.boolean(),
});
/** Two zones, a core and a transport, for a discipline that has them. */
const shared = fc.record({
  transport: fc.oneof(fc.constant('fluid'), tcp),
  core: bandwidth,
  zones: fc.record({
    left: fc.record({ nodes: fc.constant('0-1'), uplink: bandwidth, downlink: bandwidth }),
    right: fc.record({ nodes: fc.constant([3]), uplink: bandwidth, downlink: bandwidth }),
  }),
});

const plainNetworks = fc.record({
  latency,
  uplink: bandwidth,
  downlink: bandwidth,
  sharing: fc.constantFrom('fair', 'fifo'),
  drop: fc.constantFrom('0%', '20%'),
  retry: fc.constantFrom({ timeout: '10ms' }, { timeout: '10ms', tries: 2 }),
  overrides: fc.array(fc.record({ nodes: fc.tuple(node), uplink: bandwidth, downlink: bandwidth }), {
    maxLength: 3,
  }),
});

const rigs: fc.Arbitrary<RigParts> = fc.record({
  nodes: fc.constant(NODES),
  seed: fc.nat(1000),
  sends: fc.array(send, { minLength: 1, maxLength: 25 }),
  faults: fc.oneof(fc.array(nodeDown, { maxLength: 4 }), fc.tuple(randomNodeDown, nodeDown)),
  network: fc
    .tuple(plainNetworks, fc.option(shared))
    .map(([network, shared]) => (network.sharing === 'fair' ? { ...network, ...shared } : network)),
});
/** Slow links and random faults go on for ever; the laws hold at any time. */
const UNTIL = 250 * MS;

test('after every event, sent = delivered + dropped + cut + in flight, and the ledger has in flight what is under way', async () => {
  const seen = { delivered: 0, dropped: 0, cut: 0, inFlight: 0, retried: 0, unsent: 0 };
  await fc.assert(
    fc.asyncProperty(rigs, async (parts) => {
      const rig = new Rig(parts).start();
      await runAudited(rig, UNTIL);
      const { messages, bytes } = rig.ledger.totals();
      for (const key of ['delivered', 'dropped', 'cut', 'inFlight', 'retried'] as const)
        seen[key] += messages[key];
      seen.unsent += bytes.unsent;
    }),
    { seed: 1, numRuns: 400 },
  );
  for (const [what, count] of Object.entries(seen)) assert.ok(count > 0, `no scenario had any ${what}`);
});

test('a network that is saved at any event and loaded elsewhere continues identically', async () => {
  const end = (rig: Rig) => ({
    fingerprint: rig.kernel.trace.fingerprint,
    rows: [...rig.ledger.rows()],
    live: new Set([...rig.network.live()].map((attempt) => JSON.stringify(attempt))),
    busy: Array.from({ length: NODES }, (_, i) => rig.network.busy(i)),
  });
  await fc.assert(
    fc.asyncProperty(rigs, fc.nat(150), fc.nat(150), async (parts, events, other) => {
      const rig = new Rig(parts).start();
      await rig.kernel.run({ until: UNTIL, stop: () => rig.kernel.executed >= events });
      const logged = rig.log.length;
      const saved = deserialize(serialize(rig.save()));
      // Loaded over another moment of the run, of which nothing must be left.
      const copy = new Rig(parts).start();
      await copy.kernel.run({ until: UNTIL, stop: () => copy.kernel.executed >= other });
      copy.log.length = 0;
      copy.load(saved);
      // Streams of the other run that this one has not used stand at their start, so only they may differ.
      assert.deepEqual({ ...copy.save(), streams: saved.streams }, saved);
      await rig.kernel.run({ until: UNTIL });
      await runAudited(copy, UNTIL);
      assert.deepEqual(copy.log, rig.log.slice(logged));
      assert.deepEqual(end(copy), end(rig));
    }),
    { seed: 1, numRuns: 300 },
  );
});

test('no message is faster than its latency and its own bits over the narrower link', async () => {
  const rates: Record<string, number> = { '1Mbps': 1e6, '3Mbps': 3e6, '700kbps': 7e5, '999983bps': 999983 };
  const limited = fc.constantFrom(...Object.keys(rates));
  await fc.assert(
    fc.asyncProperty(
      fc.array(send, { minLength: 1, maxLength: 15 }),
      limited,
      limited,
      fc.constantFrom('fair', 'fifo'),
      async (sends, uplink, downlink, sharing) => {
        const network = { latency: { use: 'constant', value: '5ms' }, uplink, downlink, sharing };
        const log = await logOf({ nodes: NODES, network, sends });
        assert.equal(log.length, sends.length);
        const sequences = new Array<number>(NODES).fill(0);
        const ordered = sends.map((s, i) => ({ ...s, i })).sort((a, b) => a.at - b.at || a.i - b.i);
        for (const { at, from, to, bytes } of ordered) {
          const name = ` delivered ${from}>${to} #${sequences[from]!++}`;
          const time = Number.parseInt(log.find((line) => line.endsWith(name))!, 10);
          const least = timeToSend(8 * bytes, Math.min(rates[uplink]!, rates[downlink]!));
          assert.ok(time >= at + 5 * MS + least);
        }
      },
    ),
    { seed: 1, numRuns: 150 },
  );
});

/** Ends of fair transfers by brute force: all rates anew at every instant (in 2⁻³² bit/s), remainders as big whole nanobits. */
function bruteForce(
  capacity: readonly number[],
  sends: readonly { at: number; ends: Flow; bytes: number }[],
) {
  const BILLION = 10n ** 9n;
  const PARTS = 2n ** 32n;
  const left = new Map<number, bigint>();
  const finish = new Map<number, number>();
  let now = 0n;
  let rates = new Map<number, bigint>();
  let isFine = false;
  while (finish.size < sends.length) {
    let next = -1n;
    const consider = (time: bigint) => {
      if (next < 0n || time < next) next = time;
    };
    for (const { at } of sends) if (BigInt(at) > now) consider(BigInt(at));
    for (const [id, bits] of left) {
      const rate = rates.get(id)!;
      consider(now + (bits * PARTS + rate - 1n) / rate);
    }
    if (now === 0n && sends.some(({ at }) => at === 0) && left.size === 0 && finish.size === 0) next = 0n;
    for (const [id, bits] of [...left]) {
      const rest = bits - (rates.get(id)! * (next - now)) / PARTS;
      if (rest > 0n) left.set(id, rest);
      else {
        left.delete(id);
        finish.set(id, Number(next));
      }
    }
    now = next;
    for (const [id, { at, bytes }] of sends.entries())
      if (BigInt(at) === now) left.set(id, 8n * BigInt(bytes) * BILLION);
    const flows = new Map([...left.keys()].map((id) => [id, sends[id]!.ends]));
    const solved = reference({ capacity, flows }, isFine);
    isFine = solved.isFine;
    rates = new Map([...solved.rates].map(([id, rate]) => [id, BigInt(rate * 2 ** 32)]));
  }
  return finish;
}

/** Runs the sends, and compares their ends with those of the brute force. */
async function assertBruteForce(run: {
  readonly capacity: readonly number[];
  readonly network: Record<string, unknown>;
  readonly sends: NonNullable<RigParts['sends']>;
  readonly pathOf: (from: number, to: number) => Flow;
}): Promise<void> {
  const { capacity, network, sends, pathOf } = run;
  const log = await logOf({ nodes: NODES, network, sends });
  const ordered = sends.map((s, i) => ({ ...s, i })).sort((a, b) => a.at - b.at || a.i - b.i);
  const expected = bruteForce(
    capacity,
    ordered.map(({ at, from, to, bytes }) => ({ at, bytes: bytes!, ends: pathOf(from, to) })),
  );
  const sequences = new Array<number>(NODES).fill(0);
  const lines = ordered.map(
    ({ from, to }, i) => `${expected.get(i)} delivered ${from}>${to} #${sequences[from]!++}`,
  );
  assert.deepEqual([...log].sort(byCodeUnit), lines.sort(byCodeUnit));
}

test('fair transfers end at the same nanosecond as in a brute-force computation', async () => {
  const speed = fc.oneof(fc.integer({ min: 1e5, max: 2e6 }), fc.constant(1e6));
  const speeds = fc.array(speed, { minLength: 2 * NODES, maxLength: 2 * NODES });
  await fc.assert(
    fc.asyncProperty(speeds, fc.array(send, { minLength: 1, maxLength: 20 }), async (capacity, sends) => {
      const overrides = Array.from({ length: NODES }, (_, i) => ({
        nodes: [i],
        uplink: `${capacity[i]}bps`,
        downlink: `${capacity[NODES + i]}bps`,
      }));
      const pathOf = (from: number, to: number) => [from, NODES + to];
      await assertBruteForce({ capacity, network: { overrides }, sends, pathOf });
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('transfers over links of zones and a core end at the same nanosecond as in a brute-force computation', async () => {
  const speed = fc.integer({ min: 1e5, max: 2e6 });
  const ZONES = { left: [0, 1], right: [2, 3] };
  const zoneOf = (node: number) => Object.values(ZONES).findIndex((nodes) => nodes.includes(node));
  // Uplinks and downlinks of nodes, then of zones, then the core.
  const pathOf = (from: number, to: number): Flow => {
    const [source, target] = [zoneOf(from), zoneOf(to)];
    const own = [from, NODES + to];
    if (source === target && source >= 0) return own;
    const up = source < 0 ? [] : [2 * NODES + source];
    const down = target < 0 ? [] : [2 * NODES + 2 + target];
    return [...own, ...up, ...down, 2 * NODES + 4];
  };
  const speeds = fc.array(speed, { minLength: 2 * NODES + 5, maxLength: 2 * NODES + 5 });
  await fc.assert(
    fc.asyncProperty(speeds, fc.array(send, { minLength: 1, maxLength: 20 }), async (capacity, sends) => {
      const links = (uplink: number, downlink: number) => ({
        uplink: `${capacity[uplink]}bps`,
        downlink: `${capacity[downlink]}bps`,
      });
      const network = {
        overrides: Array.from({ length: NODES }, (_, i) => ({ nodes: [i], ...links(i, NODES + i) })),
        zones: Object.fromEntries(
          Object.entries(ZONES).map(([name, nodes], zone) => [
            name,
            { nodes, ...links(2 * NODES + zone, 2 * NODES + 2 + zone) },
          ]),
        ),
        core: `${capacity[2 * NODES + 4]}bps`,
      };
      await assertBruteForce({ capacity, network, sends, pathOf });
    }),
    { seed: 1, numRuns: 150 },
  );
});

test('bodies that differ only in their checksum give different fingerprints', async () => {
  const fingerprintOf = async (checksum: number) => {
    const rig = new Rig({ nodes: 2 });
    const body = { bytes: new Uint8Array(4), indexBytes: 0, valuesBytes: 4, headerBytes: 0, crc32: checksum };
    rig.network.send({ from: 0, to: 1, type: 0, round: 0, reliable: false, body });
    await rig.kernel.run();
    return rig.kernel.trace.fingerprint;
  };
  assert.equal(await fingerprintOf(1), await fingerprintOf(1));
  assert.notEqual(await fingerprintOf(1), await fingerprintOf(2));
});

test('a message enters the trace when it is sent, with all that it is, and when it ends, with its outcome', async () => {
  const rig = new Rig({ nodes: 3 });
  const { trace } = rig.kernel;
  const mixed: Record<string, number[]> = { sent: [], ended: [] };
  const mix = trace.mix.bind(trace);
  trace.mix = (value, what) => {
    mixed[what!.split(':')[0]!]?.push(value);
    mix(value, what);
  };
  rig.send({ at: 0, from: 1, to: 2, bytes: 132, round: 5, type: 1 });
  rig.send({ at: 0, from: 1, to: 0, bytes: 232 });
  await rig.kernel.run();
  const [first, second] = [2 ** 32, 2 ** 32 + 1];
  assert.deepEqual(mixed, {
    sent: [first, 2 * 256 + 1, 5, 132, 100, second, 0, 0, 232, 200],
    ended: [first, 4 * 132, 100, second, 4 * 232, 200],
  });
});
