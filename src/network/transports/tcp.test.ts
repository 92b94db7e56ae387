import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { logOf, Rig } from '../../../test/support/network.js';
import { networkOptions } from '../options.js';
import { paceOf } from './index.js';

const MS = 1e6;
/** 40 ms each way, so a round trip is 80 ms. */
const NETWORK = {
  latency: { use: 'constant', value: '40ms' },
  uplink: '100Mbps',
  downlink: 'unlimited',
  transport: 'tcp',
};

/** When one message of that many bytes arrives that is sent at 0, in milliseconds. */
async function arrival(bytes: number, network: Record<string, unknown> = {}): Promise<number> {
  const log = await logOf({
    nodes: 2,
    network: { ...NETWORK, ...network },
    sends: [{ at: 0, from: 0, to: 1, bytes }],
  });
  return Number.parseInt(log[0]!, 10) / MS;
}

test('800 kB over 100 Mbps with a round trip of 80 ms take five rounds of slow start', async () => {
  // 14,600 + 29,200 + 58,400 + 116,800 + 233,600 = 452,600 bytes in five rounds of 80 ms; the other 347,400 take 27.792 ms.
  assert.equal(await arrival(800_000), 467.792);
  assert.equal(await arrival(800_000, { uplink: 'unlimited' }), 440);
  assert.equal(await arrival(800_000, { transport: 'fluid' }), 104);
});

test('a handshake is a round trip before the first byte', async () => {
  const transport = { use: 'tcp', handshake: true };
  assert.equal(await arrival(800_000, { transport }), 547.792);
  assert.equal(await arrival(1000, { transport, uplink: 'unlimited' }), 80 + 40);
});

test('a link is busy while a message is under way on it, also where its sender waits', async () => {
  const transport = { use: 'tcp', handshake: true };
  const network = { ...NETWORK, downlink: '1Gbps', transport };
  const rig = new Rig({ nodes: 2, network, sends: [{ at: 0, from: 0, to: 1, bytes: 800_000 }] }).start();
  await rig.kernel.run();
  // Until the last byte has left; all bits together take 64 ms of that.
  assert.deepEqual(rig.network.busy(0), { uplink: 507.792 * MS, downlink: 0 });
  assert.deepEqual(rig.network.busy(1), { uplink: 0, downlink: 507.792 * MS });
});

test('what fits into the initial window never waits', async () => {
  assert.equal(await arrival(14_600), 1.168 + 40);
  assert.equal(await arrival(14_601), 80 + 80e-6 + 40);
});

test('a sender that is slower than its windows never waits', async () => {
  // 14,600 bytes take 116.8 ms at 1 Mbps, longer than a round trip.
  assert.equal(await arrival(100_000, { uplink: '1Mbps' }), 800 + 40);
});

test('from the greatest window on, a sender has window ÷ round-trip time', async () => {
  // 102,200 bytes in three rounds, then 697,800 bytes at 65,536 · 8 bits ÷ 80 ms = 6,553,600 bit/s.
  const network = { transport: { use: 'tcp', window: '65536B' } };
  assert.equal(await arrival(800_000, network), 1131.806641);
  const whole = { transport: { use: 'tcp', window: '14600B' }, uplink: 'unlimited' };
  assert.equal(await arrival(146_000, whole), 800 + 40);
});

test('without latency there is nothing to wait for', async () => {
  assert.equal(await arrival(800_000, { latency: { use: 'constant', value: '0ms' } }), 64);
});

test('a sender that waits leaves its link to others, and shares it when it goes on', async () => {
  const sends = [
    { at: 0, from: 0, to: 1, bytes: 800_000 },
    { at: 0, from: 0, to: 2, bytes: 800_000 },
    // The others wait for their second round.
    { at: 10 * MS, from: 0, to: 3, bytes: 10_000 },
  ];
  const log = await logOf({ nodes: 4, network: NETWORK, sends });
  // In their sixth round two have 347,400 bytes each to send at 50 Mbps: 55.584 ms.
  assert.deepEqual(log, [
    `${50.8 * MS} delivered 0>3 #2`,
    `${495.584 * MS} delivered 0>1 #0`,
    `${495.584 * MS} delivered 0>2 #1`,
  ]);
});

