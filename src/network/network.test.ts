// Closed forms: every number here can be worked out on paper, and docs/network.md does so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logOf, Rig, type RigParts, runAudited } from '../../test/support/network.js';

const MS = 1e6;
const LATENCY = { latency: { use: 'constant', value: '20ms' } };
const BOTH = ['fair', 'fifo'] as const;

test('one message on an idle link takes latency plus bits over bandwidth', async () => {
  for (const sharing of BOTH) {
    for (const [uplink, downlink] of [
      ['1Mbps', 'unlimited'],
      ['unlimited', '1Mbps'],
      ['1Mbps', '1Mbps'],
      ['1Mbps', '2Mbps'],
      ['2Mbps', '1Mbps'],
    ]) {
      const network = { ...LATENCY, uplink, downlink, sharing };
      const log = await logOf({ nodes: 2, network, sends: [{ at: 0, from: 0, to: 1, bytes: 1000 }] });
      assert.deepEqual(log, ['28000000 delivered 0>1 #0'], `${sharing} ${uplink} ${downlink}`);
    }
  }
});

test('a transmission time is rounded up to the nanosecond', async () => {
  for (const sharing of BOTH) {
    const network = { ...LATENCY, uplink: '3Mbps', sharing };
    const log = await logOf({ nodes: 2, network, sends: [{ at: 0, from: 0, to: 1, bytes: 1000 }] });
    assert.deepEqual(log, [`${20 * MS + 2_666_667} delivered 0>1 #0`]);
  }
});

test('between unlimited links a message takes its latency', async () => {
  for (const sharing of BOTH) {
    const network = { ...LATENCY, sharing };
    const log = await logOf({ nodes: 2, network, sends: [{ at: 5, from: 0, to: 1 }] });
    assert.deepEqual(log, ['20000005 delivered 0>1 #0']);
  }
});

const TWO_SENDS = [
  { at: 0, from: 0, to: 1 },
  { at: 0, from: 0, to: 2 },
];

test('of two messages on one fifo uplink the second waits for the first', async () => {
  const network = { ...LATENCY, uplink: '1Mbps', sharing: 'fifo' };
  const log = await logOf({ nodes: 3, network, sends: TWO_SENDS });
  assert.deepEqual(log, ['28000000 delivered 0>1 #0', '36000000 delivered 0>2 #1']);
});

test('two messages on one fair uplink get half of it each', async () => {
  const network = { ...LATENCY, uplink: '1Mbps' };
  const log = await logOf({ nodes: 3, network, sends: TWO_SENDS });
  assert.deepEqual(log, ['36000000 delivered 0>1 #0', '36000000 delivered 0>2 #1']);
});

const TO_ONE = [
  { at: 0, from: 0, to: 2 },
  { at: 0, from: 1, to: 2 },
];

test('a fifo downlink receives one message at a time, in the order of their first bytes', async () => {
  const network = { ...LATENCY, uplink: '2Mbps', downlink: '1Mbps', sharing: 'fifo' };
  const log = await logOf({ nodes: 3, network, sends: TO_ONE });
  assert.deepEqual(log, ['28000000 delivered 0>2 #0', '36000000 delivered 1>2 #0']);
});

test('a fair downlink receives all messages at once', async () => {
  const network = { ...LATENCY, uplink: '2Mbps', downlink: '1Mbps' };
  const log = await logOf({ nodes: 3, network, sends: TO_ONE });
  assert.deepEqual(log, ['36000000 delivered 0>2 #0', '36000000 delivered 1>2 #0']);
});

test('three fair flows over unequal uplinks and downlinks run at 4, 3 and 2 Mbps', async () => {
  const network = {
    latency: { use: 'constant', value: '10ms' },
    uplink: 'unlimited',
    downlink: 'unlimited',
    overrides: [
      { nodes: [0], uplink: '10Mbps' },
      { nodes: [1], uplink: '2Mbps' },
      { nodes: [2], downlink: '6Mbps' },
      { nodes: [3], downlink: '3Mbps' },
    ],
  };
  const sends = [
    { at: 0, from: 0, to: 2, bytes: 1500 },
    { at: 0, from: 0, to: 3, bytes: 1500 },
    { at: 0, from: 1, to: 2, bytes: 1500 },
  ];
  assert.deepEqual(await logOf({ nodes: 4, network, sends }), [
    '13000000 delivered 0>2 #0',
    '14000000 delivered 0>3 #1',
    '16000000 delivered 1>2 #0',
  ]);
});

