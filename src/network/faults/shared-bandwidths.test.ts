import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderWith } from '../../../test/support/latency.js';
import { Rig, readyFaults, runAudited } from '../../../test/support/network.js';
import { UsageError } from '../../errors.js';

const MS = 1e6;
const HEADER = 'link,time_s,bps\n';

/** Nodes 0 and 1 in a zone, node 2 in another one, node 3 in none. */
const NETWORK = {
  uplink: '9Gbps',
  zones: {
    left: { nodes: '0-1', uplink: '9Gbps' },
    right: { nodes: '2', downlink: '9Gbps' },
  },
  core: '9Gbps',
};

const ready = (lines: string, more: Record<string, unknown> = { after: 'stop' }, network: object = NETWORK) =>
  readyFaults([{ use: 'shared-bandwidth-trace', file: 'shared.csv', ...more }], {
    nodes: 4,
    network: { ...network },
    directory: folderWith({ 'shared.csv': HEADER + lines }),
  });

/** When a message of 1,000 bytes arrives on each link, in milliseconds; the same where the run is saved in the middle. */
async function arrivals(faults: Awaited<ReturnType<typeof ready>>, pairs: readonly [number, number][]) {
  const sends = pairs.map(([from, to]) => ({ at: 0, from, to }));
  const parts = { nodes: 4, network: NETWORK, ready: faults, sends };
  const whole = new Rig(parts).start();
  const until = 1e9;
  await runAudited(whole, until);
  for (const saved of [1, 3.5e6, 6e6]) {
    const first = new Rig(parts).start();
    await first.kernel.run({ until: saved });
    const second = new Rig(parts).load(structuredClone(first.save()));
    assert.deepEqual(second.network.links().capacity, first.network.links().capacity);
    await runAudited(second, until);
    assert.deepEqual([...first.log, ...second.log], whole.log);
  }
  return Object.fromEntries(whole.log.map((line) => [line.split(' ')[2]!, Number.parseInt(line, 10) / MS]));
}

/** 8,000 bits: 2,000 in 2 ms at 1 Mbps, none for 3 ms, 4,000 in 2 ms at 2 Mbps, the last 2,000 in 4 ms at 500 kbps. */
const lines = (link: string) =>
  [
    [0, 1e6],
    [0.002, 0],
    [0.005, 2e6],
    [0.007, 5e5],
  ]
    .map(([at, rate]) => `${link},${at},${rate}\n`)
    .join('');

const AT_ONCE = Math.ceil(8000 / 9) / MS;

test('a zone’s uplink and downlink follow a trace, and what does not use them does not notice', async () => {
  assert.deepEqual(await arrivals(await ready(lines('left/uplink')), [[0, 3]]), { '0>3': 11 });
  assert.deepEqual(await arrivals(await ready(lines('right/downlink')), [[3, 2]]), { '3>2': 11 });
  const within = await arrivals(await ready(lines('left/uplink')), [[0, 1]]);
  assert.deepEqual(within, { '0>1': AT_ONCE });
});

test('the core follows a trace for all that crosses it', async () => {
  // Two share it: 16,000 bits, 10,000 of them until 11 ms as above and until 23 ms at 500 kbps.
  const log = await arrivals(await ready(lines('core')), [
    [0, 2],
    [3, 1],
  ]);
  assert.deepEqual(log, { '0>2': 27, '3>1': 27 });
});

test('a trace of a shared link begins again after its period', async () => {
  // 1 Mbps for 2 of every 5 ms: 2,000 bits at 2, 7, 12 and 17 ms.
  const faults = await ready('core,0,1000000\ncore,0.002,0\n', { after: 'repeat', period: '5ms' });
  assert.deepEqual(await arrivals(faults, [[0, 3]]), { '0>3': 17 });
});

const told = (faults: Promise<unknown>): Promise<string> =>
  faults.then(
    () => 'accepted',
    (error: unknown) => {
      if (error instanceof UsageError) return `${error.path}: ${error.message}`;
      throw error;
    },
  );

test('a shared link that is not there or has no bandwidth is refused with file and line', async () => {
  const expected = 'expected a link with a bandwidth that nodes share (left/uplink, right/downlink, core)';
  for (const link of ['middle/uplink', 'left/downlink', 'left'])
    assert.equal(
      await told(ready(`core,0,1\n${link},0,1\n`)),
      `faults.0.file: shared.csv:3: ${expected}, got "${link}"`,
    );
  assert.match(
    await told(ready('core,0,1\n', { after: 'stop' }, {})),
    /shared.csv:2: .*\(none, since network has no zones and no core\)/,
  );
  assert.match(await told(ready('core,1,1\n')), /shared.csv:2: expected the first line of core at time_s 0/);
});

test('a link that two traces name is refused with both places', async () => {
  const directory = folderWith({
    'a.csv': 'node,time_s,uplink_bps,downlink_bps\n1,0,5,5\n',
    'b.csv': 'node,time_s,uplink_bps,downlink_bps\n0,0,5,5\n1,0,5,5\n1,2,6,6\n',
    'up.trace': '1\n2\n',
    'shared.csv': `${HEADER}left/uplink,0,5\ncore,0,5\n`,
  });
  const of = (...faults: Record<string, unknown>[]) =>
    told(
      readyFaults(
        faults.map((fault) => ({ after: 'stop', ...fault })),
        { nodes: 4, network: NETWORK, directory },
      ),
    );
  const a = { use: 'bandwidth-trace', file: 'a.csv' };
  const b = { use: 'bandwidth-trace', file: 'b.csv' };
  const up = { use: 'mahimahi', uplink: 'up.trace', nodes: [1, 2] };
  const expected = 'expected nodes whose links follow no other trace, got node 1, whose uplink follows';
  assert.equal(await of(a, b), `faults.1.file: b.csv:3: ${expected} a.csv:2 of faults.0`);
  assert.equal(await of(up, b), `faults.1.file: b.csv:3: ${expected} up.trace of faults.0`);
  assert.equal(
    await of(b, up),
    'faults.1.nodes: expected nodes whose uplinks follow no other trace, got node 1, whose uplink follows b.csv:3 of faults.0',
  );
  const shared = { use: 'shared-bandwidth-trace', file: 'shared.csv' };
  assert.equal(
    await of(shared, shared),
    'faults.1.file: shared.csv:2: expected links that follow no other trace, got left/uplink, which follows shared.csv:2 of faults.0',
  );
  // Different links of a node, and different links of the network.
  const down = { use: 'mahimahi', downlink: 'up.trace', nodes: [1, 2] };
  assert.equal(await of(up, down, shared), 'accepted');
});
