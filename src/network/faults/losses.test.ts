import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rig } from '../../../test/support/network.js';
import { Streams } from '../../random.js';
import { lossOfMessage } from './packets.js';

/** Sequence numbers of the messages of node 0 that arrive at node 1, sent a millisecond apart. */
async function arriving(
  faults: readonly Record<string, unknown>[],
  { count = 2000, bytes = 1000, network = {}, others = false } = {},
): Promise<{ readonly arrived: readonly number[]; readonly rig: Rig }> {
  const sends = Array.from({ length: count }, (_, i) => ({ at: i * 1e6, from: 0, to: 1, bytes }));
  const more = others ? sends.map((send) => ({ ...send, from: 2, to: 1 })) : [];
  const rig = new Rig({ nodes: 3, sends: [...sends, ...more], faults, network, seed: 3 }).start();
  await rig.kernel.run({});
  rig.network.audit();
  const arrived = rig.log
    .filter((line) => line.includes('delivered 0>1'))
    .map((line) => Number(line.split('#')[1]));
  return { arrived, rig };
}

test('a message is lost unless all of its packets get through', () => {
  assert.equal(lossOfMessage(0.1, 1500, 1500), 0.1);
  assert.ok(Math.abs(lossOfMessage(0.1, 1501, 1500) - 0.19) < 1e-15);
  assert.ok(Math.abs(lossOfMessage(0.01, 150_000, 1500) - (1 - 0.99 ** 100)) < 1e-12);
  assert.deepEqual([lossOfMessage(0, 1e9, 1500), lossOfMessage(1, 33, 1500)], [0, 1]);
});

test('a large message suffers more from lost packets than a small one', async () => {
  // A packet, and ten of them: 5 % and 1 − 0.95^10 = 40.1 % are lost. Four standard deviations of 2,000 draws: 1.95 % and 4.4 %.
  const loss = { use: 'packet-loss', loss: '5%', mtu: '1500B' };
  for (const [bytes, share, within] of [
    [1500, 0.05, 0.0195],
    [15_000, 0.4013, 0.044],
  ] as const) {
    const { arrived, rig } = await arriving([loss], { bytes });
    assert.ok(Math.abs(1 - arrived.length / 2000 - share) < within);
    const { messages, bytes: sent } = rig.ledger.totals();
    assert.equal(messages.dropped, 2000 - arrived.length);
    assert.equal(sent.dropped, bytes * messages.dropped);
  }
});

test('each lossy fault draws from streams of its own: none shifts the losses of another, nor does another link', async () => {
  const packet = { use: 'packet-loss', loss: '20%' };
  const burst = { use: 'burst-loss', good: '50ms', bad: '10ms' };
  const alone = (await arriving([packet])).arrived;
  const bursts = (await arriving([burst])).arrived;
  const drops = (await arriving([], { network: { drop: '10%' } })).arrived;
  const both = new Set(bursts);
  const neither = new Set(drops);
  const expected = alone.filter((sequence) => both.has(sequence) && neither.has(sequence));
  assert.ok(expected.length > 500);
  const options = { network: { drop: '10%' }, others: true };
  assert.deepEqual((await arriving([burst, packet], options)).arrived, expected);
});

test('two faults of one kind draw from different streams', async () => {
  const packet = { use: 'packet-loss', loss: '50%' };
  const { arrived } = await arriving([packet, packet]);
  // From one stream it would be a half; four standard deviations are 3.9 %.
  assert.ok(Math.abs(arrived.length / 2000 - 0.25) < 0.039);
});

test('a link is good and bad for the times of its own stream, whatever is sent on it', async () => {
  const { arrived } = await arriving([{ use: 'burst-loss', good: '30ms', bad: '10ms' }]);
  const stream = new Streams(3).stream('link 0>1/faults/burst-loss/weather');
  const expected: number[] = [];
  let isBad = stream.uniform() < 10 / 40;
  let until = Math.ceil(stream.exponential(isBad ? 10e6 : 30e6));
  for (let sequence = 0; sequence < 2000; sequence++) {
    while (until <= sequence * 1e6) {
      isBad = !isBad;
      until += Math.ceil(stream.exponential(isBad ? 10e6 : 30e6));
    }
    if (!isBad) expected.push(sequence);
  }
  assert.deepEqual(arrived, expected);
});

test('burst losses have the stationary share of the closed form, and last as long as they should', async () => {
  const burst = { use: 'burst-loss', good: '9ms', bad: '3ms', lossGood: '10%', lossBad: '90%' };
  const count = 40_000;
  const { arrived } = await arriving([burst], { count });
  // (9 · 10 % + 3 · 90 %) ÷ 12 = 30 %. Correlated by e^(−t/τ) with 1/τ = 1/9 + 1/3, τ = 2.25 ms.
  const isLost = new Uint8Array(count).fill(1);
  for (const sequence of arrived) isLost[sequence] = 0;
  const share = 1 - arrived.length / count;
  assert.ok(Math.abs(share - 0.3) < 0.015, `${share}`);
  // Covariance of losses a millisecond apart: (0.9 − 0.1)² · ¼ · ¾ · e^(−1/2.25) = 0.0769.
  let products = 0;
  for (let k = 1; k < count; k++) products += (isLost[k]! - share) * (isLost[k - 1]! - share);
  assert.ok(Math.abs(products / count - 0.0769) < 0.008, `${products / count}`);
});

test('in bursts, packets may be lost in place of messages', async () => {
  // Always bad with a share of 10 % of packets: ten packets lose 1 − 0.9^10 = 65 %.
  const burst = { use: 'burst-loss', good: '1ns', bad: '100min', lossBad: '10%', mtu: '100B' };
  const { arrived } = await arriving([burst], { bytes: 1000 });
  assert.ok(Math.abs(1 - arrived.length / 2000 - 0.6513) < 0.043);
});

test('losses concern the nodes that are named only', async () => {
  const { arrived } = await arriving([
    { use: 'packet-loss', loss: '100%', nodes: [2] },
    { use: 'burst-loss', good: '1ns', bad: '1h', nodes: [2] },
  ]);
  assert.equal(arrived.length, 2000);
});
