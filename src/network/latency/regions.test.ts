import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latencyFrom, table } from '../../../test/support/latency.js';
import { logOf } from '../../../test/support/network.js';
import { choice } from '../../options/index.js';
import { Random } from '../../random.js';
import { latencyList } from './index.js';

const TWO = {
  use: 'regions',
  regions: { eu: { nodes: [0, 2] }, us: { nodes: [1], uplink: '2Mbps', downlink: 'unlimited' } },
  means: { eu: { eu: '11ms', us: '62ms' }, us: { us: '16ms', eu: '70ms' } },
};

test('a message between regions takes their mean latency, in each direction its own', async () => {
  const latency = await latencyFrom(TWO, { nodes: 3 });
  assert.deepEqual(table(latency, 3), [
    [0, 62, 11],
    [70, 0, 70],
    [11, 62, 0],
  ]);
});

test('nodes have the links of their region', async () => {
  const latency = await latencyFrom(TWO, { nodes: 3 });
  const network = { uplink: '1Mbps', downlink: '1Mbps' };
  const log = (from: number, to: number) =>
    logOf({ nodes: 3, sends: [{ at: 0, from, to }], latency, network });
  // 8,000 bits: at 1 Mbps 8 ms; 1 sends at 2 Mbps, but 0 takes in at 1 Mbps.
  assert.deepEqual(await log(0, 1), ['70000000 delivered 0>1 #0']);
  assert.deepEqual(await log(1, 0), ['78000000 delivered 1>0 #0']);
  const plain = await latencyFrom({ ...TWO, bandwidths: false }, { nodes: 3 });
  assert.equal(plain.bandwidths, undefined);
  assert.deepEqual(
    [0, 1].map((node) => latency.bandwidths!(node).downlink),
    [undefined, Number.POSITIVE_INFINITY],
  );
});

test('a direction that is left out is as the other one', async () => {
  const means = { eu: { eu: '11ms', us: '62ms' }, us: { us: '16ms' } };
  assert.equal(table(await latencyFrom({ ...TWO, means }, { nodes: 3 }), 3)[1]![0], 62);
});

test('shares of the nodes that are named nowhere are exact', async () => {
  const regions = { eu: { nodes: '0-1' }, us: { share: '75%' }, asia: { share: '25%' } };
  const means = {
    eu: { eu: '1ms', us: '2ms', asia: '3ms' },
    us: { us: '4ms', asia: '5ms' },
    asia: { asia: '6ms' },
  };
  const drawn = new Set<string>();
  for (let seed = 1; seed <= 5; seed++) {
    const model = await latencyFrom({ use: 'regions', regions, means }, { nodes: 10, seed });
    const row = table(model, 10)[0]!;
    assert.equal(row[1], 1);
    assert.equal(row.filter((latency) => latency === 2).length, 6);
    assert.equal(row.filter((latency) => latency === 3).length, 2);
    drawn.add(row.join());
  }
  assert.ok(drawn.size > 1, 'which nodes these are is drawn');
});

test('the regions of SimBlock have the published latencies, bandwidths and shares of nodes', async () => {
  const model = await latencyFrom({ use: 'regions', preset: 'simblock-2019' }, { nodes: 10_000 });
  const uplinks = Array.from({ length: 10_000 }, (_, node) => model.bandwidths!(node).uplink);
  const count = (uplink: number) => uplinks.filter((own) => own === uplink).length;
  assert.deepEqual(
    [19.2e6, 20.7e6, 5.8e6, 15.7e6, 10.2e6, 11.3e6].map(count),
    [3316, 4998, 90, 1177, 224, 195],
  );
  const regions = { japan: { nodes: [0, 2] }, australia: { nodes: [1] } };
  for (const [year, latencies] of [
    ['2015', [163, 9]],
    ['2019', [126, 12]],
  ] as const) {
    const two = await latencyFrom({ use: 'regions', preset: `simblock-${year}`, regions }, { nodes: 3 });
    assert.deepEqual(table(two, 3)[0]!.slice(1), latencies);
  }
});

test('own means and links go before those of a preset, and own regions stand beside its own', async () => {
  const regions = { japan: { nodes: [0], uplink: '1Mbps' }, lab: { nodes: [1] }, europe: { nodes: [2] } };
  const means = { lab: { lab: '1ms', japan: '2ms', europe: '3ms' }, europe: { japan: '200ms' } };
  const model = await latencyFrom({ use: 'regions', preset: 'simblock-2019', regions, means }, { nodes: 3 });
  assert.deepEqual(table(model, 3), [
    [0, 2, 200],
    [2, 0, 3],
    [200, 3, 0],
  ]);
  const { uplink, downlink } = model.bandwidths!(0);
  assert.deepEqual([uplink, downlink], [1e6, 22.8e6]);
});

test('with a spread, latencies have the mean and the standard deviation that are stated', async () => {
  const model = await latencyFrom({ ...TWO, spread: '20%' }, { nodes: 3 });
  const random = new Random('spread');
  const drawn = Array.from(
    { length: 40_000 },
    () => model.draw(() => random, { from: 0, to: 1, now: 0 }) / 1e6,
  );
  const mean = drawn.reduce((sum, latency) => sum + latency, 0) / drawn.length;
  const variance = drawn.reduce((sum, latency) => sum + (latency - mean) ** 2, 0) / drawn.length;
  // Standard errors: 0.06 and 0.05 ms.
  assert.ok(Math.abs(mean - 62) < 0.25, String(mean));
  assert.ok(Math.abs(Math.sqrt(variance) - 12.4) < 0.25, String(Math.sqrt(variance)));
  assert.ok(drawn.every((latency) => latency > 0));
});

const REFUSED: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
  ['no regions', { regions: undefined }, /regions or a preset, got neither/],
  ['nodes and a share', { regions: { eu: { nodes: [0], share: '10%' } } }, /either nodes or a share/],
  ['a mean that is missing', { means: { eu: { eu: '1ms', us: '2ms' } } }, /from us to us, got none/],
  ['a mean of an unknown region', { means: { ...TWO.means, asia: { eu: '1ms' } } }, /\(eu, us\), got asia/],
  ['shares that do not sum up', { regions: { eu: { share: '50%' }, us: { share: '40%' } } }, /a sum of 90%/],
  ['a latency without a unit', { means: { eu: { eu: 5 } } }, /expected a duration/],
];

for (const [name, change, message] of REFUSED) {
  test(`regions refuse ${name}`, () => {
    const given = { ...TWO, ...change };
    const { error } = choice(latencyList).safeParse(given);
    assert.match(JSON.stringify(error?.issues ?? []), message);
  });
}

test('a node of two regions, of none, and one that does not exist are refused with their place', async () => {
  const refused = (eu: unknown, us: unknown) =>
    latencyFrom({ ...TWO, regions: { eu, us } }, { nodes: 3 }).catch((error: Error) => error);
  assert.deepEqual(
    [await refused({ nodes: [0, 1] }, { nodes: '1-2' }), await refused({ nodes: [0] }, { nodes: [1] })].map(
      String,
    ),
    [
      'UsageError: expected every node at one place, got node 1 at eu and at us',
      'UsageError: expected a place for every node, got none for node 2',
    ],
  );
  const unknown = await refused({ nodes: [0] }, { nodes: '1-3' });
  assert.match(String(unknown), /expected nodes from 0 to 2, got 3/);
  assert.equal((unknown as { path?: string }).path, 'network.latency.regions.us.nodes');
});
