import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rig } from '../../../test/support/network.js';

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
