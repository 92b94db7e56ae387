import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logOf, Rig, readyFaults, runAudited } from '../../../test/support/network.js';
import { UsageError } from '../../errors.js';

const MBPS = {
  latency: { use: 'constant', value: '20ms' },
  uplink: '1Mbps',
  downlink: 'unlimited',
} as const;

const refusal = (nodes: number, fault: Record<string, unknown>): string => {
  try {
    new Rig({ nodes, faults: [fault] });
  } catch (error) {
    if (error instanceof UsageError) return `${error.code} ${error.path}`;
    throw error;
  }
  return 'accepted';
};

test('a partition cuts what is under way between groups, wherever it is, and leaves the rest alone', async () => {
  // 1,000 bytes take 8 ms at 1 Mbps, and 20 ms on the way. At 10 ms 0>2 has left and is on its way; 1>3 has sent 5 of its 8 ms.
  const sends = [
    { at: 0, from: 0, to: 2 },
    { at: 5e6, from: 1, to: 3 },
    { at: 0, from: 2, to: 3 },
    { at: 0, from: 4, to: 5 },
    { at: 0, from: 4, to: 5 },
    { at: 0, from: 5, to: 3 },
  ];
  const ready = await readyFaults([{ use: 'partition', groups: ['0-1', [2, 3]], at: '10ms', for: '100ms' }], {
    nodes: 6,
  });
  const network = { ...MBPS, sharing: 'fifo' };
  const rig = new Rig({ nodes: 6, network, sends, ready }).start();
  await runAudited(rig);
  assert.deepEqual(rig.log, [
    '28000000 delivered 2>3 #0',
    '28000000 delivered 4>5 #0',
    '36000000 delivered 4>5 #1',
  ]);
  const { messages, bytes } = rig.ledger.totals();
  assert.deepEqual([messages.cut, messages.delivered], [3, 3]);
  // Whole, 5 ms at 125 bytes a millisecond, and whole.
  assert.equal(bytes.cut, 1000 + 625 + 1000);
});

test('what is sent between groups is transmitted, and cut where it arrives before the partition is over', async () => {
  const sends = [
    { at: 10e6, from: 0, to: 1 },
    { at: 11e6, from: 1, to: 0 },
  ];
  const ready = await readyFaults([{ use: 'partition', groups: [[0]], at: '5ms', for: '33500us' }], {
    nodes: 2,
  });
  const rig = new Rig({ nodes: 2, network: MBPS, sends, ready }).start();
  await runAudited(rig);
  assert.deepEqual(rig.log, ['39000000 delivered 1>0 #0']);
  const { bytes } = rig.ledger.totals();
  assert.deepEqual([bytes.cut, bytes.delivered], [1000, 1000]);
});

test('a reliable message gets through when the partition is over', async () => {
  const sends = [{ at: 0, from: 0, to: 1, reliable: true }];
  const ready = await readyFaults([{ use: 'partition', groups: [[0]], at: '1ms', for: '300ms' }], {
    nodes: 2,
  });
  const network = { ...MBPS, retry: { timeout: '100ms' } };
  // Cut at 1 ms; again from 101 ms, cut on arrival at 129 ms; from 229 ms, cut at 257 ms; from 357 ms.
  const rig = new Rig({ nodes: 2, network, sends, ready }).start();
  await runAudited(rig);
  assert.deepEqual(rig.log, ['385000000 delivered 0>1 #0']);
  const { messages, bytes } = rig.ledger.totals();
  assert.deepEqual([messages.sent, messages.cut, bytes.cut], [4, 3, 125 + 1000 + 1000]);
});

test('a link goes down in both directions or in one, and other links of its nodes do not', async () => {
  const sends = [
    { at: 2e6, from: 0, to: 1 },
    { at: 2e6, from: 1, to: 0 },
    { at: 2e6, from: 2, to: 1 },
  ];
  const down = { use: 'link-down', from: 0, to: 1, at: '1ms' };
  const log = (more: Record<string, unknown>) =>
    logOf({ nodes: 3, network: MBPS, sends, faults: [{ ...down, ...more }] });
  const [there, back, other] = ['0>1', '1>0', '2>1'].map((link) => `30000000 delivered ${link} #0`);
  assert.deepEqual(await log({}), [other]);
  assert.deepEqual(await log({ direction: 'one' }), [back, other]);
  assert.deepEqual(await log({ direction: 'one', from: 1, to: 0 }), [there, other]);
  assert.deepEqual(await log({ for: '28ms' }), [there, back, other]);
});

test('a link is down while at least one of several overlapping faults holds it so', async () => {
  const down = { use: 'link-down', from: 0, to: 1 };
  const sends = [15e6, 25e6, 35e6, 45e6].map((at) => ({ at, from: 0, to: 1 }));
  const faults = [
    { ...down, at: '10ms', for: '20ms' },
    { ...down, at: '20ms', for: '20ms' },
  ];
  assert.deepEqual(await logOf({ nodes: 2, sends, faults }), ['45000000 delivered 0>1 #3']);
});

test('a run that is saved while links are down goes on like one that is not', async () => {
  const sends = [5e6, 15e6, 25e6].map((at) => ({ at, from: 0, to: 1, reliable: true }));
  const faults = [
    { use: 'link-down', from: 0, to: 1, at: '10ms', for: '40ms' },
    { use: 'slow-node', nodes: [0], at: '3ms', for: '30ms', bandwidth: 4 },
    { use: 'burst-loss', good: '20ms', bad: '5ms' },
  ];
  const parts = { nodes: 2, sends, faults, network: { ...MBPS, retry: { timeout: '7ms' } } };
  const whole = new Rig(parts).start();
  await runAudited(whole);
  for (const until of [4e6, 12e6, 20e6, 34e6, 60e6]) {
    const first = new Rig(parts).start();
    await first.kernel.run({ until });
    const second = new Rig(parts).load(structuredClone(first.save()));
    await runAudited(second);
    assert.deepEqual([...first.log, ...second.log], whole.log);
    assert.equal(second.kernel.trace.fingerprint, whole.kernel.trace.fingerprint);
  }
});

test('groups that overlap, unknown nodes, and a link from a node to itself are refused', () => {
  const partition = { use: 'partition', at: '1s' };
  assert.equal(refusal(4, { ...partition, groups: [[0, 1], '1-2'] }), 'repeated-node faults.0.groups.1');
  assert.equal(refusal(4, { ...partition, groups: [[0], [4]] }), 'unknown-node faults.0.groups.1');
  assert.equal(refusal(4, { ...partition, groups: ['0-3'] }), 'one-group faults.0.groups');
  assert.equal(refusal(4, { ...partition, groups: ['0-2'] }), 'accepted');
  const link = { use: 'link-down', from: 0, at: '1s' };
  assert.equal(refusal(4, { ...link, to: 0 }), 'same-node faults.0.to');
  assert.equal(refusal(4, { ...link, to: 4 }), 'unknown-node faults.0.to');
});