test('a cut charges the windows that had left, and a message that is tried again starts slowly again', async () => {
  const rig = new Rig({
    nodes: 2,
    network: { ...NETWORK, retry: { timeout: '100ms' } },
    sends: [{ at: 0, from: 0, to: 1, bytes: 100_000, reliable: true }],
    faults: [{ use: 'node-down', node: 1, at: '150ms', for: '10ms' }],
  }).start();
  await rig.kernel.run();
  // Two windows have left at 150 ms. Tried again at 250 ms: 14,600 + 29,200 in two rounds, and 56,200 bytes in 4.496 ms.
  const { bytes } = rig.ledger.totals();
  assert.deepEqual([bytes.cut, bytes.delivered], [43_800, 100_000]);
  assert.equal(rig.log.at(-1), `${(250 + 160 + 4.496 + 40) * MS} delivered 0>1 #0`);
});

/** The end of a transmission by the closed form of docs/network.md, in nanoseconds. */
function closedForm(run: {
  readonly bytes: number;
  readonly rate: number;
  readonly round: number;
  readonly initialWindow: number;
  readonly window: number;
}): number {
  const { bytes, rate, round, initialWindow, window } = run;
  const perNs = rate / 8e9;
  // Bytes that may have been sent before each round.
  const allowed = [0];
  for (let next = initialWindow; next < window && allowed.at(-1)! < bytes; next *= 2)
    allowed.push(Math.min(bytes, allowed.at(-1)! + next));
  const last = allowed.length - 1;
  if (allowed[last] === bytes)
    return Math.max(...allowed.slice(0, last).map((before, k) => k * round + (bytes - before) / perNs));
  // What of the windows is left when the last round begins.
  const left = Math.max(
    0,
    ...allowed.map((before, k) => allowed[last]! - before - (last - k) * round * perNs),
  );
  const limit = Math.min(perNs, window / round);
  return last * round + (bytes - allowed[last]! + left) / limit;
}

test('a message alone ends by the closed form, whatever its windows and its link', async () => {
  const parts = fc.record({
    bytes: fc.integer({ min: 100, max: 2_000_000 }),
    rate: fc.integer({ min: 1e5, max: 1e9 }),
    latency: fc.integer({ min: 1, max: 100 }),
    initialWindow: fc.integer({ min: 1000, max: 60_000 }),
    window: fc.integer({ min: 1000, max: 500_000 }),
  });
  let limited = 0;
  await fc.assert(
    fc.asyncProperty(parts, async ({ bytes, rate, latency, initialWindow, window }) => {
      const transport = { use: 'tcp', initialWindow: `${initialWindow}B`, window: `${window}B` };
      const network = {
        latency: { use: 'constant', value: `${latency}ms` },
        uplink: `${rate}bps`,
        transport,
      };
      const round = 2 * latency * MS;
      const end = closedForm({ bytes, rate, round, initialWindow, window });
      if ((window * 8e9) / round < rate) limited++;
      const got = (await arrival(bytes, network)) * MS - latency * MS;
      // Doubles of the closed form, and ends that are rounded up.
      assert.ok(Math.abs(got - end) <= 3 + 1e-9 * end, `${got} ns, expected ${end}`);
    }),
    { seed: 1, numRuns: 300 },
  );
  assert.ok(limited > 50);
});

test('a pace that makes no sense names its transport, and `fifo` refuses any pace', () => {
  const options = networkOptions.parse({ ...NETWORK, downlink: '1Mbps' });
  const attempt = { from: 0, to: 1, bytes: 1000, latency: 5 };
  const pace = { delay: 0, windows: [10], round: 5, limit: 1 };
  const wrong = [
    [{ delay: -1 }, /transport "tcp": expected whole nanoseconds as delay, got -1/],
    [{ round: 0 }, /expected whole nanoseconds as round, got 0/],
    [{ windows: [10, 0.5] }, /expected windows of at least 1 byte, got 0.5/],
    [{ limit: 0 }, /expected a limit above 0, got 0/],
  ] as const;
  for (const [change, message] of wrong) {
    const entry = { ...options.transport!.entry, pace: () => ({ ...pace, ...change }) };
    assert.throws(() => paceOf({ ...options.transport!, entry })!(attempt), message);
  }
  assert.throws(() => new Rig({ nodes: 2, network: { ...NETWORK, sharing: 'fifo' } }), {
    path: 'network.sharing',
    message: /in which a sender may wait .* got "fifo", which sends at the bandwidth of the link/,
  });
});
