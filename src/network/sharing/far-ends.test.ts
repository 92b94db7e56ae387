import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderWith } from '../../../test/support/latency.js';
import { Rig, readyFaults, runAudited } from '../../../test/support/network.js';

const DAY = 86_400e9;

for (const sharing of ['fair', 'fifo']) {
  test(`under ${sharing}, a transfer that ends beyond 104 days at its present bandwidth ends when that grows`, async () => {
    // 8 bit/s for a second, then 8 Mbps: 8 of 80 million bits are left out of the 10 seconds that follow.
    const steps = {
      up: `0,0,8,9000000000\n0,1,8000000,9000000000\n`,
      down: `1,0,9000000000,8\n1,1,9000000000,8000000\n`,
    };
    for (const lines of Object.values(steps)) {
      const directory = folderWith({ 'links.csv': `node,time_s,uplink_bps,downlink_bps\n${lines}` });
      const fault = { use: 'bandwidth-trace', file: 'links.csv', after: 'stop' };
      const ready = await readyFaults([fault], { nodes: 2, directory });
      const network = { uplink: '9Gbps', downlink: '9Gbps', sharing };
      const sends = [{ at: 0, from: 0, to: 1, bytes: 10_000_000 }];
      const rig = new Rig({ nodes: 2, network, ready, sends }).start();
      await runAudited(rig, 60e9);
      assert.deepEqual(rig.log, ['10999999000 delivered 0>1 #0']);
    }
  });

  test(`under ${sharing}, a transfer that would end beyond 104 days hinders nothing else, and is cut like any other`, async () => {
    const network = {
      uplink: 'unlimited',
      downlink: 'unlimited',
      sharing,
      overrides: [{ nodes: [0], uplink: '8bps' }],
    };
    for (const latency of ['0ms', '1h']) {
      const rig = new Rig({
        nodes: 4,
        network: { ...network, latency: { use: 'constant', value: latency } },
        sends: [
          { at: 0, from: 0, to: 1, bytes: 10_000_000 },
          // Its last byte leaves within the range, after 104.2 days, and arrives an hour later beyond it.
          { at: 0, from: 2, to: 3 },
        ],
        faults: [{ use: 'node-down', node: 0, at: '1s' }],
      }).start();
      await runAudited(rig);
      const later = latency === '0ms' ? 0 : 3600e9;
      assert.deepEqual(
        rig.log,
        later === 0
          ? ['0 delivered 2>3 #0', '1000000000 down 0 pause']
          : ['1000000000 down 0 pause', `${later} delivered 2>3 #0`],
      );
      assert.equal(rig.ledger.totals().bytes.cut, 1);
    }
  });

  test(`under ${sharing}, what leaves before 104 days and arrives after them schedules nothing before it has left`, async () => {
    // 104.2 days at 8 bit/s are 9,002,880 bytes; the range ends at 104.249 days, two hours before the arrival.
    const network = {
      uplink: '8bps',
      downlink: 'unlimited',
      sharing,
      latency: { use: 'constant', value: '3h' },
    };
    const rig = new Rig({ nodes: 2, network, sends: [{ at: 0, from: 0, to: 1, bytes: 9_002_880 }] }).start();
    await runAudited(rig, DAY);
    assert.deepEqual(rig.log, []);
  });
}
