import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logOf } from '../../../test/support/network.js';

const MS = 1e6;

/** Two racks of two nodes each, and two nodes in none. A message has 1,000 bytes unless it says otherwise. */
const RACKS = {
  uplink: '1Mbps',
  downlink: 'unlimited',
  zones: {
    left: { nodes: '0-1', uplink: '1Mbps', downlink: '4Mbps' },
    right: { nodes: '2-3', uplink: '4Mbps', downlink: '500kbps' },
  },
};

const arrivals = async (network: Record<string, unknown>, pairs: readonly (readonly [number, number])[]) => {
  const sends = pairs.map(([from, to]) => ({ at: 0, from, to }));
  const log = await logOf({ nodes: 6, network, sends });
  return Object.fromEntries(
    log.map((line) => {
      const [time, , pair] = line.split(' ');
      return [pair!, Number(time) / MS];
    }),
  );
};

test('what leaves a zone shares its uplink, and what stays within does not', async () => {
  // 0>4 and 1>5 have half of 1 Mbps each; 0>1 has the other half of the uplink of node 0 until 16 ms.
  assert.deepEqual(
    await arrivals(RACKS, [
      [0, 4],
      [1, 5],
      [0, 1],
    ]),
    { '0>4': 16, '1>5': 16, '0>1': 16 },
  );
  assert.deepEqual(await arrivals(RACKS, [[0, 1]]), { '0>1': 8 });
});

test('what enters a zone shares its downlink, wherever it comes from', async () => {
  // 500 kbps for four transfers: 125 kbps each. 5>4 crosses no zone and has the other 875 kbps of its uplink.
  const log = await arrivals(RACKS, [
    [0, 2],
    [1, 3],
    [4, 2],
    [5, 3],
    [5, 4],
  ]);
  assert.deepEqual(log, {
    '0>2': 64,
    '1>3': 64,
    '4>2': 64,
    '5>3': 64,
    '5>4': Math.ceil(8000e9 / 875_000) / MS,
  });
});

test('all that is between zones, or nodes of none, shares the core; what is within a zone does not', async () => {
  const network = { ...RACKS, core: '900kbps' };
  // Three transfers cross the core, 300 kbps each; 3>2 has what that leaves of the uplink of node 3.
  assert.deepEqual(
    await arrivals(network, [
      [0, 4],
      [3, 1],
      [4, 5],
      [3, 2],
    ]),
    {
      '0>4': Math.ceil(8000e9 / 300_000) / MS,
      '3>1': Math.ceil(8000e9 / 300_000) / MS,
      '4>5': Math.ceil(8000e9 / 300_000) / MS,
      '3>2': Math.ceil(8000e9 / 700_000) / MS,
    },
  );
});

test('a transfer that crosses five links has the share of its bottleneck, and others get what it leaves', async () => {
  // 0>2 and 1>3 leave `left` (1 Mbps), cross the core (1.2 Mbps) and enter `right` (500 kbps): 250 kbps each. 4>0 has what
  // they leave of the core, 700 kbps, though its own uplink and the downlink of `left` carry more.
  const network = { ...RACKS, core: '1200kbps' };
  assert.deepEqual(
    await arrivals(network, [
      [0, 2],
      [1, 3],
      [4, 0],
    ]),
    { '0>2': 32, '1>3': 32, '4>0': Math.ceil(8000e9 / 700_000) / MS },
  );
});

test('a cut in one zone frees the links that it shared', async () => {
  // 0>2 and 1>3 have 250 kbps each. Node 0 goes down at 16 ms: 1>3 has 4,000 bits left, at 500 kbps.
  const log = await logOf({
    nodes: 6,
    network: RACKS,
    sends: [
      { at: 0, from: 0, to: 2 },
      { at: 0, from: 1, to: 3 },
    ],
    faults: [{ use: 'node-down', node: 0, at: '16ms', for: '1s' }],
  });
  assert.deepEqual(log, ['16000000 down 0 pause', '24000000 delivered 1>3 #0', '1016000000 up 0']);
});
