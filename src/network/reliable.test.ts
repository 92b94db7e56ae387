import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logOf, Rig, runAudited } from '../../test/support/network.js';

const MS = 1e6;
const NETWORK = { latency: { use: 'constant', value: '20ms' }, uplink: '1Mbps' };
const RELIABLE = [{ at: 0, from: 0, to: 1, reliable: true }];
const PLAIN = Array.from({ length: 200 }, (_, i) => ({ at: i * MS, from: i % 4, to: (i + 1) % 4 }));

test('a dropped message uses the whole path and is booked when it would have arrived', async () => {
  const network = { ...NETWORK, drop: '100%' };
  const rig = new Rig({ nodes: 2, network, sends: [{ at: 0, from: 0, to: 1 }] }).start();
  await runAudited(rig, 27_999_999);
  assert.equal(rig.ledger.totals().messages.inFlight, 1);
  await runAudited(rig);
  assert.equal(rig.kernel.now, 28 * MS);
  assert.deepEqual(rig.log, []);
  assert.equal(rig.ledger.totals().bytes.dropped, 1000);
});

test('a reliable message is sent again after its timeout, and every attempt is charged', async () => {
  const network = { ...NETWORK, drop: '100%', retry: { timeout: '100ms', tries: 3 } };
  const rig = new Rig({ nodes: 2, network, sends: RELIABLE }).start();
  await runAudited(rig);
  // Each attempt takes 28 ms and then its timeout of 100 ms; the sender gives up after the third.
  assert.deepEqual(rig.log, ['384000000 undelivered 0>1 #0']);
  const { messages, bytes } = rig.ledger.totals();
  assert.deepEqual([messages.sent, messages.dropped, messages.retried], [3, 3, 2]);
  assert.deepEqual([bytes.sent, bytes.dropped], [3000, 3000]);
});

test('a reliable message is delivered exactly once at any share of drops below 100 %', async () => {
  const sends = PLAIN.map((send) => ({ ...send, reliable: true }));
  const network = { ...NETWORK, drop: '60%' };
  const rig = new Rig({ nodes: 4, network, sends }).start();
  await runAudited(rig);
  assert.equal(new Set(rig.log.map((line) => line.split(' delivered ')[1])).size, 200);
  assert.equal(rig.log.length, 200);
  const { messages } = rig.ledger.totals();
  assert.equal(messages.delivered, 200);
  assert.equal(messages.retried, messages.dropped);
  assert.ok(messages.dropped > 200 && messages.dropped < 400, String(messages.dropped));
});

test('a reliable message that is cut is sent again if both ends are up after the timeout', async () => {
  const fault = (duration: string) => [{ use: 'node-down', node: 1, at: '10ms', for: duration }];
  const network = { ...NETWORK, retry: { timeout: '100ms' } };
  assert.deepEqual(await logOf({ nodes: 2, network, sends: RELIABLE, faults: fault('50ms') }), [
    '10000000 down 1 pause',
    '60000000 up 1',
    '138000000 delivered 0>1 #0',
  ]);
  assert.deepEqual(await logOf({ nodes: 2, network, sends: RELIABLE, faults: fault('150ms') }), [
    '10000000 down 1 pause',
    '110000000 undelivered 0>1 #0',
    '160000000 up 1',
  ]);
});

test('a plain message that is dropped or cut is not sent again, and nothing is reported', async () => {
  const faults = [{ use: 'node-down', node: 1, at: '10ms' }];
  assert.deepEqual(await logOf({ nodes: 2, network: NETWORK, sends: [{ at: 0, from: 0, to: 1 }], faults }), [
    '10000000 down 1 pause',
  ]);
});

test('drops change no latency and no other random stream', async () => {
  const network = { ...NETWORK, uplink: 'unlimited', latency: { use: 'uniform', from: '1ms', to: '90ms' } };
  const all = await logOf({ nodes: 4, network, sends: PLAIN });
  const some = await logOf({ nodes: 4, network: { ...network, drop: '30%' }, sends: PLAIN });
  assert.equal(all.length, 200);
  assert.ok(some.length > 100 && some.length < 180, String(some.length));
  const times = new Set(all);
  for (const line of some) assert.ok(times.has(line), line);
});

test('a link draws its latencies from a stream of its own', async () => {
  const network = {
    ...NETWORK,
    uplink: 'unlimited',
    latency: { use: 'log-normal', median: '30ms', sigma: 0.5 },
  };
  const of = (log: string[]) => log.filter((line) => line.includes(' 0>1 '));
  const alone = await logOf({ nodes: 4, network, sends: PLAIN.filter(({ from }) => from === 0) });
  const together = await logOf({ nodes: 4, network, sends: PLAIN });
  assert.equal(of(alone).length, 50);
  assert.deepEqual(of(together), of(alone));
});

test('a message that was tried again leaves nothing behind', async () => {
  const network = { ...NETWORK, drop: '60%', retry: { timeout: '100ms', tries: 3 } };
  const sends = PLAIN.map((send) => ({ ...send, reliable: true }));
  const rig = new Rig({ nodes: 4, network, sends }).start();
  await runAudited(rig);
  assert.ok(rig.ledger.totals().messages.retried > 100);
  assert.deepEqual([...rig.network.save().retries], []);
});
