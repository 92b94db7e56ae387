import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rig, type RigParts } from '../../../test/support/network.js';

const NETWORK = { uplink: '1Mbps', downlink: 'unlimited', sharing: { use: 'fair' } };
const MS = 1e6;

const pending = (rig: Rig, kind: string) => rig.kernel.save().events.filter((event) => event.kind === kind);

test('one event waits for the next flow that ends, whenever rates change', async () => {
  // 1000 bytes take 8 ms alone. The second flow starts at 2 ms, when 750 bytes are left: they take 12 ms at half the rate.
  const sends = [0, 2 * MS].map((at) => ({ at, from: 0, to: 1 }));
  const rig = new Rig({ nodes: 2, network: NETWORK, sends }).start();
  const ends: number[][] = [];
  for (const until of [1, 3, 15]) {
    await rig.kernel.run({ until: until * MS });
    ends.push(pending(rig, 'flow-ends').map(({ time }) => time / MS));
  }
  assert.deepEqual(ends, [[8], [14], [16]]);
  await rig.kernel.run();
  assert.deepEqual(rig.log, ['14000000 delivered 0>1 #0', '16000000 delivered 0>1 #1']);
  // Two sends, two updates as they start and two as they end, two ends and two arrivals.
  assert.equal(rig.kernel.executed, 10);
});

test('more flows than there is room for at first end as they would in any number', async () => {
  const sends = Array.from({ length: 150 }, (_, k) => ({ at: 0, from: 0, to: 1 + (k % 3) }));
  const rig = new Rig({ nodes: 4, network: NETWORK, sends }).start();
  await rig.kernel.run();
  // ⌊10^6 ÷ 150⌋ = 6666 bit/s each.
  const end = Math.ceil((8000 * 1e9) / 6666);
  assert.equal(rig.log.length, 150);
  assert.ok(rig.log.every((line) => line.startsWith(`${end} delivered`)));
});

test('shares that are no whole bits per second are used up to a thousandth, where a bit matters', async () => {
  // 40 messages of 100 bytes share 20 bit/s, so each has half a bit per second.
  const sends = Array.from({ length: 40 }, (_, k) => ({ at: 0, from: 0, to: 1 + (k % 2), bytes: 100 }));
  const network = { ...NETWORK, uplink: '20bps' };
  const rig = new Rig({ nodes: 3, network, sends }).start();
  await rig.kernel.run();
  assert.equal(rig.log.length, 40);
  assert.ok(rig.log.every((line) => line.startsWith(`${1600e9} delivered`)));
  // Three have 20 ÷ 3: 2,400 bits in 120 s, or a nanosecond later where the third of a bit is rounded.
  const three = new Rig({ nodes: 3, network, sends: sends.slice(0, 3) }).start();
  await three.kernel.run();
  for (const line of three.log) assert.ok(Math.abs(Number.parseInt(line, 10) - 120e9) < 100, line);
});

/** A rig in which the uplink of node 0 has other bandwidths from given instants on; it runs, or goes on, when it is told to. */
function changing(
  uplink: string,
  sends: RigParts['sends'],
  changes: readonly (readonly [number, number])[],
): Rig {
  const rig = new Rig({ nodes: 2, network: { ...NETWORK, uplink }, sends: sends ?? [] });
  const kind = rig.kernel.kind('test-change', ({ payload }) =>
    rig.network.setCapacity({ node: 0, link: 'uplink', bandwidth: payload }),
  );
  for (const [time, payload] of changes) rig.kernel.schedule({ time, kind, target: 0, payload });
  return rig;
}

test('a transfer whose end at its present rate is beyond 104 days ends by the rate that it has later', async () => {
  // 1.5 MB at 1 bit/s are 139 days. After an hour the link is faster: 12,000,000 − 3,600 bits at 1 Mbps.
  const sends = [{ at: 0, from: 0, to: 1, bytes: 1_500_000 }];
  const rig = changing('1bps', sends, [[3600e9, 1e6]]).start();
  await rig.kernel.run({ until: 1e9 });
  assert.deepEqual(pending(rig, 'flow-ends'), []);
  await rig.kernel.run();
  assert.deepEqual(rig.log, [`${3600e9 + 11_996_400_000} delivered 0>1 #0`]);
});

test('a link whose bandwidth changes carries on at the new one, stands still at 0, and is restored with it', async () => {
  // 8,000 bits: 2,000 in 2 ms at 1 Mbps, none for 3 ms, 4,000 in 2 ms at 2 Mbps, the last 2,000 in 4 ms at 500 kbps.
  const sends = [{ at: 0, from: 0, to: 1 }];
  const changes = [
    [2 * MS, 0],
    [5 * MS, 2e6],
    [7 * MS, 5e5],
  ] as const;
  for (const until of [0, 1, 2, 3, 5, 6, 7, 8]) {
    const rig = changing('1Mbps', sends, changes).start();
    await rig.kernel.run({ until: until * MS });
    const restored = changing('1Mbps', sends, []).load(rig.save());
    for (const each of [rig, restored]) {
      await each.kernel.run();
      assert.deepEqual(each.log, [`${11 * MS} delivered 0>1 #0`]);
    }
  }
});

test('an unlimited link stays so', () => {
  const rig = new Rig({ nodes: 2, network: NETWORK });
  const change = { node: 1, link: 'downlink', bandwidth: 5 } as const;
  assert.throws(() => rig.network.setCapacity(change), /an unlimited link stays so/);
});
