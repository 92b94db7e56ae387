import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logOf, Rig, runAudited } from '../../../test/support/network.js';
import { UsageError } from '../../errors.js';

const slow = { use: 'slow-node', nodes: [0], at: '4ms' };

for (const sharing of ['fair', 'fifo']) {
  const network = { uplink: '1Mbps', downlink: '2Mbps', sharing };
  const sends = [{ at: 0, from: 0, to: 1 }];

  test(`under ${sharing}, a transfer goes on more slowly while its node is slow`, async () => {
    // 8,000 bits: half of them in 4 ms at 1 Mbps; 2,000 in 8 ms at 250 kbps; the last 2,000 in 2 ms.
    const faults = [{ ...slow, for: '8ms', bandwidth: 4 }];
    const lines = await logOf({ nodes: 2, network, sends, faults });
    assert.ok(lines.includes('14000000 delivered 0>1 #0'), lines.join('\n'));
  });

  test(`under ${sharing}, factors of several faults multiply, and a slow receiver is slow too`, async () => {
    // 4,000 bits in 4 ms, 2,000 at 1 ÷ 2 Mbps until 8 ms, the last 2,000 at 1 ÷ 8 Mbps in 16 ms.
    const faults = [
      { ...slow, bandwidth: 2 },
      { ...slow, at: '8ms', bandwidth: 4 },
    ];
    const lines = await logOf({ nodes: 2, network, sends, faults });
    assert.ok(lines.includes('24000000 delivered 0>1 #0'), lines.join('\n'));
    // The receiver's 2 Mbps become 500 kbps at 4 ms: 4,000 bits are left then under fair, which take 8 ms.
    const receiver = [{ ...slow, nodes: [1], bandwidth: 4 }];
    const there = await logOf({ nodes: 2, network, sends, faults: receiver });
    // Under fifo the downlink was served at 2 Mbps, so that all 8,000 bits it could take were over at 4 ms: only the sender limits.
    const expected = sharing === 'fair' ? 12e6 : 8e6;
    assert.ok(there.includes(`${expected} delivered 0>1 #0`), there.join('\n'));
  });
}

test('a slow node has its tasks stretched, by the product of all factors', async () => {
  const faults = [
    { ...slow, nodes: [0, 1], for: '6ms', compute: 3 },
    { ...slow, at: '5ms', for: '1ms', compute: 2 },
  ];
  assert.deepEqual(await logOf({ nodes: 2, faults }), [
    '4000000 tasks of 0 take 3 times as long',
    '4000000 tasks of 1 take 3 times as long',
    '5000000 tasks of 0 take 6 times as long',
    '6000000 tasks of 0 take 3 times as long',
    '10000000 tasks of 0 take 1 times as long',
    '10000000 tasks of 1 take 1 times as long',
  ]);
});

test('bandwidths are rounded down to whole bits per second, and unlimited ones stay so', async () => {
  const parts = { uplink: '10bps', downlink: 'unlimited' };
  const rig = new Rig({ nodes: 2, network: parts, faults: [{ ...slow, bandwidth: 3 }] }).start();
  await runAudited(rig);
  const unlimited = Number.POSITIVE_INFINITY;
  assert.deepEqual([...rig.network.links().capacity.slice(0, 4)], [3, 10, unlimited, unlimited]);
});

test('a fault that makes nothing slow is refused', () => {
  assert.throws(() => new Rig({ nodes: 2, faults: [slow] }), /expected compute or bandwidth above 1/);
  const unknown = { ...slow, nodes: [2], compute: 2 };
  assert.throws(
    () => new Rig({ nodes: 2, faults: [unknown] }),
    (error) => error instanceof UsageError && error.path === 'faults.0.nodes',
  );
});