test('a fair flow that starts midway halves the rate of the first from then on', async () => {
  const network = { ...LATENCY, uplink: '1Mbps' };
  const sends = [
    { at: 0, from: 0, to: 1 },
    { at: 4 * MS, from: 0, to: 2 },
  ];
  assert.deepEqual(await logOf({ nodes: 3, network, sends }), [
    '32000000 delivered 0>1 #0',
    '36000000 delivered 0>2 #1',
  ]);
});

test('fair flows that start or end at one instant cause one update of the rates', async () => {
  const rig = new Rig({ nodes: 3, network: { uplink: '1Mbps' } });
  const second = rig.kernel.kind('second', () => rig.send({ at: 0, from: 0, to: 2 }));
  const first = rig.kernel.kind('first', () => {
    rig.send({ at: 0, from: 0, to: 1 });
    rig.kernel.schedule({ time: 0, kind: second, target: 0 });
  });
  rig.kernel.schedule({ time: 0, kind: first, target: 0 });
  await runAudited(rig);
  // Two sends, one filling, one event for both ends, one filling, two arrivals.
  assert.equal(rig.kernel.executed, 7);
});

const CUT: Omit<RigParts, 'faults'> = { nodes: 3, sends: TWO_SENDS };

test('a transfer that is cut is charged exactly the whole bytes that had left', async () => {
  // 3.0005 ms at 1 Mbps are 3,000.5 bits: 375 bytes. Fair: half of it for each of the two, 187.
  for (const [sharing, first, second] of [
    ['fifo', 375, 0],
    ['fair', 187, 187],
  ] as const) {
    const network = { ...LATENCY, uplink: '1Mbps', sharing };
    const faults = [{ use: 'node-down', node: 0, at: '3000500ns' }];
    const rig = new Rig({ ...CUT, network, faults }).start();
    await runAudited(rig);
    assert.deepEqual(rig.log, ['3000500 down 0 pause']);
    const rows = [...rig.ledger.rows()];
    assert.deepEqual(
      rows.map((row) => [row.cut_messages, row.cut_bytes, row.unsent_bytes, row.in_flight_bytes]),
      [
        [1, first, 1000 - first, 0],
        [1, second, 1000 - second, 0],
      ],
    );
    const { header, values } = rig.ledger.totals().parts;
    assert.equal(header + values, first + second);
  }
});

test('a message whose last byte has left is delivered even if its sender goes down', async () => {
  for (const sharing of BOTH) {
    const network = { ...LATENCY, uplink: '1Mbps', sharing };
    const faults = [{ use: 'node-down', node: 0, at: '8ms' }];
    const log = await logOf({ nodes: 2, network, faults, sends: [{ at: 0, from: 0, to: 1 }] });
    assert.deepEqual(log, ['8000000 down 0 pause', '28000000 delivered 0>1 #0'], sharing);
  }
});

test('a receiver that goes down cuts the messages on their way to it, and frees the uplink of the sender', async () => {
  // At 2 ms 250 bytes (fair: 125) of the first message have left; the second then has the uplink for itself.
  for (const [sharing, charged, delivery] of [
    ['fifo', 250, 30 * MS],
    ['fair', 125, 29 * MS],
  ] as const) {
    const network = { ...LATENCY, uplink: '1Mbps', sharing };
    const faults = [{ use: 'node-down', node: 1, at: '2ms' }];
    const rig = new Rig({ ...CUT, network, faults }).start();
    await runAudited(rig);
    assert.deepEqual(rig.log, ['2000000 down 1 pause', `${delivery} delivered 0>2 #1`]);
    assert.equal(rig.ledger.totals().bytes.cut, charged);
  }
});

test('after a cut a fifo uplink sends the rest of its queue one by one', async () => {
  const network = { ...LATENCY, uplink: '1Mbps', sharing: 'fifo' };
  const sends = [...TWO_SENDS, { at: 0, from: 0, to: 3 }];
  const faults = [{ use: 'node-down', node: 1, at: '2ms' }];
  assert.deepEqual(await logOf({ nodes: 4, network, sends, faults }), [
    '2000000 down 1 pause',
    '30000000 delivered 0>2 #1',
    '38000000 delivered 0>3 #2',
  ]);
});

test('a fifo downlink whose whole queue is cut is idle until the next message', async () => {
  const network = { ...LATENCY, uplink: '2Mbps', downlink: '1Mbps', sharing: 'fifo' };
  const faults = [{ use: 'node-down', node: 2, at: '25ms', for: '1ms' }];
  const sends = [...TO_ONE, { at: 30 * MS, from: 0, to: 2 }];
  const rig = new Rig({ nodes: 3, network, sends, faults }).start();
  await runAudited(rig);
  assert.deepEqual(rig.log.slice(2), ['58000000 delivered 0>2 #1']);
  // 5 ms of the first message, none of the second, 8 ms of the third.
  assert.equal(rig.network.busy(2).downlink, 13 * MS);
});

