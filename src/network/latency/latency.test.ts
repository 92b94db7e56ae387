import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { latencyFrom } from '../../../test/support/latency.js';
import { logOf, Rig } from '../../../test/support/network.js';
import { UsageError } from '../../errors.js';
import type { LatencyEntry } from './latency.js';

type Parts = Partial<LatencyEntry<object, { readonly shift: number }>>;

/** An entry that takes 1 ms · from + 10 ms · to + a quarter of the time, and what else a test gives it. */
const entryWith = (parts: Parts = {}): { use: LatencyEntry<object, never> } => ({
  use: {
    id: 'by-pair',
    description: 'an entry of a test',
    options: z.strictObject({}),
    draw: (_prepared, _random, { from, to, now }) => 1e6 * from + 10e6 * to + now / 4,
    ...parts,
  } as LatencyEntry<object, never>,
});

test('a latency is drawn for its link and its time', async () => {
  const sends = [
    { at: 0, from: 1, to: 2 },
    { at: 0, from: 2, to: 1 },
    { at: 100e6, from: 1, to: 0 },
  ];
  assert.deepEqual(await logOf({ nodes: 3, sends, network: { latency: entryWith() } }), [
    '12000000 delivered 2>1 #0',
    '21000000 delivered 1>2 #0',
    '126000000 delivered 1>0 #1',
  ]);
});

test('what a latency has prepared stands in place of its options, and may take its time', async () => {
  const entry = entryWith({
    prepare: async (_options, { nodes, learners, random }) => {
      await Promise.resolve();
      return { shift: nodes + learners + random.integer(1) };
    },
    draw: ({ shift }) => shift,
  });
  const model = await latencyFrom(entry, { nodes: 5 });
  assert.equal(
    model.draw(() => assert.fail(), { from: 0, to: 1, now: 0 }),
    10,
  );
});

test('a link loses the share of its attempts that the latency says', async () => {
  const latency = await latencyFrom(
    entryWith({
      loss:
        () =>
        ({ from, to }) =>
          from < to ? 1 : 0,
    }),
    {
      nodes: 2,
    },
  );
  const sends = [
    { at: 0, from: 0, to: 1 },
    { at: 0, from: 1, to: 0 },
  ];
  const rig = new Rig({ nodes: 2, sends, latency }).start();
  await rig.kernel.run();
  assert.deepEqual(rig.log, ['1000000 delivered 1>0 #0']);
  const { messages, bytes } = rig.ledger.totals();
  assert.deepEqual([messages.dropped, messages.delivered, bytes.dropped], [1, 1, 1000]);
});

test('an attempt is lost by its link or by network.drop, with one draw for both', async () => {
  const latency = await latencyFrom(entryWith({ draw: () => 1e6, loss: () => () => 0.2 }), { nodes: 2 });
  const sends = Array.from({ length: 4000 }, (_, k) => ({ at: k, from: 0, to: 1 }));
  const rig = new Rig({ nodes: 2, sends, latency, network: { drop: '50%' } }).start();
  await rig.kernel.run();
  // 1 − 0.5 · 0.8 = 60 %, standard deviation 31.
  const { dropped } = rig.ledger.totals().messages;
  assert.ok(Math.abs(dropped - 2400) < 100, String(dropped));
  const stream = new Rig({ nodes: 2 }).streams.stream('link 0>1/drop');
  const expected = sends.filter(() => stream.uniform() < 1 - (1 - 0.5) * (1 - 0.2)).length;
  assert.equal(dropped, expected);
});

test('nodes have the bandwidths that the latency knows, and overrides go before them', async () => {
  const bandwidths = () => (node: number) => (node === 0 ? { uplink: 2e6 } : { uplink: 4e6, downlink: 4e6 });
  const latency = await latencyFrom(entryWith({ bandwidths, draw: () => 0 }), { nodes: 4 });
  const network = {
    uplink: '1Mbps',
    downlink: '1Mbps',
    overrides: [{ nodes: [3], downlink: '8Mbps', uplink: '8Mbps' }],
  };
  const log = (from: number, to: number) =>
    logOf({ nodes: 4, sends: [{ at: 0, from, to }], latency, network });
  // 8,000 bits at 2, 4, 1 and 4 Mbps.
  assert.deepEqual(await log(0, 1), ['4000000 delivered 0>1 #0']);
  assert.deepEqual(await log(1, 2), ['2000000 delivered 1>2 #0']);
  assert.deepEqual(await log(1, 0), ['8000000 delivered 1>0 #0']);
  assert.deepEqual(await log(1, 3), ['2000000 delivered 1>3 #0']);
  assert.deepEqual(await log(3, 1), ['2000000 delivered 3>1 #0']);
});

test('a mistake that a latency finds while it gets ready has its place below network.latency', async () => {
  const failing = (path?: string) =>
    entryWith({
      prepare: () => {
        throw new UsageError('bad-file', 'expected a line, got none', path);
      },
    });
  await assert.rejects(latencyFrom(failing('file'), { nodes: 2 }), {
    name: 'UsageError',
    path: 'network.latency.file',
  });
  await assert.rejects(latencyFrom(failing(), { nodes: 2 }), { path: 'network.latency' });
});

test('what a latency gives is checked', async () => {
  const link = { from: 0, to: 1, now: 0 };
  const model = (parts: Parts) => latencyFrom(entryWith(parts), { nodes: 2 });
  const half = await model({ draw: () => 0.5 });
  assert.throws(
    () => half.draw(() => assert.fail(), link),
    /latency "by-pair": expected a whole number .*got 0\.5/,
  );
  const lossy = await model({ loss: () => () => 1.5 });
  assert.throws(() => lossy.loss!(link), { name: 'PluginError', message: /from 0 to 1, got 1\.5/ });
  for (const uplink of [0, 1.5, 9.1e12, Number.NaN]) {
    const wide = await model({ bandwidths: () => () => ({ uplink }) });
    assert.throws(() => wide.bandwidths!(0), { name: 'PluginError', message: /bits per second/ });
  }
  const thrown = model({
    prepare: () => {
      throw new Error('no such thing');
    },
  });
  await assert.rejects(thrown, { name: 'PluginError', message: 'latency "by-pair": no such thing' });
});
