/** What docs/network.md says of things that happen at one instant, and of receivers that are down. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { Rig, type RigParts, runAudited } from '../../test/support/network.js';
import type { AnyFault } from './faults/index.js';

/** 1,000 bytes over 1 Mbps leave until 8 ms and arrive at 28 ms. */
const LINKS = { uplink: '1Mbps', downlink: '1Mbps', latency: { use: 'constant', value: '20ms' } };

async function run(parts: Omit<RigParts, 'nodes'>) {
  const sends = [{ at: 0, from: 0, to: 1 }];
  const rig = new Rig({ nodes: 2, sends, ...parts, network: { ...LINKS, ...parts.network } }).start();
  await runAudited(rig);
  const { messages, bytes } = rig.ledger.totals();
  const { delivered, dropped, cut } = messages;
  return { log: rig.log, outcome: { delivered, dropped, cut }, sent: bytes.sent, unsent: bytes.unsent };
}

const down = (node: number, at: string) => ({ use: 'node-down', node, at });
const OUTCOMES = {
  delivered: { delivered: 1, dropped: 0, cut: 0 },
  dropped: { delivered: 0, dropped: 1, cut: 0 },
  cut: { delivered: 0, dropped: 0, cut: 1 },
};

for (const sharing of ['fair', 'fifo']) {
  const network = { sharing };

  test(`${sharing}: what leaves an uplink when its node goes down has left, and is delivered`, async () => {
    const { log, outcome } = await run({ network, faults: [down(0, '8ms')] });
    assert.deepEqual(log, ['8000000 down 0 pause', '28000000 delivered 0>1 #0']);
    assert.deepEqual(outcome, OUTCOMES.delivered);
    const before = await run({ network, faults: [down(0, '7999999ns')] });
    assert.deepEqual([before.outcome, before.sent, before.unsent], [OUTCOMES.cut, 999, 1]);
  });

  test(`${sharing}: an arrival at the instant at which node-down takes its receiver down is cut`, async () => {
    const { log, outcome, sent } = await run({ network, faults: [down(1, '28ms')] });
    assert.deepEqual(log, ['28000000 down 1 pause']);
    assert.deepEqual([outcome, sent], [OUTCOMES.cut, 1000]);
    const after = await run({ network, faults: [down(1, '28000001ns')] });
    assert.deepEqual(after.outcome, OUTCOMES.delivered);
  });

  test(`${sharing}: without latency, what leaves its sender when its receiver goes down is cut`, async () => {
    const at = { latency: { use: 'constant', value: '0ms' }, sharing };
    const { outcome, sent } = await run({ network: at, faults: [down(1, '8ms')] });
    assert.deepEqual([outcome, sent], [OUTCOMES.cut, 1000]);
  });

  test(`${sharing}: an arrival that was scheduled before the fault at its instant comes before it`, async () => {
    // At 25 ms this fault decides that node 1 goes down at 28 ms; the arrival is scheduled since 8 ms (fair) or 20 ms (fifo).
    const late: AnyFault = {
      id: 'late',
      description: 'a fault of a test',
      options: z.strictObject({}),
      start: (_options, { schedule }) => schedule({ event: 'decide', time: 25e6, target: 1 }),
      on: {
        decide: ({ target }, _options, { schedule }) => schedule({ event: 'go', time: 28e6, target }),
        go: ({ target }, _options, { hold }) => hold(target, 'pause'),
      },
    };
    const { log, outcome } = await run({ network, faults: [{ use: late }] });
    assert.deepEqual(log, ['28000000 delivered 0>1 #0', '28000000 down 1 pause']);
    assert.deepEqual(outcome, OUTCOMES.delivered);
  });

  test(`${sharing}: a lost attempt whose receiver is down when it would arrive is dropped, not cut`, async () => {
    const lossy = { sharing, drop: '100%' };
    const sends = [{ at: 5, from: 0, to: 1 }];
    const { outcome, sent } = await run({ network: lossy, sends, faults: [down(1, '0ms')] });
    assert.deepEqual([outcome, sent], [OUTCOMES.dropped, 1000]);
    const sound = await run({ network, sends, faults: [down(1, '0ms')] });
    assert.deepEqual([sound.outcome, sound.sent], [OUTCOMES.cut, 1000]);
  });

  test(`${sharing}: a lost attempt is cut like any other when its receiver goes down meanwhile`, async () => {
    const lossy = { sharing, drop: '100%' };
    const { outcome, sent } = await run({ network: lossy, faults: [down(1, '4ms')] });
    assert.deepEqual([outcome, sent], [OUTCOMES.cut, 500]);
  });

  test(`${sharing}: a message that is sent to a node that is down is delivered if it is up on arrival`, async () => {
    const sends = [{ at: 5, from: 0, to: 1 }];
    const faults = [{ ...down(1, '0ms'), for: '28000005ns' }];
    const { outcome } = await run({ network, sends, faults });
    // Both happen at 28,000,005 ns; node-up was scheduled first.
    assert.deepEqual(outcome, OUTCOMES.delivered);
    const later = await run({ network, sends, faults: [{ ...down(1, '0ms'), for: '28000006ns' }] });
    assert.deepEqual([later.outcome, later.sent], [OUTCOMES.cut, 1000]);
  });
}