test('a receiver that goes down cuts a message that has left its sender, which is charged in full', async () => {
  for (const sharing of BOTH) {
    const network = { ...LATENCY, uplink: '1Mbps', sharing };
    const faults = [{ use: 'node-down', node: 1, at: '20ms', for: '1ms' }];
    const rig = new Rig({ nodes: 2, network, faults, sends: [{ at: 0, from: 0, to: 1 }] }).start();
    await runAudited(rig);
    assert.deepEqual(rig.log, ['20000000 down 1 pause', '21000000 up 1']);
    assert.equal(rig.ledger.totals().bytes.cut, 1000);
  }
});

test('a fifo downlink continues with the next message when the one it serves is cut', async () => {
  const network = {
    ...LATENCY,
    uplink: '1Mbps',
    downlink: '1Mbps',
    sharing: 'fifo',
    overrides: [{ nodes: [1], uplink: '8Mbps' }],
  };
  // Both first bytes arrive at 20 ms. Node 2 goes down at 24 ms, when the downlink serves its message, then waits.
  const sends = [
    { at: 0, from: 2, to: 0, bytes: 4000 },
    { at: 0, from: 1, to: 0 },
  ];
  const faults = [{ use: 'node-down', node: 2, at: '24ms' }];
  assert.deepEqual(await logOf({ nodes: 3, network, sends, faults }), [
    '24000000 down 2 pause',
    '32000000 delivered 1>0 #0',
  ]);
});

test('a message to a node that is down is sent, and cut on arrival unless the node is up again', async () => {
  for (const sharing of BOTH) {
    const network = { ...LATENCY, uplink: '1Mbps', sharing };
    const parts = { nodes: 2, network, sends: [{ at: 5 * MS, from: 0, to: 1 }] };
    const down = new Rig({
      ...parts,
      faults: [{ use: 'node-down', node: 1, at: '1ms', for: '40ms' }],
    }).start();
    await runAudited(down);
    assert.deepEqual(down.log, ['1000000 down 1 pause', '41000000 up 1']);
    assert.equal(down.ledger.totals().bytes.cut, 1000);
    assert.deepEqual(
      await logOf({ ...parts, faults: [{ use: 'node-down', node: 1, at: '1ms', for: '20ms' }] }),
      ['1000000 down 1 pause', '21000000 up 1', '33000000 delivered 0>1 #0'],
    );
  }
});

test('links are busy while they carry a transfer', async () => {
  for (const [sharing, downlink] of [
    ['fifo', 16 * MS],
    ['fair', 16 * MS],
  ] as const) {
    const network = { ...LATENCY, uplink: '2Mbps', downlink: '1Mbps', sharing };
    const rig = new Rig({ nodes: 3, network, sends: TO_ONE }).start();
    await runAudited(rig);
    assert.deepEqual(rig.network.busy(2), { uplink: 0, downlink });
    assert.deepEqual(rig.network.busy(0), { uplink: sharing === 'fifo' ? 4 * MS : 16 * MS, downlink: 0 });
  }
});

test('the bytes of a round of averaging are links × (32 + 4 · params), exactly', async () => {
  const params = 7850;
  const sends = Array.from({ length: 16 }, (_, i) =>
    [1, 15].map((offset) => ({ at: 0, from: i, to: (i + offset) % 16, bytes: 32 + 4 * params })),
  ).flat();
  const rig = new Rig({ nodes: 16, network: { ...LATENCY, uplink: '10Mbps' }, sends }).start();
  await runAudited(rig);
  const { bytes, parts } = rig.ledger.totals();
  assert.equal(bytes.delivered, 32 * (32 + 4 * 7850));
  assert.deepEqual(parts, { values: 32 * 4 * 7850, index: 0, header: 32 * 32, framing: 0 });
});

test('a message to the sender itself, to a missing node or from a node that is down fails an assertion', async () => {
  const rig = new Rig({ nodes: 2, faults: [{ use: 'node-down', node: 0, at: '0ms' }] }).start();
  assert.throws(
    () => rig.send({ at: 0, from: 0, to: 0 }),
    /expected another node as the receiver of node 0, got node 0 itself/,
  );
  assert.throws(() => rig.send({ at: 0, from: 0, to: 2 }), /node 2, which does not exist/);
  await rig.kernel.run();
  const message = { from: 0, to: 1, type: 0, round: 0, reliable: false };
  const body = { bytes: new Uint8Array(0), indexBytes: 0, valuesBytes: 0, headerBytes: 0, crc32: 0 };
  assert.throws(() => rig.network.send({ ...message, body }), /node 0 sends, but it is down/);
});
